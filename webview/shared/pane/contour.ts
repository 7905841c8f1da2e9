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
    const inner = y >= 0 && y + 1 < height;
    for (let x = -1; x < width; x++) {
      const fast = inner && x + 1 < width;
      const b = (fast ? field[y * width + x + 1]! : at(x + 1, y)) >= level;
      const c = (fast ? field[(y + 1) * width + x + 1]! : at(x + 1, y + 1)) >= level;
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

/** Edges that a label's outline joins in a 2 x 2 cell, by which corners (a b c d clockwise from top left, a = 8) have it:
 *  from, to, from, to with 0 top, 1 right, 2 bottom, 3 left; the inside is on the left hand, saddles stay apart. */
const JOINS: readonly (readonly number[])[] = [[], [2, 3], [1, 2], [1, 3], [0, 1], [0, 1, 2, 3], [0, 2], [0, 3], [3, 0], [2, 0], [3, 0, 1, 2], [1, 0], [3, 1], [2, 1], [3, 2], []];

/** Successor of each crossing while outlines are traced, all -1 between calls. Kept because 4 MB are slow to allocate. */
let successors = new Int32Array(0);

/**
 * Outlines of every label value (0 = background) of a slice of a label map, halfway between pixels, in one pass for all
 * labels; points on straight runs are left out. A crossing between two labels belongs to both outlines.
 */
export function labelContours(labels: ArrayLike<number>, width: number, height: number): { value: number; lines: Contours }[] {
  const stride = width + 2;
  const size = 4 * stride * (height + 2);
  if (successors.length < size) successors = new Int32Array(size).fill(-1);
  const next = successors;
  const touched: number[] = [];
  const owner: number[] = [];
  const at = (x: number, y: number): number => (x < 0 || y < 0 || x >= width || y >= height ? 0 : labels[y * width + x]!);
  const corners = [0, 0, 0, 0];
  for (let y = -1; y < height; y++) {
    let a = at(-1, y);
    let d = at(-1, y + 1);
    const inner = y >= 0 && y + 1 < height;
    for (let x = -1; x < width; x++) {
      const fast = inner && x + 1 < width;
      const b = fast ? labels[y * width + x + 1]! : at(x + 1, y);
      const c = fast ? labels[(y + 1) * width + x + 1]! : at(x + 1, y + 1);
      if (a !== b || b !== c || c !== d) {
        corners[0] = a;
        corners[1] = b;
        corners[2] = c;
        corners[3] = d;
        // Crossing keys: 4 * corner + 2 for the edge downwards + 1 where the label is that of the edge's second corner.
        const base = 4 * ((y + 1) * stride + x + 1);
        for (let n = 0; n < 4; n++) {
          const label = corners[n]!;
          if (label === 0 || (n > 0 && label === a) || (n > 1 && label === b) || (n > 2 && label === c)) continue;
          const joins = JOINS[(a === label ? 8 : 0) | (b === label ? 4 : 0) | (c === label ? 2 : 0) | (d === label ? 1 : 0)]!;
          for (let m = 0; m < joins.length; m += 2) {
            const from = crossing(joins[m]!, base, stride, label, a, b, d);
            next[from] = crossing(joins[m + 1]!, base, stride, label, a, b, d);
            touched.push(from);
            owner.push(label);
          }
        }
      }
      a = b;
      d = c;
    }
  }
  const found = new Map<number, Contours>();
  const out: number[] = [];
  for (let t = 0; t < touched.length; t++) {
    let key = touched[t]!;
    if (next[key]! < 0) continue;
    out.length = 0;
    while (next[key]! >= 0) {
      const corner = key >> 2;
      const down = (key >> 1) & 1;
      const x = (corner % stride) - 1 + (down ? 0 : 0.5);
      const y = Math.floor(corner / stride) - 1 + (down ? 0.5 : 0);
      const n = out.length;
      if (n >= 4 && (x - out[n - 2]!) * (out[n - 1]! - out[n - 3]!) === (y - out[n - 1]!) * (out[n - 2]! - out[n - 4]!)) {
        out[n - 2] = x;
        out[n - 1] = y;
      } else out.push(x, y);
      const following = next[key]!;
      next[key] = -1;
      key = following;
    }
    const lines = found.get(owner[t]!);
    if (lines) lines.push(Float32Array.from(out));
    else found.set(owner[t]!, [Float32Array.from(out)]);
  }
  return [...found].sort((p, q) => p[0] - q[0]).map(([value, lines]) => ({ value, lines }));
}

function crossing(edge: number, base: number, stride: number, label: number, a: number, b: number, d: number): number {
  switch (edge) {
    case 0: return base + (a === label ? 0 : 1);
    case 1: return base + 6 + (b === label ? 0 : 1);
    case 2: return base + 4 * stride + (d === label ? 0 : 1);
    default: return base + 2 + (a === label ? 0 : 1);
  }
}

/** Signed area of a closed polyline (shoelace), pixels squared. */
export function area(line: Float32Array): number {
  let sum = 0;
  for (let n = 0, m = line.length - 2; n < line.length; m = n, n += 2) sum += line[m]! * line[n + 1]! - line[n]! * line[m + 1]!;
  return sum / 2;
}
