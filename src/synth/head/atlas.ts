// Canonical head in millimetres, x to patient left, y to posterior, z to superior, origin in the middle between frontal
// and occipital pole at the height of the commissures. Deep structures are signed distances (negative inside) tabulated
// once on a 2 mm half-grid (the canonical head is symmetric), so that any structure costs one trilinear lookup and grows
// or shrinks by a threshold. Dimensions are rounded adult means from anatomy atlases; the shapes are simplified by hand.

export const ATLAS_FIELDS = 9;
/** Order of the tabulated fields. `floor` and `tent` are positive above the skull base and the tentorium. */
export const F = { lateral: 0, third: 1, fourth: 2, caudate: 3, lentiform: 4, thalamus: 5, stem: 6, cistern: 7, tent: 8 } as const;

const STEP = 2;
const X0 = 0;
const Y0 = -96;
const Z0 = -80;
const NX = 42;
const NY = 98;
const NZ = 84;

const clamp01 = (t: number): number => (t < 0 ? 0 : t > 1 ? 1 : t);
const smooth = (lo: number, hi: number, v: number): number => {
  const t = clamp01((v - lo) / (hi - lo));
  return t * t * (3 - 2 * t);
};

type Cone = readonly [number, number, number, number, number, number, number, number];

/** Distance to a segment with linearly varying radius. */
function cone(x: number, y: number, z: number, c: Cone): number {
  const [ax, ay, az, ar, bx, by, bz, br] = c;
  const dx = bx - ax;
  const dy = by - ay;
  const dz = bz - az;
  const t = clamp01(((x - ax) * dx + (y - ay) * dy + (z - az) * dz) / (dx * dx + dy * dy + dz * dz));
  const ex = x - ax - t * dx;
  const ey = y - ay - t * dy;
  const ez = z - az - t * dz;
  return Math.sqrt(ex * ex + ey * ey + ez * ez) - (ar + t * (br - ar));
}

/** Approximate distance to an ellipsoid, turned by `turn` radians about z. */
function ellipsoid(x: number, y: number, z: number, c: readonly number[], r: readonly number[], turn = 0): number {
  const cs = Math.cos(turn);
  const sn = Math.sin(turn);
  const dx0 = x - c[0]!;
  const dy0 = y - c[1]!;
  const dx = (cs * dx0 + sn * dy0) / r[0]!;
  const dy = (-sn * dx0 + cs * dy0) / r[1]!;
  const dz = (z - c[2]!) / r[2]!;
  const f = Math.sqrt(dx * dx + dy * dy + dz * dz);
  const g = Math.sqrt((dx / r[0]!) ** 2 + (dy / r[1]!) ** 2 + (dz / r[2]!) ** 2);
  return g < 1e-6 ? -Math.min(r[0]!, r[1]!, r[2]!) : (f * (f - 1)) / g;
}

const LATERAL: readonly Cone[] = [
  [13, -35, 6, 2.2, 5, -8, 12, 3.6],
  [11.5, -33, 12, 2.4, 6, -8, 17, 4],
  [6, -8, 18, 4, 13, 24, 22, 4.2],
  [13, 24, 22, 4.2, 24, 37, 10, 6],
  [24, 37, 10, 5.2, 19, 62, 3, 1.2],
  [24, 37, 8, 4.6, 33, 18, -8, 2],
  [33, 18, -8, 1.8, 31, -8, -20, 1.5],
];

function lateral(x: number, y: number, z: number): number {
  let d = 1e9;
  for (const c of LATERAL) d = Math.min(d, cone(x, y, z, c));
  return Math.max(d, 0.8 - x);
}

function third(x: number, y: number, z: number): number {
  const qx = x - 1.2;
  const qy = Math.abs(y + 3) - 13;
  const qz = Math.abs(z - 1) - 8;
  const outside = Math.sqrt(Math.max(qx, 0) ** 2 + Math.max(qy, 0) ** 2 + Math.max(qz, 0) ** 2);
  const box = outside + Math.min(Math.max(qx, qy, qz), 0) - 0.6;
  return Math.min(box, cone(x, y, z, [0, 12, -6, 0.7, 0, 20, -22, 0.7]));
}

function fourth(x: number, y: number, z: number): number {
  return ellipsoid(x, y, z, [0, 25.5, -30], [8.5, 5, 12]);
}

function caudate(x: number, y: number, z: number): number {
  return Math.min(
    ellipsoid(x, y, z, [15.5, -23, 8], [4.8, 9.5, 9], 0.25),
    cone(x, y, z, [15, -14, 17, 3.2, 21, 20, 21, 1.6]),
  );
}

