// State of one scan editor and every change to it. Views read it and call its methods; it tells them by topic what
// changed. One crosshair point (LPS millimetres) is the only slice position: each plane shows the slice through it.

import type { ClueRegion } from '../../src/protocol/engine.ts';
import { errorInfo, type ErrorInfo } from '../../src/protocol/error.ts';
import type { PlaceInfo, ReadingSummary } from '../../src/protocol/reading.ts';
import type { Layer, Plane, ScanInfo, Vec3, WindowPreset } from '../../src/protocol/scan.ts';
import type { HostApi, OpenReading, ReadProgress, ViewApi, ViewInit, ViewState } from '../../src/protocol/view.ts';
import { FIT, add, toPixel, type Zoom } from '../shared/pane/geometry.ts';
import { SliceStore } from '../shared/pane/slices.ts';
import { Emitter } from '../shared/emitter.ts';
import { act } from './actions.ts';
import { clueEntries, type ClueEntry } from './clues.ts';
import { advance, type Making } from './progress.ts';
import { Reporter } from './reporter.ts';

export type Topic = 'scan' | 'view' | 'reading' | 'clue' | 'place' | 'progress' | 'banner' | 'readings' | 'layout' | 'slices';
export type Channel = Plane | 'recon';
export type Method = 'occlusion' | 'attention';
export type Variant = 'probe' | 'null' | 'error';
export type Show = NonNullable<ViewState['show']>;

/** The selected clue's region: still asked for, found, or nothing found. */
export type RegionState = { state: 'loading' } | { state: 'found'; region: ClueRegion } | { state: 'none' } | { state: 'failed'; error: ErrorInfo };

export const PLANES: readonly Plane[] = ['axial', 'coronal', 'sagittal'];
const DEFAULT_WINDOW = { width: 80, level: 40 };
const SHOW: Show = { labels: false, tokens: false, region: true, error: false, reference: true };

export class ScanModel {
  readonly changed = new Emitter<Topic>();
  readonly host: HostApi;
  readonly slices: SliceStore;

  scan: ScanInfo | undefined;
  error: ErrorInfo | undefined;
  presets: WindowPreset[] = [];
  readings: ReadingSummary[] = [];
  canRead: ViewInit['canRead'] = { ok: true };
  banner: { state: 'lost' | 'back'; detail: string } | undefined;

  point: Vec3 = [0, 0, 0];
  window = DEFAULT_WINDOW;
  /** Window of the model view in model units; undefined = the values seen so far. */
  modelWindow: { low: number; high: number } | undefined;
  view: 'human' | 'model' = 'human';
  inputChannel = 0;
  zooms: Record<Plane, Zoom> = { axial: FIT, coronal: FIT, sagittal: FIT };
  show: Show = { ...SHOW };
  variant: Variant = 'probe';
  maximised: Channel | undefined;

  open: OpenReading | undefined;
  clues: ClueEntry[] = [];
  clueKey: string | undefined;
  method: Method = 'occlusion';
  region: RegionState | undefined;
  place: PlaceInfo | undefined;
  placeState: 'none' | 'loading' | 'outside' | 'shown' | 'failed' = 'none';
  placeError: ErrorInfo | undefined;
  tokenErrors: { probe: Float32Array; null: Float32Array } | undefined;
  making: Making | undefined;
  readingError: ErrorInfo | undefined;
  /** Words to mark in the report because the selected place drove them. */
  picked: { start: number; end: number } | undefined;

  private settled = false;
  /** The window is still to be taken from the first slice's values. */
  private ranging = false;
  private readonly reporter = new Reporter(this);

  constructor(connect: (api: ViewApi) => HostApi) {
    this.host = connect(this.api);
    this.slices = new SliceStore((request) => this.host.slice(request), () => this.arrived());
  }

  /** Asks for the middle axial slice first of all, then tells the views. */
  start(init: ViewInit): void {
    this.presets = init.presets;
    this.readings = init.readings;
    this.canRead = init.canRead;
    this.error = init.error;
    this.scan = init.scan;
    const state = init.state;
    const preset = init.presets[0];
    this.window = state.window ?? (preset ? { width: preset.width, level: preset.level } : DEFAULT_WINDOW);
    this.show = { ...SHOW, ...state.show };
    this.variant = this.show.error ? 'error' : 'probe';
    this.view = (init.reading && state.view) ?? 'human';
    this.method = state.method ?? 'occlusion';
    for (const plane of PLANES) this.zooms[plane] = state.zoom?.[plane] ?? FIT;
    if (init.scan) {
      this.slices.open(init.scan.scanId, init.scan.slices);
      this.slices.want('axial', 'axial', this.index('axial'), [{ kind: 'scan' }]);
      const [low, high] = init.scan.bounds;
      this.point = state.point ?? [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2];
      this.settled = state.point !== undefined;
      this.ranging = init.scan.unit !== 'HU' && state.window === undefined;
    }
    if (init.reading) this.showReading(init.reading, state.clueId);
    this.changed.emit('scan', 'view', 'readings');
  }

