// Styles that several components share. All colours come from the VS Code theme; the status colours are contributed by
// the extension (readingRoom.*), with chart colours as fallback outside VS Code.

import { css } from 'lit';

export const base = css`
  :host { color: var(--vscode-foreground); font-size: 13px; line-height: 18px; font-variant-numeric: tabular-nums; box-sizing: border-box;
    --rr-strong: var(--vscode-editor-foreground, var(--vscode-foreground));
    --rr-dim: var(--vscode-descriptionForeground);
    --rr-line: var(--vscode-panel-border, var(--vscode-contrastBorder, transparent));
    --rr-widget: var(--vscode-widget-border, var(--vscode-contrastBorder, var(--vscode-panel-border)));
    --rr-supported: var(--vscode-readingRoom-supported, var(--vscode-charts-green));
    --rr-unsupported: var(--vscode-readingRoom-unsupported, var(--vscode-charts-orange));
    --rr-missed: var(--vscode-readingRoom-missed, var(--vscode-charts-purple));
    --rr-absent: var(--vscode-readingRoom-absent, var(--vscode-descriptionForeground));
    --rr-contradicted: var(--vscode-errorForeground);
    --rr-token: var(--vscode-readingRoom-token, var(--vscode-charts-yellow)); }
  *, *::before, *::after { box-sizing: border-box; }
  h2, h3, h4, p, dl, dd, ol, ul, figure { margin: 0; padding: 0; }
  ol, ul { list-style: none; }
  .dim { color: var(--rr-dim); } .strong { color: var(--rr-strong); } .grow { flex: 1; }
  button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: inherit; }
  button:disabled { cursor: default; opacity: .5; }
  button:focus-visible, [tabindex]:focus-visible, summary:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 1px; }
  .head { height: 32px; flex: none; display: flex; align-items: center; gap: 10px; padding: 0 10px 0 14px; font-size: 12px; border-bottom: 1px solid var(--rr-line); white-space: nowrap; overflow: hidden; }
  .head h2 { font-size: 12px; font-weight: 600; color: var(--rr-strong); }
  .head .dim { overflow: hidden; text-overflow: ellipsis; }
  .seg { display: flex; border: 1px solid var(--rr-widget); border-radius: 3px; overflow: hidden; flex: none; }
  .seg button { font-size: 11px; line-height: 18px; padding: 0 7px; color: var(--rr-dim); border-right: 1px solid var(--rr-widget); }
  .seg button:last-child { border-right: 0; }
  .seg button:hover { color: var(--rr-strong); }
  .seg button[aria-pressed='true'] { background: var(--vscode-toolbar-activeBackground, var(--vscode-inputOption-activeBackground)); color: var(--rr-strong); box-shadow: inset 0 -1px var(--vscode-focusBorder); }
  .seg button:focus-visible { outline-offset: -1px; }
  .toggle { display: flex; align-items: center; gap: 5px; font-size: 11px; line-height: 18px; color: var(--rr-dim); white-space: nowrap; flex: none; }
  .toggle::before { content: ''; width: 20px; height: 10px; border-radius: 5px; border: 1px solid var(--rr-dim); background: radial-gradient(circle at 5px 4px, var(--rr-dim) 2.6px, transparent 3px); }
  .toggle:hover { color: var(--rr-strong); }
  .toggle[aria-pressed='true'] { color: var(--vscode-foreground); }
  .toggle[aria-pressed='true']::before { border-color: var(--vscode-focusBorder); background: radial-gradient(circle at 13px 4px, var(--vscode-button-foreground) 2.6px, transparent 3px), var(--vscode-button-background, var(--vscode-focusBorder)); }
  .link { color: var(--vscode-textLink-foreground); font-size: 12px; }
  .link:hover { text-decoration: underline; }
  .gauge { display: block; width: 84px; height: 10px; flex: none; overflow: visible; }
  .gauge .bg { fill: color-mix(in srgb, var(--vscode-foreground) 18%, transparent); } .gauge .value { fill: var(--cc, var(--vscode-foreground)); } .gauge .null { stroke: var(--vscode-foreground); stroke-width: 1; }
  .card { border: 1px solid var(--rr-widget); border-left: 2px solid var(--cc, var(--rr-dim)); background: var(--vscode-editorWidget-background); padding: 8px 10px 7px 11px; font-size: 12px; line-height: 18px; border-radius: 2px; }
  .card header { display: flex; gap: 8px; align-items: baseline; margin-bottom: 4px; }
  .card header b { color: var(--rr-strong); font-weight: 600; }
  .card header .tag { color: var(--cc); font-size: 11px; margin-left: auto; white-space: nowrap; }
  .card dl { display: grid; grid-template-columns: 64px minmax(44px, max-content) 1fr; column-gap: 10px; }
  .card dt { color: var(--rr-dim); } .card dd.wide { grid-column: 2 / 4; } .card dd.num { color: var(--rr-strong); }
  .card dd.side { color: var(--rr-dim); display: flex; gap: 8px; align-items: center; white-space: nowrap; min-width: 0; }
  .notice { padding: 12px 14px; font-size: 12px; } .notice .what { color: var(--rr-strong); } .notice .fix { color: var(--rr-dim); margin-top: 4px; }
  .notice.error { border-left: 2px solid var(--vscode-errorForeground); }
  table { border-collapse: collapse; font-size: 12px; line-height: 20px; width: 100%; }
  th { font-weight: 400; color: var(--rr-dim); text-align: right; font-size: 11px; }
  td { text-align: right; border-top: 1px solid var(--rr-line); }
  td:first-child, th:first-child { text-align: left; color: var(--rr-dim); }
  td.strong { color: var(--rr-strong); font-weight: 600; }
`;