function lentiform(x: number, y: number, z: number): number {
  const putamen = ellipsoid(x, y, z, [27, -5, 3], [5, 16, 10.5], -0.16);
  const pallidum = ellipsoid(x, y, z, [21.5, -3, 0], [4.5, 8.5, 6.5], -0.3);
  return Math.min(putamen, pallidum);
}

function thalamus(x: number, y: number, z: number): number {
  return ellipsoid(x, y, z, [10.5, 7, 5.5], [8, 14.5, 9.5], -0.3);
}

function stem(x: number, y: number, z: number): number {
  const midbrain = ellipsoid(x, y, z, [0, 8, -10], [16, 11, 11]);
  const pons = ellipsoid(x, y, z, [0, 6, -28], [16.5, 12.5, 14]);
  const medulla = cone(x, y, z, [0, 13, -40, 9, 0, 22, -90, 7]);
  return Math.min(midbrain, pons, medulla);
}

/** Where the cerebellum begins behind the petrous ridge. */
export const petrousLine = (ax: number): number => (ax < 14 ? 4 : 4 + 0.62 * (ax - 14));

/** Height above the tentorium; +40 where there is none below. */
function tent(x: number, y: number, z: number): number {
  const ridge = 9 - 0.26 * Math.max(0, y - 24);
  const height = -21 + (ridge + 21) * Math.exp(-((x / 30) ** 2));
  const behind = y - petrousLine(x);
  const opening = Math.sqrt((x / 15) ** 2 + ((y - 9) / 17) ** 2) - 1;
  if (opening < 0) return z + 16;
  if (behind < 0) return 40;
  return (z - height) * 0.85;
}

function cistern(x: number, y: number, z: number, stemDistance: number): number {
  let d = Math.min(
    ellipsoid(x, y, z, [0, -13, -15], [13, 8.5, 5.5]),
    ellipsoid(x, y, z, [0, 23, -3], [12, 4, 6]),
    ellipsoid(x, y, z, [0, 50, -56], [13, 13, 6]),
    cone(x, y, z, [8, -12, -16, 3, 30, -22, -16, 1.6]),
  );
  // CSF around the midbrain, and in front of pons and medulla.
  const shell = Math.max(Math.abs(stemDistance - 1.6) - 1.6, z > -17 ? Math.max(z - 1, 7 - y) : y - 8);
  d = Math.min(d, ellipsoid(x, y, z, [0, -4, -13], [4.5, 4.5, 7]));
  d = Math.min(d, shell);
  // Insular sheet and the Sylvian cleft that opens it to the side.
  const sheet = Math.abs(x - (39.5 - ((y + 6) / 15) ** 2 * 0.9)) - 1;
  const bound = (Math.sqrt(((y + 5) / 25) ** 2 + ((z - 3) / 15) ** 2) - 1) * 15;
  d = Math.min(d, Math.max(sheet, bound));
  const cleft = Math.abs(z - (-3 + 0.34 * (y + 20))) - 0.8 - smooth(48, 62, x) * 0.9;
  d = Math.min(d, Math.max(cleft, 39 - x, Math.abs(y + 5) - 27));
  return d;
}

/** Skull base: height of the cranial floor in mm at (|x|, y). */
export function floorHeight(ax: number, y: number): number {
  const anterior = -19.5 + 7 * Math.exp(-(((ax - 29) / 15) ** 2) - ((y + 58) / 21) ** 2) - 4 * Math.exp(-((ax / 8) ** 2));
  const middle = -39 + 20 * Math.exp(-(((ax - 4) / 11) ** 2));
  const clivus = -18 - 44 * smooth(-8, 22, y);
  const posterior = -60 + 14 * smooth(25, 62, ax);
  const line = petrousLine(ax);
  const ridge = 18 * Math.exp(-(((y - line + 3) / 8) ** 2)) * smooth(10, 20, ax);
  const edge = -20 - 0.2 * ax;
  const sphenoid = smooth(edge - 7, edge + 5, y);
  let z = anterior + (middle - anterior) * sphenoid;
  const central = 1 - smooth(12, 18, ax);
  const sella = y < -8 ? -21 - 9 * Math.exp(-(((y + 16) / 5) ** 2)) : clivus;
  z += (sella - z) * central * smooth(-26, -20, y);
  const behind = smooth(line - 4, line + 8, y);
  z += (posterior - z) * behind * (ax < 12 ? smooth(8, 24, y) : 1);
  z += ridge;
  // Foramen magnum.
  const hole = Math.sqrt((ax / 15) ** 2 + ((y - 30) / 18) ** 2);
  if (hole < 1.15) z -= 60 * (1 - smooth(0.85, 1.15, hole));
  return z;
}