  /** A fresh crosshair starts on the plane of the first axial slice; values of no known unit get a window of their range. */
  private arrived(): void {
    const middle = this.slices.geometry('axial', Math.floor((this.scan?.slices.axial ?? 1) / 2));
    if (!this.settled && middle) {
      this.point = add(this.point, middle.sliceStep, middle.index - toPixel(middle, this.point)[2]);
      this.settled = true;
    }
    if (this.ranging && middle) {
      const image = this.slices.image('axial', middle.index, { kind: 'scan' });
      if (image && image.max > image.min) this.window = { width: image.max - image.min, level: (image.max + image.min) / 2 };
      this.ranging = false;
    }
    this.changed.emit('slices');
    this.reporter.statusSoon();
  }

  /** Slice of a plane through the crosshair; the middle one until the plane's geometry is known. */
  index(plane: Plane): number {
    const count = this.scan?.slices[plane] ?? 1;
    const geometry = this.slices.geometry(plane, 0);
    const k = geometry ? Math.round(toPixel(geometry, this.point)[2]) : Math.floor(count / 2);
    return Math.min(count - 1, Math.max(0, k));
  }

  setPoint(point: Vec3): void {
    this.point = point;
    this.settled = true;
    this.changed.emit('view');
    this.reporter.saveSoon();
    this.reporter.statusSoon();
  }

  /** Crosshair from a pane; once settled, asks which visual token is there. */
  pick(point: Vec3, settled: boolean): void {
    this.setPoint(point);
    if (settled) void this.askPlace(point);
  }

  step(plane: Plane, slices: number): void {
    const geometry = this.slices.geometry(plane, 0);
    if (!geometry || !this.scan) return;
    const k = this.index(plane);
    const to = Math.min(this.scan.slices[plane] - 1, Math.max(0, k + slices));
    if (to === k) return;
    // Land on the slice's middle plane so that rounding never sticks.
    const at = toPixel(geometry, this.point)[2];
    this.setPoint(add(this.point, geometry.sliceStep, to - at));
  }

  setWindow(width: number, level: number): void {
    this.window = { width: Math.max(1, width), level };
    this.changed.emit('view');
    this.reporter.saveSoon();
    this.reporter.statusSoon();
  }

  setModelWindow(window: { low: number; high: number }): void {
    this.modelWindow = window;
    this.changed.emit('view');
  }

  preset(key: string): void {
    const preset = this.presets.find((p) => p.key === key);
    if (preset) this.setWindow(preset.width, preset.level);
  }

  setZoom(plane: Plane, zoom: Zoom): void {
    this.zooms[plane] = zoom;
    this.changed.emit('view');
    this.reporter.saveSoon();
  }

  setView(view: 'human' | 'model'): void {
    if (view === 'model' && !this.open) return;
    this.view = view;
    this.changed.emit('view', 'layout');
    this.reporter.saveSoon();
  }

  setInputChannel(channel: number): void {
    this.inputChannel = channel;
    this.modelWindow = undefined;
    this.changed.emit('view', 'layout');
  }

  toggle(what: keyof Show): void {
    this.show[what] = !this.show[what];
    if (what === 'error') this.variant = this.show.error ? 'error' : 'probe';
    this.changed.emit('view', 'layout', 'clue');
    this.reporter.saveSoon();
  }

  setVariant(variant: Variant): void {
    this.variant = variant;
    this.show.error = variant === 'error';
    this.changed.emit('view', 'layout');
    this.reporter.saveSoon();
  }

  maximise(channel: Channel | undefined): void {
    this.maximised = this.maximised === channel ? undefined : channel;
    this.changed.emit('layout', 'view');
  }

  reset(): void {
    for (const plane of PLANES) this.zooms[plane] = FIT;
    this.modelWindow = undefined;
    this.maximised = undefined;
    const preset = this.presets[0] ?? DEFAULT_WINDOW;
    this.setWindow(preset.width, preset.level);
    this.changed.emit('layout');
  }

  showReading(open: OpenReading, clueId?: string): void {
    this.open = open;
    this.making = undefined;
    this.readingError = undefined;
    this.clues = clueEntries(open.reading);
    this.clueKey = undefined;
    this.region = undefined;
    this.place = undefined;
    this.placeState = 'none';
    this.picked = undefined;
    this.tokenErrors = undefined;
    this.inputChannel = Math.min(this.inputChannel, Math.max(0, open.reading.input.channels.length - 1));
    this.modelWindow = undefined;
    this.changed.emit('reading', 'layout', 'clue', 'place', 'view');
    void this.loadTokenErrors(open.readingId);
    if (clueId) void this.selectClue(clueId);
    this.reporter.saveSoon();
  }

  async openReading(path: string): Promise<void> {
    try {
      this.showReading(await this.host.openReading(path));
    } catch (thrown) {
      this.readingError = errorInfo(thrown);
      this.changed.emit('reading', 'layout');
    }
  }

  async read(): Promise<void> {
    await this.run(() => this.host.command('readingRoom.readScan'));
  }

