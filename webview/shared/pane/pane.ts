// <rr-pane>: one slice on a black well. Two canvases, pixels below and marks above, both with a backing store of exactly
// the device pixels they cover, and four corner texts as on a reading workstation. It is drawn at most once per frame,
// on `invalidate()`; the scene comes from the owner.

import { LitElement, css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { attachGestures } from './gestures.ts';
import { placeSlice, type Placement } from './geometry.ts';
import { drawOverlay } from './overlay.ts';
import { Raster } from './raster.ts';
import type { CornerLine, PaneGestures, Scene } from './scene.ts';

@customElement('rr-pane')
export class Pane extends LitElement {
  static override styles = css`
    :host { position: relative; display: block; min-width: 0; min-height: 0; overflow: hidden; background: #000; container-type: size; }
    canvas { position: absolute; left: 0; top: 0; width: 100%; height: 100%; display: block; touch-action: none; }
    canvas:focus { outline: none; }
    canvas.marks { pointer-events: none; }
    canvas.pixels:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
    .corner { position: absolute; font-size: 11px; line-height: 15px; color: #c8c8c8; white-space: pre; pointer-events: none; max-width: 60%; overflow: hidden; font-variant-numeric: tabular-nums; }
    .corner div { width: fit-content; padding: 0 3px; background: rgb(0 0 0 / 0.45); }
    .tr div, .br div { margin-left: auto; }
    .tl { left: 6px; top: 7px; } .tr { right: 6px; top: 7px; text-align: right; }
    .bl { left: 6px; bottom: 7px; } .br { right: 6px; bottom: 7px; text-align: right; }
    .dim { color: #a6a6a6; } .token { color: #e8b64c; } .region { color: #e6a6d3; }
    .wait { position: absolute; inset: 0; display: grid; place-items: center; color: #929292; font-size: 12px; opacity: 0; animation: rr-wait 0s 0.4s forwards; pointer-events: none; }
    @keyframes rr-wait { to { opacity: 1; } }
    @container (max-width: 240px) { .corner { font-size: 10px; line-height: 13px; } .bl, .br, .tr { display: none; } }
    @container (max-height: 110px) { .corner { display: none; } }
  `;

  /** Name under which tests and screen readers find the canvas. */
  @property() testId = '';
  @property({ attribute: false }) scene: () => Scene | undefined = () => undefined;
  @property({ attribute: false }) gestures: PaneGestures | undefined;
  /** Called after pixels are on the canvas. */
  @property({ attribute: false }) drawn: ((scene: Scene, ms: number) => void) | undefined;

  /** Shown until the first slice is drawn. */
  @property() note = '';

  @query('canvas.pixels') private pixels!: HTMLCanvasElement;
  @query('canvas.marks') private marks!: HTMLCanvasElement;
  private readonly base = new Raster();
  private readonly heat = new Raster();
  private frame = 0;
  private size = { width: 0, height: 0, device: [0, 0] as [number, number] };
  private shown: { scene: Scene; place: Placement } | undefined;
  private readonly cornerText = new Map<string, string>();
  private observer: ResizeObserver | undefined;

  protected override render(): unknown {
    return html`<canvas class="pixels" data-testid=${this.testId} tabindex="0" role="img"></canvas>
      <canvas class="marks" aria-hidden="true"></canvas>
      <div class="corner tl"></div><div class="corner tr"></div><div class="corner bl"></div><div class="corner br"></div><div class="wait" role="status">${this.note}</div>`;
  }

  protected override firstUpdated(): void {
    if (this.gestures) {
      attachGestures(
        this.pixels,
        () => this.shown && { place: this.shown.place, zoom: this.shown.scene.zoom, width: this.size.width, height: this.size.height },
        () => this.gestures!,
      );
    }
    this.observer = new ResizeObserver((entries) => {
      const entry = entries[entries.length - 1]!;
      const device = entry.devicePixelContentBoxSize?.[0];
      const box = entry.contentRect;
      const ratio = window.devicePixelRatio;
      // The observer knows how the box is snapped to device pixels, but not of an emulated pixel ratio.
      const snapped = (size: number, told: number | undefined): number => (told !== undefined && Math.abs(told - size * ratio) < 1.5 ? told : Math.round(size * ratio));
      this.size = { width: box.width, height: box.height, device: [snapped(box.width, device?.inlineSize), snapped(box.height, device?.blockSize)] };
      this.draw();
    });
    try {
      this.observer.observe(this, { box: 'device-pixel-content-box' });
    } catch {
      this.observer.observe(this);
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  /** The placement on screen, for tests and the owner's hit tests. */
  get placement(): Placement | undefined {
    return this.shown?.place;
  }

  override focus(): void {
    this.pixels?.focus();
  }

  /** Draws on the next frame, once. */
  invalidate(): void {
    if (this.frame === 0) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.draw();
      });
    }
  }

  private context(canvas: HTMLCanvasElement): CanvasRenderingContext2D | undefined {
    const [width, height] = this.size.device;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = canvas.getContext('2d', { willReadFrequently: true }) ?? undefined;
    context?.clearRect(0, 0, width, height);
    return context;
  }

  /** Draws now: for the very first slice, which does not wait for a frame. */
  draw(): void {
    if (!this.pixels || this.size.width < 2 || this.size.height < 2) return;
    const scene = this.scene();
    const start = performance.now();
    if (!scene) return;
    const { width, height } = this.size;
    const ratio = this.size.device[0] / width;
    const place = placeSlice(scene.geometry, scene.zoom, width, height);
    if (!this.shown) this.renderRoot.querySelector('.wait')?.remove();
    this.shown = { scene, place };
    const below = this.context(this.pixels);
    if (below) this.base.draw(below, place, scene.base, ratio);
    const above = this.context(this.marks);
    if (above) drawOverlay(above, place, scene, this.heat, ratio, width, height);
    const bl = scene.scaleNote ? [...scene.corners.bl, { text: `${place.pxPerMm.toFixed(2)} px/mm, ${scene.scaleNote}`, tone: 'dim' as const }] : scene.corners.bl;
    this.corners({ ...scene.corners, bl });
    if (this.pixels.ariaLabel !== scene.spoken) this.pixels.ariaLabel = scene.spoken;
    this.drawn?.(scene, performance.now() - start);
  }

  /** Corner texts are touched only when they change. */
  private corners(corners: Scene['corners']): void {
    for (const [name, lines] of Object.entries(corners) as [string, CornerLine[]][]) {
      const key = lines.map((l) => `${l.tone ?? ''}:${l.text}`).join('\n');
      if (this.cornerText.get(name) === key) continue;
      this.cornerText.set(name, key);
      const node = this.renderRoot.querySelector(`.corner.${name}`);
      node?.replaceChildren(
        ...lines.map((line) => {
          const div = document.createElement('div');
          div.textContent = line.text;
          if (line.tone) div.className = line.tone;
          return div;
        }),
      );
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'rr-pane': Pane;
  }
}
