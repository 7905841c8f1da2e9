// What gestures in a pane do to the editor's state.

import type { PaneGestures } from '../shared/pane/scene.ts';
import type { Channel, ScanModel } from './model.ts';
import { planeOf, type Scenes } from './scenes.ts';

/** Hounsfield units per pixel of drag: a full window over about 400 px, at least 0.25. */
const windowSpeed = (width: number): number => Math.max(0.25, width / 400);

export function paneGestures(model: ScanModel, channel: Channel, scenes: Scenes): PaneGestures {
  const plane = planeOf(channel);
  return {
    step: (slices) => model.step(plane, slices),
    edge: (which) => model.step(plane, which === 'first' ? -1e6 : 1e6),
    pick: (point, settled) => model.pick(point, settled),
    hover: (point) => model.hover(plane, point),
    window: (dx, dy) => {
      if (channel !== 'recon' && model.view === 'model') {
        const { low, high } = scenes.modelWindow();
        const speed = (high - low) / 400;
        const width = Math.max(1e-3, high - low + dx * speed);
        const level = (low + high) / 2 + dy * speed;
        model.setModelWindow({ low: level - width / 2, high: level + width / 2 });
        return;
      }
      const { width, level } = model.window;
      const speed = windowSpeed(width);
      model.setWindow(width + dx * speed, level + dy * speed);
    },
    zoom: (zoom) => model.setZoom(plane, zoom),
    maximise: () => model.maximise(channel),
  };
}