  async cancel(): Promise<void> {
    if (!this.making || this.making.state !== 'running') return;
    this.making.state = 'cancelling';
    this.changed.emit('progress');
    await this.run(() => this.host.cancelRead());
  }

  /** Back from a failed or cancelled reading to what was there before. */
  dismiss(): void {
    this.making = undefined;
    this.readingError = undefined;
    this.changed.emit('progress', 'layout');
  }

  private async run(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (thrown) {
      this.making = advance(this.making, { phase: 'failed', error: errorInfo(thrown) });
      this.changed.emit('progress', 'layout');
    }
  }

  private async loadTokenErrors(readingId: string): Promise<void> {
    try {
      const errors = await this.host.tokenErrors(readingId);
      if (this.open?.readingId === readingId) this.tokenErrors = errors;
      this.changed.emit('reading');
    } catch {
      // The histogram says that errors are not available.
    }
  }

  get clue(): ClueEntry | undefined {
    return this.clues.find((entry) => entry.key === this.clueKey);
  }

  /** Selects a clue by key or by the id of a model clue; undefined clears. Jumps to its region once it is known. */
  async selectClue(key: string | undefined, jump = true): Promise<void> {
    const entry = this.clues.find((e) => e.key === key);
    this.clueKey = entry?.key;
    this.region = undefined;
    this.picked = undefined;
    if (entry && this.place) this.closePlace();
    const open = this.open;
    if (entry && open && entry.inModel) {
      this.region = { state: 'loading' };
      this.changed.emit('clue', 'view');
      this.reporter.saveSoon();
      const method = this.method;
      let found: RegionState;
      try {
        const region = await this.host.clueRegion(open.readingId, entry.clue.id, method);
        found = region ? { state: 'found', region } : { state: 'none' };
      } catch (thrown) {
        found = { state: 'failed', error: errorInfo(thrown) };
      }
      if (this.clueKey !== entry.key || this.method !== method || this.open !== open) return;
      this.region = found;
      if (jump && found.state === 'found') this.setPoint(found.region.centre);
    }
    this.changed.emit('clue', 'view');
    this.reporter.saveSoon();
  }

  nextClue(step: 1 | -1): void {
    const list = this.clues.filter((e) => e.inModel || this.show.reference);
    if (list.length === 0) return;
    const now = list.findIndex((e) => e.key === this.clueKey);
    const next = now < 0 ? (step > 0 ? 0 : list.length - 1) : (now + step + list.length) % list.length;
    void this.selectClue(list[next]!.key);
  }

  setMethod(method: Method): void {
    this.method = method;
    void this.selectClue(this.clueKey);
  }

  async askPlace(point: Vec3): Promise<void> {
    const open = this.open;
    if (!open) return;
    if (this.placeState !== 'shown') this.placeState = 'loading';
    this.picked = undefined;
    this.changed.emit('place');
    try {
      const place = await this.host.place(open.readingId, point);
      if (this.open !== open) return;
      this.place = place;
      this.placeState = place ? 'shown' : 'outside';
    } catch (thrown) {
      this.place = undefined;
      this.placeState = 'failed';
      this.placeError = errorInfo(thrown);
    }
    this.changed.emit('place', 'view', 'clue');
  }

  closePlace(): void {
    this.place = undefined;
    this.placeState = 'none';
    this.picked = undefined;
    this.changed.emit('place', 'view', 'clue');
  }

  pickWords(start: number, end: number): void {
    this.picked = this.picked?.start === start && this.picked.end === end ? undefined : { start, end };
    this.changed.emit('place', 'clue');
  }

  hover(plane: Plane, point: Vec3 | undefined): void {
    this.reporter.hover(point && { plane, point });
  }

  /** Value of a layer under a point where that slice is loaded. */
  valueAt(plane: Plane, point: Vec3, layer: Layer = { kind: 'scan' }): number | undefined {
    const geometry = this.slices.geometry(plane, 0);
    if (!geometry) return undefined;
    const [c, r, k] = toPixel(geometry, point).map(Math.round) as [number, number, number];
    if (c < 0 || r < 0 || c >= geometry.width || r >= geometry.height) return undefined;
    return this.slices.image(plane, k, layer)?.data[r * geometry.width + c];
  }

  /** What the host may call. */
  readonly api: ViewApi = {
    readProgress: async (progress) => this.progress(progress),
    showReading: async (open, clueId) => this.showReading(open, clueId),
    engine: async (state, detail) => {
      this.banner = { state, detail };
      if (state === 'back') this.slices.retry();
      this.changed.emit('banner', 'slices');
      if (state === 'back') setTimeout(() => this.clearBanner('back'), 6000);
    },
    act: async (action) => act(this, action),
    readingsChanged: async (readings) => {
      this.readings = readings;
      this.changed.emit('readings');
    },
  };

  clearBanner(state: 'lost' | 'back'): void {
    if (this.banner?.state !== state) return;
    this.banner = undefined;
    this.changed.emit('banner');
  }

  private progress(progress: ReadProgress): void {
    if (progress.phase === 'done') this.showReading(progress.open);
    else this.making = advance(this.making, progress);
    this.changed.emit('progress', 'layout');
  }
}
