// <rr-splitter>: a bar between two columns or rows, dragged by pointer or moved by arrow keys. It reports the movement in
// CSS pixels; the owner keeps the sizes.

import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';

@customElement('rr-splitter')
export class Splitter extends LitElement {
  static override styles = css`
    :host { display: block; position: relative; z-index: 2; background: var(--vscode-panel-border, var(--vscode-contrastBorder, transparent)); touch-action: none; }
    :host([direction='columns']) { width: 1px; cursor: col-resize; }
    :host([direction='rows']) { height: 1px; cursor: row-resize; }
    div { position: absolute; inset: -3px; }
    div:hover, div:active { background: var(--vscode-sash-hoverBorder, var(--vscode-focusBorder)); background-clip: content-box; padding: 2px; transition: none; }
    :host(:focus-visible) { outline: 1px solid var(--vscode-focusBorder); outline-offset: 1px; }
  `;
  @property({ reflect: true }) direction: 'columns' | 'rows' = 'columns';
  @property({ attribute: false }) move: (pixels: number) => void = () => undefined;
  private from: number | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.tabIndex = 0;
    this.setAttribute('role', 'separator');
    this.setAttribute('aria-orientation', this.direction === 'columns' ? 'vertical' : 'horizontal');
    this.addEventListener('pointerdown', this.down);
    this.addEventListener('pointermove', this.drag);
    this.addEventListener('pointerup', this.up);
    this.addEventListener('keydown', this.key);
  }

  private readonly at = (event: PointerEvent): number => (this.direction === 'columns' ? event.clientX : event.clientY);
  private readonly down = (event: PointerEvent): void => {
    this.setPointerCapture(event.pointerId);
    this.from = this.at(event);
  };
  private readonly drag = (event: PointerEvent): void => {
    if (this.from === undefined) return;
    this.move(this.at(event) - this.from);
    this.from = this.at(event);
  };
  private readonly up = (): void => {
    this.from = undefined;
  };
  private readonly key = (event: KeyboardEvent): void => {
    const step = event.shiftKey ? 64 : 16;
    const keys: Record<string, number> = this.direction === 'columns' ? { ArrowLeft: -step, ArrowRight: step } : { ArrowUp: -step, ArrowDown: step };
    const pixels = keys[event.key];
    if (pixels === undefined) return;
    this.move(pixels);
    event.preventDefault();
    event.stopPropagation();
  };

  protected override render(): unknown {
    return html`<div></div>`;
  }
}
