// <rr-slices>: axial slice above, coronal and sagittal below, one crosshair. Its head holds window presets and what is
// drawn over the slices.

import { css, html } from 'lit';
import { customElement, queryAll } from 'lit/decorators.js';
import type { Plane } from '../../src/protocol/scan.ts';
import { errorNotice, toggle } from '../shared/parts.ts';
import type { Pane } from '../shared/pane/pane.ts';
import '../shared/pane/pane.ts';
import type { PaneGestures, Scene } from '../shared/pane/scene.ts';
import { base } from '../shared/styles.ts';
import { ModelView } from '../shared/view.ts';
import { mark } from './boot.ts';
import { paneGestures } from './pane-gestures.ts';
import { PLANES, type ScanModel, type Topic } from './model.ts';
import { Scenes } from './scenes.ts';

@customElement('rr-slices')
export class SlicesColumn extends ModelView<Topic, ScanModel> {
  static override styles = [
    base,
    css`
      :host { display: flex; flex-direction: column; min-width: 0; min-height: 0; }
      .head { height: auto; min-height: 32px; flex-wrap: wrap; row-gap: 0; overflow: visible; }
      .head h2 { line-height: 31px; }
      .seg { flex: 0 1 auto; min-width: 0; overflow-x: auto; scrollbar-width: none; }
      .seg button { flex: none; }
      .overlays { display: flex; gap: 12px; height: 28px; align-items: center; }
      .panes { flex: 1; min-height: 0; display: grid; grid-template: minmax(0, 1.9fr) minmax(0, 1fr) / minmax(0, 1fr) minmax(0, 1fr); gap: 1px; background: var(--rr-line); position: relative; }
      .axial { grid-column: 1 / 3; }
      .panes[data-max='axial'] .coronal, .panes[data-max='axial'] .sagittal, .panes[data-max='coronal'] .axial, .panes[data-max='coronal'] .sagittal,
      .panes[data-max='sagittal'] .axial, .panes[data-max='sagittal'] .coronal { display: none; }
      .panes[data-max='axial'] .axial, .panes[data-max='coronal'] .coronal, .panes[data-max='sagittal'] .sagittal { grid-area: 1 / 1 / 3 / 3; }
      .failed { position: absolute; left: 12px; right: 12px; bottom: 12px; background: var(--vscode-editorWidget-background); border: 1px solid var(--rr-widget); }
      .failed .link { margin-top: 6px; }
    `,
  ];
  protected readonly topics = ['scan', 'view', 'slices', 'reading', 'clue', 'place', 'layout'] as const;
  @queryAll('rr-pane') private panes!: NodeListOf<Pane>;
  private failure = '';
  private scene!: Scenes;
  /** Made once, so that a render of the head does not touch the panes. */
  private bindings!: Record<Plane, { scene: () => Scene | undefined; gestures: PaneGestures }>;

  override connectedCallback(): void {
    this.scene = new Scenes(this.model);
    const bind = (plane: Plane) => ({ scene: () => this.scene.build(plane), gestures: paneGestures(this.model, plane, this.scene) });
    this.bindings = { axial: bind('axial'), coronal: bind('coronal'), sagittal: bind('sagittal') };
    super.connectedCallback();
  }

  /** Panes redraw without Lit; Lit renders again only when the head changes. */
  protected override modelChanged(topic: Topic): void {
    for (const plane of PLANES) this.scene.want(plane);
    for (const pane of this.panes) pane.invalidate();
    const failure = PLANES.map((plane) => this.model.slices.error(plane)?.message ?? '').join('\n');
    if (failure !== this.failure || topic === 'scan' || topic === 'view' || topic === 'layout' || topic === 'reading') this.requestUpdate();
    this.failure = failure;
  }

  override firstUpdated(): void {
    for (const plane of PLANES) this.scene.want(plane);
  }

  override focus(): void {
    this.panes[0]?.focus();
  }

  private readonly drawn = (): void => {
    mark('first-slice');
    const { slices } = this.model;
    if (PLANES.every((plane) => slices.geometry(plane, 0))) mark('three-panes');
  };

  protected override render(): unknown {
    const { model } = this;
    const { width, level } = model.window;
    const error = PLANES.map((plane) => model.slices.error(plane)).find((e) => e);
    return html`
      <div class="head">
        <h2>Slices</h2>
        ${model.view === 'human'
          ? html`<div class="seg" role="group" aria-label="Window presets">
              ${model.presets.map(
                (p) => html`<button aria-pressed=${p.width === width && p.level === level ? 'true' : 'false'} title="Width ${p.width}, level ${p.level} HU (key ${p.key})" @click=${() => model.preset(p.key)}>${p.name}</button>`,
              )}
            </div>`
          : html`<span class="dim">model input, in model units</span>`}
        <span class="grow"></span>
        <span class="overlays">${model.scan?.labels ? toggle('Labels', model.show.labels, () => model.toggle('labels'), 'Label map beside the scan (l)') : ''}
        ${model.open
          ? html`${toggle('Region', model.show.region, () => model.toggle('region'), 'Region of the selected clue')}
              ${toggle('Tokens', model.show.tokens, () => model.toggle('tokens'), 'Grid of visual tokens (t)')}
              ${toggle('Model view', model.view === 'model', () => model.setView(model.view === 'model' ? 'human' : 'model'), 'The exact tensor that the encoder received (m)')}`
          : ''}</span>
      </div>
      <div class="panes" data-max=${model.maximised ?? ''}>
        ${PLANES.map(
          (plane) => html`<rr-pane class=${plane} testid="slice-${plane}" note=${model.slices.error(plane) ? 'No slice' : 'Loading the slice\u2026'} .scene=${this.bindings[plane].scene} .gestures=${this.bindings[plane].gestures} .drawn=${this.drawn}></rr-pane>`,
        )}
        ${error ? html`<div class="failed">${errorNotice(error, html`<button class="link" @click=${() => model.slices.retry()}>Try again</button>`)}</div>` : ''}
      </div>
    `;
  }
}
