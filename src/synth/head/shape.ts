// Inner table of the skull as an implicit surface in canonical millimetres (axes as in atlas.ts): an ellipsoid with
// separate front, back, top and bottom half-axes, squared off towards the parietal bosses and narrowed to the front.

export const HALF_WIDTH = 67;
export const FRONT = 92;
export const BACK = 76;
export const TOP = 74;
export const BOTTOM = 112;
/** Height of the widest cross-section's centre in y. */
export const CENTRE_Y = 8;

/** Norm of the vault: 1 on the inner table, below 1 inside. */
export function vaultNorm(x: number, y: number, z: number): number {
  const yy = y - CENTRE_Y;
  const v = yy < 0 ? yy / FRONT : yy / BACK;
  let u = x / HALF_WIDTH;
  if (yy < 0) u *= 1 + 0.12 * v * v;
  const w = z > 0 ? z / TOP : z / BOTTOM;
  const u2 = u * u;
  const v2 = v * v;
  const w2 = w * w;
  return Math.sqrt(u2 + v2 + w2 - 0.3 * u2 * v2 - (z > 0 ? 0.35 * (u2 + v2) * w2 : 0));
}

/** The point where the ray from (0, CENTRE_Y, 0) through p meets the inner table. */
export function onVault(p: readonly [number, number, number]): [number, number, number] {
  let [x, y, z] = p;
  for (let step = 0; step < 6; step++) {
    const f = vaultNorm(x, y, z);
    x /= f;
    y = CENTRE_Y + (y - CENTRE_Y) / f;
    z /= f;
  }
  return [x, y, z];
}
