// What the editor tells the host about itself without being asked: the values for the status bar while the pointer moves, and
// the state to restore after a reload. Both are gathered for a moment, so that neither follows every pixel of a drag.

import type { Plane, Vec3 } from '../../src/protocol/scan.ts';
import type { ViewState } from '../../src/protocol/view.ts';
import type { ScanModel } from './model.ts';

const STATUS_MS = 80;
const SAVE_MS = 400;

export class Reporter {
  private readonly model: ScanModel;
  private saving: ReturnType<typeof setTimeout> | undefined;
  private status: ReturnType<typeof setTimeout> | undefined;
  private hovered: { plane: Plane; point: Vec3 } | undefined;

  constructor(model: ScanModel) {
    this.model = model;
  }

  hover(at: { plane: Plane; point: Vec3 } | undefined): void {
    this.hovered = at;
    this.statusSoon();
  }

  statusSoon(): void {
    this.status ??= setTimeout(() => {
      this.status = undefined;
      const { model, hovered } = this;
      const plane = hovered?.plane ?? 'axial';
      const point = hovered?.point ?? model.point;
      const hu = model.valueAt(plane, point);
      const slice = model.scan && { plane, index: model.index(plane), count: model.scan.slices[plane] };
      model.host.status({ ...(slice && { slice }), ...(hu !== undefined && { hu }), point, window: model.window }).catch(() => undefined);
    }, STATUS_MS);
  }

  saveSoon(): void {
    clearTimeout(this.saving);
    this.saving = setTimeout(() => {
      const { point, window, view, method, show, zooms, open, clueKey, host } = this.model;
      const state: ViewState = { point, window, view, method, show, zoom: zooms, ...(open && { readingPath: open.path }), ...(clueKey !== undefined && { clueId: clueKey }) };
      host.saveState(state).catch(() => undefined);
    }, SAVE_MS);
  }
}
