// R-Probe in its volume form (Detached Skip-Links and R-Probe, section 1.5 of the papers' specification): a decoder that
// starts as the first quarter of the bundle's own language model reads the frozen visual tokens, and a pixel head writes each
// token's footprint. The global RoPE of the paper, two-dimensional for pages, turns token embeddings by their place in the
// (i, j, k) grid before they are laid out as a sequence; the decoder keeps its own 1D RoPE. The last layer starts at zero,
// so the first loss is the variance of the normalised target.

import type { CausalLmConfig } from '../../nn/config.ts';
import { attend } from '../../nn/attention.ts';
import { linear } from '../../nn/layers.ts';
import { causalMask, decoderStack, lmShape, ropeTable, rotate } from '../../nn/lm.ts';
import { unpatchify } from '../../nn/vit.ts';
import type { Graph, Value } from '../../onnx/graph.ts';
import { concat, gelu, slice } from '../../onnx/ops.ts';
import { tensorOf } from '../../onnx/tensor.ts';

export interface ProbeModelConfig {
  lm: CausalLmConfig;
  /** Visual tokens per axis, [D, H, W]; n = gi + Gi * (gj + Gj * gk). */
  grid: readonly [number, number, number];
  /** Voxels of a footprint, [D, H, W]. */
  footprint: readonly [number, number, number];
  /** Hidden width of the pixel head. */
  headWidth: number;
  /** 'causal' as in the language model, 'bidirectional' within the visual tokens. */
  attention: 'causal' | 'bidirectional';
}

/** ceil(layers / 4): the paper's first quarter. */
export const probeLayers = (lm: CausalLmConfig): number => Math.ceil(lm.numLayers / 4);

/** visual [B, N, d] -> normalised voxels of each footprint [B, N, D H W of the footprint]. */
export function probe(g: Graph, c: ProbeModelConfig, visual: Value): Value {
  const count = visual.shape[1]!;
  const { headWidth, kvHeads, heads } = lmShape(c.lm);
  if (heads !== kvHeads) throw new RangeError('R-Probe decoders need as many key-value heads as heads');
  const placed = placeInGrid(g, c, visual);
  const table = ropeTable(c.lm, count);
  const rows = (values: Float32Array, name: string) => g.constant(tensorOf(g.dtype, [count, headWidth / 2], values), name);
  const mask = c.attention === 'causal' ? causalMask(g, count) : undefined;
  const { hidden } = decoderStack(g, c.lm, placed, rows(table.cos, 'probe_cos'), rows(table.sin, 'probe_sin'), (_, q, k, v) => attend(g, q, k, v, mask).out, probeLayers(c.lm));
  return g.scope('pixel_head', () => {
    const width = c.footprint.reduce((a, b) => a * b, 1);
    return linear(g, 'fc2', gelu(g, linear(g, 'fc1', hidden, c.headWidth), 'tanh'), width, { init: 'zeros' });
  });
}

/** Turns channel pairs of each token by its grid position: a third of the pairs per axis (k, j, i), base 10000. */
function placeInGrid(g: Graph, c: ProbeModelConfig, visual: Value): Value {
  const [batch, count, width] = visual.shape as [number, number, number];
  const third = 2 * Math.floor(width / 6);
  const parts: Value[] = [];
  for (let axis = 0; axis < 3; axis++) {
    const cos = new Float32Array((count * third) / 2);
    const sin = new Float32Array((count * third) / 2);
    for (let n = 0; n < count; n++) {
      const at = gridPosition(n, c.grid)[axis]!;
      for (let pair = 0; pair < third / 2; pair++) {
        const angle = at / 10000 ** (pair / (third / 2));
        cos[(n * third) / 2 + pair] = Math.cos(angle);
        sin[(n * third) / 2 + pair] = Math.sin(angle);
      }
    }
    const constant = (values: Float32Array, name: string) => g.constant(tensorOf(g.dtype, [count, third / 2], values), `grid_${name}_${axis}`);
    parts.push(rotate(g, slice(g, visual, 2, axis * third, (axis + 1) * third), constant(cos, 'cos'), constant(sin, 'sin')));
  }
  if (3 * third < width) parts.push(slice(g, visual, 2, 3 * third, width));
  return { ...concat(g, parts, 2), shape: [batch, count, width] };
}

function gridPosition(n: number, [, gj, gi]: readonly [number, number, number]): [number, number, number] {
  return [Math.floor(n / (gi * gj)), Math.floor(n / gi) % gj, n % gi];
}

/** Footprints [1, N, voxels] -> volume [1, D, H, W]. */
export function assemble(g: Graph, c: ProbeModelConfig, footprints: Value): Value {
  const image = c.grid.map((n, a) => n * c.footprint[a]!);
  const volume = unpatchify(g, footprints, image, c.footprint);
  return g.op('Reshape', [volume, g.ints([1, ...image])]);
}