const atlas = new Float32Array(NX * NY * NZ * ATLAS_FIELDS);
const floor = new Float32Array(NX * NY);
for (let j = 0; j < NY; j++) {
  for (let i = 0; i < NX; i++) floor[j * NX + i] = floorHeight(X0 + i * STEP, Y0 + j * STEP);
}
for (let k = 0, o = 0; k < NZ; k++) {
  const z = Z0 + k * STEP;
  for (let j = 0; j < NY; j++) {
    const y = Y0 + j * STEP;
    for (let i = 0; i < NX; i++, o += ATLAS_FIELDS) {
      const x = X0 + i * STEP;
      const s = stem(x, y, z);
      atlas[o] = lateral(x, y, z);
      atlas[o + 1] = third(x, y, z);
      atlas[o + 2] = fourth(x, y, z);
      atlas[o + 3] = caudate(x, y, z);
      atlas[o + 4] = lentiform(x, y, z);
      atlas[o + 5] = thalamus(x, y, z);
      atlas[o + 6] = s;
      atlas[o + 7] = cistern(x, y, z, s);
      atlas[o + 8] = tent(x, y, z);
    }
  }
}

/**
 * All fields at one position. `io` has ATLAS_FIELDS + 3 entries: |x|, y, z are read from the last three, the fields are
 * written to the first ones. Positions outside are clamped to the border.
 */
export function atlasAt(io: Float64Array): void {
  const ax = io[ATLAS_FIELDS]!;
  const y = io[ATLAS_FIELDS + 1]!;
  const z = io[ATLAS_FIELDS + 2]!;
  let u = (ax - X0) / STEP;
  let v = (y - Y0) / STEP;
  let w = (z - Z0) / STEP;
  u = u < 0 ? 0 : u > NX - 1.001 ? NX - 1.001 : u;
  v = v < 0 ? 0 : v > NY - 1.001 ? NY - 1.001 : v;
  w = w < 0 ? 0 : w > NZ - 1.001 ? NZ - 1.001 : w;
  const i = u | 0;
  const j = v | 0;
  const k = w | 0;
  const tx = u - i;
  const ty = v - j;
  const tz = w - k;
  const c11 = tx * ty * tz;
  const w111 = c11;
  const w011 = ty * tz - c11;
  const w101 = tx * tz - c11;
  const w110 = tx * ty - c11;
  const w001 = tz - tx * tz - w011;
  const w010 = ty - tx * ty - w011;
  const w100 = tx - tx * ty - w101;
  const w000 = 1 - tx - w001 - w010 - w011;
  const o = ((k * NY + j) * NX + i) * ATLAS_FIELDS;
  const oy = o + NX * ATLAS_FIELDS;
  const oz = o + NX * NY * ATLAS_FIELDS;
  const oyz = oy + NX * NY * ATLAS_FIELDS;
  for (let f = 0; f < ATLAS_FIELDS; f++) {
    io[f] =
      w000 * atlas[o + f]! +
      w100 * atlas[o + ATLAS_FIELDS + f]! +
      w010 * atlas[oy + f]! +
      w110 * atlas[oy + ATLAS_FIELDS + f]! +
      w001 * atlas[oz + f]! +
      w101 * atlas[oz + ATLAS_FIELDS + f]! +
      w011 * atlas[oyz + f]! +
      w111 * atlas[oyz + ATLAS_FIELDS + f]!;
  }
}

/** Bilinear height of the skull base at (|x|, y), mm. */
export function floorAt(ax: number, y: number): number {
  let u = (ax - X0) / STEP;
  let v = (y - Y0) / STEP;
  u = u < 0 ? 0 : u > NX - 1.001 ? NX - 1.001 : u;
  v = v < 0 ? 0 : v > NY - 1.001 ? NY - 1.001 : v;
  const i = u | 0;
  const j = v | 0;
  const tx = u - i;
  const ty = v - j;
  const o = j * NX + i;
  const a = floor[o]! + tx * (floor[o + 1]! - floor[o]!);
  const b = floor[o + NX]! + tx * (floor[o + NX + 1]! - floor[o + NX]!);
  return a + ty * (b - a);
}
