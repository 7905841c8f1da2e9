// Iso-lines of a field on a pixel grid by marching squares with linear interpolation. Used for the outline of a clue's
// heat (level 0.5) and of labels (a 0/1 mask at 0.5). Coordinates are pixel centres; values outside the grid and NaN count
// as 0, so every line is closed. At saddle points the two inside corners are kept apart.

/** Closed polylines as flat x, y lists. */
export type Contours = Float32Array[];

/** `field` is height * width, row-major. Cost is one pass over the pixels plus the length of the lines. */
export function contours(field: ArrayLike<number>, width: number, height: number, level: number): Contours {
  const at = (x: number, y: number): number => {
    if (x < 0 || y < 0 || x >= width || y >= height) return 0;
    const v = field[y * width + x]!;
    return v === v ? v : 0;
  };
  // Crossings are keyed by the grid edge they lie on: 2 * corner for the edge to the right, + 1 for the edge downwards.
  const stride = width + 2;
  const next = new Map<number, number>();
  const right = (x: number, y: number): number => 2 * ((y + 1) * stride + x + 1);
  const down = (x: number, y: number): number => right(x, y) + 1;
  for (let y = -1; y < height; y++) {
    let a = at(-1, y) >= level;
    let d = at(-1, y + 1) >= level;
    for (let x = -1; x < width; x++) {
      const b = at(x + 1, y) >= level;
      const c = at(x + 1, y + 1) >= level;
      if (a !== b || b !== c || c !== d) {
        // Segments run with the inside on the left hand (y downwards).
        const [top, bottom, left, side] = [right(x, y), right(x, y + 1), down(x, y), down(x + 1, y)];
        switch ((a ? 8 : 0) | (b ? 4 : 0) | (c ? 2 : 0) | (d ? 1 : 0)) {
          case 1: next.set(bottom, left); break;
          case 2: next.set(side, bottom); break;
          case 3: next.set(side, left); break;
          case 4: next.set(top, side); break;
          case 5: next.set(top, side); next.set(bottom, left); break;
          case 6: next.set(top, bottom); break;
          case 7: next.set(top, left); break;
          case 8: next.set(left, top); break;
          case 9: next.set(bottom, top); break;
          case 10: next.set(left, top); next.set(side, bottom); break;
          case 11: next.set(side, top); break;
          case 12: next.set(left, side); break;
          case 13: next.set(bottom, side); break;
          case 14: next.set(left, bottom); break;
        }
      }
      a = b;
      d = c;
    }
  }
  const place = (key: number, out: number[]): void => {
    const corner = key >> 1;
    const x = (corner % stride) - 1;
    const y = Math.floor(corner / stride) - 1;
    const p = at(x, y);
    const q = key & 1 ? at(x, y + 1) : at(x + 1, y);
    const t = (level - p) / (q - p);
    if (key & 1) out.push(x, y + t);
    else out.push(x + t, y);
  };
  const lines: Contours = [];
  for (const start of [...next.keys()]) {
    let key: number | undefined = start;
    const out: number[] = [];
    while (key !== undefined && next.has(key)) {
      place(key, out);
      const following: number = next.get(key)!;
      next.delete(key);
      key = following;
    }
    if (out.length >= 6) lines.push(Float32Array.from(out));
  }
  return lines;
}

/** Outlines of each label value (0 = background) of a slice of a label map. */
export function labelContours(labels: ArrayLike<number>, width: number, height: number): { value: number; lines: Contours }[] {
  const boxes = new Map<number, [x0: number, y0: number, x1: number, y1: number]>();
  for (let y = 0, n = 0; y < height; y++) {
    for (let x = 0; x < width; x++, n++) {
      const value = labels[n]!;
      if (value === 0) continue;
      const box = boxes.get(value);
      if (!box) boxes.set(value, [x, y, x, y]);
      else {
        if (x < box[0]) box[0] = x;
        if (x > box[2]) box[2] = x;
        box[3] = y;
      }
    }
  }
  return [...boxes].sort((p, q) => p[0] - q[0]).map(([value, [x0, y0, x1, y1]]) => {
    const w = x1 - x0 + 1;
    const h = y1 - y0 + 1;
    const mask = new Uint8Array(w * h);
    for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) if (labels[(y + y0) * width + x + x0] === value) mask[y * w + x] = 1;
    const lines = contours(mask, w, h, 0.5);
    for (const line of lines) for (let n = 0; n < line.length; n += 2) {
      line[n] = line[n]! + x0;
      line[n + 1] = line[n + 1]! + y0;
    }
    return { value, lines };
  });
}

/** Signed area of a closed polyline (shoelace), pixels squared. */
export function area(line: Float32Array): number {
  let sum = 0;
  for (let n = 0, m = line.length - 2; n < line.length; m = n, n += 2) sum += line[m]! * line[n + 1]! - line[n]! * line[m + 1]!;
  return sum / 2;
}
