// The theme colours that the views use, with the values of VS Code's own dark, light and high contrast themes.

const dark = {
  'font-family': 'system-ui, "Segoe UI", Ubuntu, "DejaVu Sans", sans-serif', 'editor-background': '#1f1f1f', foreground: '#cccccc', 'editor-foreground': '#ededed', descriptionForeground: '#9d9d9d',
  'panel-border': '#2b2b2b', 'widget-border': '#383838', 'editorWidget-background': '#252526', focusBorder: '#0078d4', 'textLink-foreground': '#4daafc', 'list-hoverBackground': '#2a2d2e',
  'list-inactiveSelectionBackground': '#37373d', 'toolbar-activeBackground': '#37373d', 'progressBar-background': '#0078d4', 'button-background': '#0078d4', 'button-foreground': '#ffffff', 'button-hoverBackground': '#026ec1',
  'button-secondaryBackground': '#313131', 'button-secondaryForeground': '#cccccc', errorForeground: '#f85149', 'editorWarning-foreground': '#cca700', 'charts-green': '#89d185', 'charts-orange': '#d18616', 'charts-purple': '#b180d7', 'charts-yellow': '#cca700',
  'inputValidation-warningBackground': '#352a05', 'readingRoom-supported': '#4db89a', 'readingRoom-unsupported': '#ec8a62', 'readingRoom-missed': '#dd9ccb', 'readingRoom-absent': '#8a8a8a', 'readingRoom-token': '#e3b341',
};
const light: Record<string, string> = {
  ...dark, 'editor-background': '#ffffff', foreground: '#3b3b3b', 'editor-foreground': '#1a1a1a', descriptionForeground: '#6a6a6a', 'panel-border': '#e5e5e5', 'widget-border': '#d6d6d6', 'editorWidget-background': '#f8f8f8',
  focusBorder: '#005fb8', 'textLink-foreground': '#005fb8', 'list-hoverBackground': '#f2f2f2', 'list-inactiveSelectionBackground': '#e4e6f1', 'toolbar-activeBackground': '#e4e6f1', 'progressBar-background': '#005fb8', 'button-background': '#005fb8',
  'button-secondaryBackground': '#e5e5e5', 'button-secondaryForeground': '#3b3b3b', errorForeground: '#c72e0f', 'editorWarning-foreground': '#bf8803', 'inputValidation-warningBackground': '#f6f5d2',
  'readingRoom-supported': '#00785c', 'readingRoom-unsupported': '#b9480f', 'readingRoom-missed': '#96397f', 'readingRoom-absent': '#7a7a7a', 'readingRoom-token': '#8a6100',
};
const hc: Record<string, string> = {
  ...dark, 'editor-background': '#000000', foreground: '#ffffff', 'editor-foreground': '#ffffff', descriptionForeground: '#e0e0e0', 'panel-border': '#6fc3df', 'widget-border': '#6fc3df', contrastBorder: '#6fc3df', 'editorWidget-background': '#0c141f',
  focusBorder: '#f38518', 'textLink-foreground': '#21a6ff', 'list-hoverBackground': '#1a1a1a', 'list-inactiveSelectionBackground': '#1a1a1a', 'toolbar-activeBackground': '#1a3a4a', 'button-background': '#000000', 'button-border': '#6fc3df', 'button-secondaryBackground': '#000000', 'button-secondaryForeground': '#ffffff',
};
const hcLight: Record<string, string> = {
  ...light, foreground: '#292929', 'editor-foreground': '#292929', descriptionForeground: '#292929', 'panel-border': '#0f4a85', 'widget-border': '#0f4a85', contrastBorder: '#0f4a85', 'editorWidget-background': '#ffffff',
  focusBorder: '#006bbd', 'textLink-foreground': '#0f4a85', 'toolbar-activeBackground': '#dce8f4', 'button-background': '#0f4a85', 'button-secondaryBackground': '#ffffff', 'button-secondaryForeground': '#292929',
};
export const THEMES: Record<string, Record<string, string>> = { dark, light, hc, 'hc-light': hcLight };
