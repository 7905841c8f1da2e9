// A model packed into flat arrays of doubles for the voxel loops. Objects would do, but their shapes differ between cases
// (optional parts, whole and fractional numbers), and every new shape makes the JavaScript engine throw the compiled loops
// away: packed, a case takes about half the time.

import type { HeadModel, SinusLining } from './model.ts';

/** Positions of scalars in Scene.p. */
export const S = {
  sulcus: 0, rim: 1, ventricle: 2, third: 3, fourth: 4, skull: 5, scalp: 6, contrast: 7, choroid: 8, cupping: 9, shift: 10, extraShift: 11, sinus: 12, offset: 13, half: 14,
  bloodLeft: 15, bloodRight: 16, bloodThird: 17, bloodLevel: 18, bloodHu: 19, asymmetry: 20,
} as const;

/** Numbers per entry of the lists. */
export const STRIDE = { collection: 10, blob: 20, territory: 13, cistern: 7, fracture: 10 } as const;

export interface Scene {
  p: Float64Array;
  /** lens 1 or crescent 0, label, side, centre x y z, thickness, reach, HU, layering. */
  collections: Float64Array;
  /** centre 0-2, radii 3-5, label 6, HU 7, rough 8, texture 9, rim thickness 10 (0: none), rim HU 11, oedema width 12 (0: none),
   *  oedema HU 13, push 14, infra 15, hemisphere 16, bound 17, product of radii 18, mean radius 19. */
  blobs: Float64Array;
  /** centre 0-2, radii 3-5, side 6, from 7, to 8, infra 9, grey HU 10, white HU 11, loss 12. */
  territories: Float64Array;
  /** centre 0-2, radii 3-5, HU 6. */
  cisterns: Float64Array;
  /** centre 0-2, normal 3-5, gap 6, reach 7, swelling 8, its reach 9. */
  fractures: Float64Array;
  /** Thickness by sinus (order of SINUSES) and side: 2 * sinus + (left ? 1 : 0). */
  linings: Float64Array;
}

export const SINUSES: readonly SinusLining['sinus'][] = ['maxillary', 'ethmoid', 'frontal', 'sphenoid'];

/** `half` is half a voxel in mm: the width over which tissues blend. */
export function pack(m: HeadModel, half: number): Scene {
  const vb = m.ventricleBlood;
  const p = Float64Array.of(
    m.sulcus, m.rim, m.ventricle, m.thirdVentricle, m.fourthVentricle, m.skull, m.scalp, m.contrast, m.choroid ? 1 : 0, m.cupping, m.shiftMm, m.extraShift, m.sinus, (m.seed * 7.31) % 64, half,
    vb?.left ? 1 : 0, vb?.right ? 1 : 0, vb?.third ? 1 : 0, vb?.level ?? 0, vb?.hu ?? 0, m.asymmetry,
  );
  const linings = new Float64Array(8);
  for (const l of m.linings) {
    const at = 2 * SINUSES.indexOf(l.sinus);
    if (l.right) linings[at] = l.thickness;
    if (l.left) linings[at + 1] = l.thickness;
  }
  return {
    p,
    collections: Float64Array.from(m.collections.flatMap(c => [c.kind === 'lens' ? 1 : 0, c.label, c.side, ...c.centre, c.thickness, c.reach, c.hu, c.layering])),
    blobs: Float64Array.from(
      m.blobs.flatMap(b => {
        const width = b.oedema?.width ?? 0;
        return [
          ...b.centre, ...b.radii, b.label, b.hu, b.rough, b.texture, b.rim?.thickness ?? 0, b.rim?.hu ?? 0, width, b.oedema?.hu ?? 0, b.push, b.infra ? 1 : 0, b.hemisphere,
          Math.max(...b.radii) + width + 6, b.radii[0] * b.radii[1] * b.radii[2], (b.radii[0] + b.radii[1] + b.radii[2]) / 3,
        ];
      }),
    ),
    territories: Float64Array.from(m.territories.flatMap(t => [...t.centre, ...t.radii, t.side, t.from, t.to, t.infra ? 1 : 0, t.greyHu, t.whiteHu, t.loss])),
    cisterns: Float64Array.from(m.cisternBlood.flatMap(c => [...c.centre, ...c.radii, c.hu])),
    fractures: Float64Array.from(m.fractures.flatMap(f => [...f.centre, ...f.normal, f.gap, f.reach, f.swelling, f.swellingReach])),
    linings,
  };
}
