// Pointer, wheel and key habits of a radiology workstation on one canvas: wheel scrolls slices, left drag moves the
// crosshair, right drag or Alt+left drag windows, middle drag or Space+left drag pans, Ctrl+wheel zooms about the pointer,
// double click fits. Keys that concern one pane alone (arrows, Home, End, +, -, f) are handled here too.

import { FIT, zoomAbout, type Placement, type Zoom } from './geometry.ts';
import type { PaneGestures } from './scene.ts';

export interface PaneState {
  place: Placement;
  zoom: Zoom;
  width: number;
  height: number;
}

/** Wheel travel of one notch: 100 px in Chromium; touchpads send many small ones. */
const NOTCH = 60;

/** Attaches the habits; `state` gives what is on screen or undefined before the first slice. Returns a detach function. */
export function attachGestures(canvas: HTMLElement, state: () => PaneState | undefined, to: () => PaneGestures): () => void {
  let drag: { mode: 'pick' | 'window' | 'pan'; x: number; y: number } | undefined;
  let space = false;
  let wheel = 0;
  const at = (event: MouseEvent): [number, number] => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const zoomBy = (factor: number, x: number, y: number): void => {
    const s = state();
    if (s) to().zoom(zoomAbout(s.zoom, factor, x, y, s.width, s.height, s.place.pxPerMm / s.zoom.scale));
  };
  const events: { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void } = {
    wheel: (event) => {
      event.preventDefault();
      const [x, y] = at(event);
      if (event.ctrlKey || event.metaKey) {
        zoomBy(Math.exp(-Math.max(-100, Math.min(100, event.deltaY)) / 400), x, y);
        return;
      }
      wheel += event.deltaMode === 1 ? event.deltaY * 33 : event.deltaY;
      const steps = Math.abs(event.deltaY) >= NOTCH ? Math.sign(event.deltaY) : Math.trunc(wheel / NOTCH);
      if (steps === 0) return;
      wheel = 0;
      to().step(steps);
    },
    pointerdown: (event) => {
      const s = state();
      if (!s) return;
      canvas.focus();
      const [x, y] = at(event);
      const mode = event.button === 2 || (event.button === 0 && event.altKey) ? 'window' : event.button === 1 || space ? 'pan' : 'pick';
      drag = { mode, x, y };
      canvas.setPointerCapture(event.pointerId);
      if (mode === 'pick') to().pick(s.place.toWorld(x, y), false);
    },
    pointermove: (event) => {
      const s = state();
      if (!s) return;
      const [x, y] = at(event);
      if (drag) {
        const [dx, dy] = [x - drag.x, y - drag.y];
        if (drag.mode === 'pick') to().pick(s.place.toWorld(x, y), false);
        else if (drag.mode === 'window') to().window(dx, dy);
        else to().zoom({ scale: s.zoom.scale, panX: s.zoom.panX + dx / s.place.pxPerMm, panY: s.zoom.panY + dy / s.place.pxPerMm });
        drag.x = x;
        drag.y = y;
      }
      to().hover(s.place.toWorld(x, y));
    },
    pointerup: (event) => {
      const s = state();
      if (drag?.mode === 'pick' && s) to().pick(s.place.toWorld(...at(event)), true);
      drag = undefined;
    },
    pointercancel: () => {
      drag = undefined;
    },
    pointerleave: () => to().hover(undefined),
    // Else Chromium starts to scroll the page with the middle button.
    mousedown: (event) => event.button === 1 && event.preventDefault(),
    contextmenu: (event) => event.preventDefault(),
    dblclick: () => to().zoom(FIT),
    keydown: (event) => {
      const s = state();
      if (!s || event.ctrlKey || event.metaKey || event.altKey) return;
      const middle: [number, number] = [s.width / 2, s.height / 2];
      switch (event.key) {
        case 'ArrowUp': case 'ArrowLeft': to().step(-1); break;
        case 'ArrowDown': case 'ArrowRight': to().step(1); break;
        case 'PageUp': to().step(-5); break;
        case 'PageDown': to().step(5); break;
        case 'Home': to().edge('first'); break;
        case 'End': to().edge('last'); break;
        case '+': case '=': zoomBy(1.25, ...middle); break;
        case '-': zoomBy(0.8, ...middle); break;
        case 'f': to().maximise(); break;
        case ' ': space = true; break;
        default: return;
      }
      event.preventDefault();
      if (event.key !== ' ') event.stopPropagation();
    },
    keyup: (event) => {
      if (event.key === ' ') space = false;
    },
    blur: () => {
      space = false;
    },
  };
  const list = Object.entries(events) as [string, EventListener][];
  for (const [name, listener] of list) canvas.addEventListener(name, listener, name === 'wheel' ? { passive: false } : undefined);
  return () => {
    for (const [name, listener] of list) canvas.removeEventListener(name, listener);
  };
}
