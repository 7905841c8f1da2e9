// <rr-scan-app>: the scan editor. Slices | report | reconstruction with columns that can be resized, or slices beside a call
// to read the scan while there is no reading; below 700 px the report stands under the slices. Holds the keys that concern
// the whole editor and the banner for a lost engine.

import { css, html, type TemplateResult } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { errorNotice } from '../shared/parts.ts';
import '../shared/splitter.ts';
import { base } from '../shared/styles.ts';
import { ModelView } from '../shared/view.ts';
import { model } from './boot.ts';
import './making.ts';
import './reconstruction.ts';
import './report.ts';
import './slices-column.ts';
import './stages.ts';
import './start.ts';
import type { ScanModel, Topic } from './model.ts';

@customElement('rr-scan-app')
export class ScanApp extends ModelView<Topic, ScanModel> {
  static override styles = [
    base,
    css`
      :host { display: flex; flex-direction: column; height: 100%; background: var(--vscode-editor-background); container-type: inline-size; }
      .banner { flex: none; display: flex; gap: 8px; align-items: center; padding: 4px 14px; font-size: 12px; border-bottom: 1px solid var(--rr-line); background: var(--vscode-inputValidation-warningBackground, var(--vscode-editorWidget-background)); color: var(--vscode-inputValidation-warningForeground, var(--vscode-foreground)); }
      .banner.back { background: var(--vscode-editorWidget-background); color: var(--vscode-foreground); }
      .body { flex: 1; min-height: 0; display: grid; --left: 36fr; --middle: 31fr; --right: 30fr; grid-template-rows: minmax(0, 1fr) auto; }
      .body.three { grid-template-columns: minmax(240px, var(--left)) 1px minmax(220px, var(--middle)) 1px minmax(240px, var(--right)); }
      .body.two { grid-template-columns: minmax(240px, var(--left)) 1px minmax(220px, var(--middle)); }
      .body.start { grid-template-columns: minmax(300px, 1fr) 1px minmax(220px, 320px); }
      .body.only { grid-template-columns: minmax(0, 1fr); }
      .body.right rr-slices { display: none; }
      .body > * { min-width: 0; min-height: 0; }
      rr-stages { grid-column: 1 / -1; }
      .line { background: var(--rr-line); }
      .waiting { margin: auto; text-align: center; color: var(--rr-dim); }
      .failed { text-align: left; max-width: 60ch; } .failed h2 { font-size: 13px; color: var(--rr-strong); margin-bottom: 8px; }
      .middle { display: flex; flex-direction: column; overflow: hidden; }
      @container (max-width: 860px) {
        .body.three, .body.two, .body.start { grid-template-columns: minmax(0, 1fr); grid-template-rows: none; grid-auto-rows: max-content; overflow-y: auto; align-content: start; }
        rr-splitter, .line { display: none; }
        rr-slices { height: min(86cqw, 78vh); border-bottom: 1px solid var(--rr-line); }
        rr-making { min-height: 300px; }
        rr-reconstruction { height: 720px; }
        .middle, rr-reconstruction { border-bottom: 1px solid var(--rr-line); }
      }
    `,
  ];
  protected readonly topics = ['scan', 'layout', 'banner', 'progress', 'reading'] as const;
  @query('.body') private body: HTMLElement | undefined;
  private shares = [36, 31, 30];

  constructor() {
    super();
    this.model = model;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('keydown', this.key);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('keydown', this.key);
  }

  private readonly key = (event: KeyboardEvent): void => {
    const target = event.composedPath()[0];
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || target instanceof HTMLInputElement) return;
    const { model } = this;
    if (!model.scan) return;
    if (/^[1-9]$/.test(event.key)) model.preset(event.key);
    else {
      switch (event.key) {
        case 'r': model.reset(); break;
        case 'm': model.setView(model.view === 'model' ? 'human' : 'model'); break;
        case 't': model.toggle('tokens'); break;
        case 'l': model.toggle('labels'); break;
        case 'e': model.toggle('error'); break;
        case 'n': model.nextClue(1); break;
        case 'p': model.nextClue(-1); break;
        case 'ArrowUp': case 'PageUp': model.step('axial', event.key === 'PageUp' ? -5 : -1); break;
        case 'ArrowDown': case 'PageDown': model.step('axial', event.key === 'PageDown' ? 5 : 1); break;
        case 'Home': model.step('axial', -1e6); break;
        case 'End': model.step('axial', 1e6); break;
        case 'Escape':
          if (model.maximised) model.maximise(model.maximised);
          else if (model.place) model.closePlace();
          else void model.selectClue(undefined);
          break;
        default: return;
      }
    }
    event.preventDefault();
  };

  /** Moves the border after column `left` by some pixels. */
  private moveBorder(left: number, pixels: number): void {
    if (!this.body) return;
    const total = this.shares.reduce((a, b) => a + b, 0);
    const share = (pixels / this.body.clientWidth) * total;
    const [a, b] = [this.shares[left]! + share, this.shares[left + 1]! - share];
    if (a < 12 || b < 12) return;
    this.shares[left] = a;
    this.shares[left + 1] = b;
    ['--left', '--middle', '--right'].forEach((name, n) => this.body!.style.setProperty(name, `${this.shares[n]}fr`));
  }

  private border(left: number): TemplateResult {
    return html`<rr-splitter direction="columns" aria-label="Column width" .move=${(pixels: number) => this.moveBorder(left, pixels)}></rr-splitter>`;
  }

  private banner(): TemplateResult | string {
    const { banner } = this.model;
    if (!banner) return '';
    return html`<div class="banner ${banner.state}" role="status">
      <b>${banner.state === 'lost' ? 'The engine stopped' : 'The engine is back'}</b><span>${banner.detail}</span>
    </div>`;
  }

  protected override render(): unknown {
    const { model } = this;
    if (!model.scan) {
      return html`${this.banner()}${model.error ? html`<div class="waiting failed"><h2>This scan cannot be opened</h2>${errorNotice(model.error)}</div>` : html`<div class="waiting" role="status">Opening the scan\u2026</div>`}`;
    }
    // One template for all layouts: the slices stay mounted while columns come and go beside them.
    const { open, making, maximised } = model;
    const mode = maximised ? `only ${maximised === 'recon' ? 'right' : 'left'}` : open ? 'three' : making ? 'two' : 'start';
    const middle = making ? html`<rr-making .model=${model}></rr-making>` : open ? html`<rr-report .model=${model}></rr-report>` : html`<rr-start .model=${model}></rr-start>`;
    return html`${this.banner()}
      <div class="body ${mode}">
        <rr-slices .model=${model}></rr-slices>
        ${maximised ? '' : html`${mode === 'start' ? html`<div class="line"></div>` : this.border(0)}<div class="middle">${middle}</div>`}
        ${open && maximised === undefined ? this.border(1) : ''}
        ${open && (maximised === undefined || maximised === 'recon') ? html`<rr-reconstruction .model=${model}></rr-reconstruction>` : ''}
        ${open && maximised === undefined ? html`<rr-stages .model=${model}></rr-stages>` : ''}
      </div>`;
  }
}
