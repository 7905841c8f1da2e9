// Vision transformer over images and volumes (Dosovitskiy et al. 2021): patches by Reshape, Transpose and one Gemm (no
// Conv, so 3-D runs everywhere), fixed sin-cos positions, pre-norm blocks. Parameter names follow timm.

import { RoomError } from '../protocol/error.ts';
import type { Graph, Value } from '../onnx/graph.ts';
import { add, reshape, transpose } from '../onnx/ops.ts';
import { tensorOf } from '../onnx/tensor.ts';
import { selfAttention } from './attention.ts';
import type { VitConfig } from './config.ts';
import { layerNorm, linear, mlp } from './layers.ts';

/** Patches per axis. */
export function patchGrid(config: Pick<VitConfig, 'image' | 'patch'>): number[] {
  const { image, patch } = config;
  if (image.length !== patch.length || image.some((n, i) => n % patch[i]! !== 0))
    throw new RoomError('invalid', `An image of ${image.join(' x ')} is not a whole number of patches of ${patch.join(' x ')}.`, 'Choose a patch size that divides the image on each axis.');
  return image.map((n, i) => n / patch[i]!);
}

/** Pixels [B, C, ...image] -> rows of patches [B, N, C prod(patch)]; patches and pixels in row-major order, channel first. */
export function patchify(g: Graph, pixels: Value, patch: readonly number[]): Value {
  const [batch, channels, ...image] = pixels.shape as [number, number, ...number[]];
  const grid = patchGrid({ image, patch });
  const n = image.length;
  const apart = g.op('Reshape', [pixels, g.ints([batch < 0 ? -1 : batch, channels, ...grid.flatMap((count, i) => [count, patch[i]!])])]);
  const gridAxes = grid.map((_, i) => 2 + 2 * i);
  const moved = transpose(g, apart, [0, ...gridAxes, 1, ...gridAxes.map((a) => a + 1)]);
  const size = patch.reduce((p, d) => p * d, channels);
  const rows = grid.reduce((p, d) => p * d, 1);
  if (n === 0) throw new RoomError('invalid', `Pixels of shape [${pixels.shape}] have no spatial axes.`, 'Give images [B, C, H, W] or volumes [B, C, D, H, W].');
  return g.op('Reshape', [moved, g.ints([batch < 0 ? -1 : batch, rows, size])]);
}

/** Rows of patches [B, N, C prod(patch)] -> pixels [B, C, ...image]; the inverse of `patchify`. */
export function unpatchify(g: Graph, rows: Value, image: readonly number[], patch: readonly number[]): Value {
  const grid = patchGrid({ image, patch });
  const n = grid.length;
  const batch = rows.shape[0]!;
  const channels = rows.shape[2]! / patch.reduce((p, d) => p * d, 1);
  const apart = reshape(g, rows, [batch, ...grid, channels, ...patch]);
  const moved = transpose(g, apart, [0, n + 1, ...grid.flatMap((_, i) => [1 + i, n + 2 + i])]);
  return reshape(g, moved, [batch, channels, ...image]);
}

/** Sin-cos positions [N, width] of a grid: the width is divided among the axes, each part half sines and half cosines. */
export function sinCosPositions(grid: readonly number[], width: number): Float32Array {
  const count = grid.reduce((p, d) => p * d, 1);
  const half = Math.floor(width / (2 * grid.length));
  const out = new Float32Array(count * width);
  for (let n = 0; n < count; n++) {
    let rest = n;
    for (let axis = grid.length - 1; axis >= 0; axis--) {
      const at = rest % grid[axis]!;
      rest = Math.floor(rest / grid[axis]!);
      for (let k = 0; k < half; k++) {
        const angle = at / 10000 ** (k / half);
        const base = n * width + axis * 2 * half;
        out[base + k] = Math.sin(angle);
        out[base + half + k] = Math.cos(angle);
      }
    }
  }
  return out;
}

/** One pre-norm block: x + attention(norm1 x), then x + mlp(norm2 x). */
export function block(g: Graph, name: string, x: Value, heads: number, mlpWidth: number, mask?: Value): Value {
  return g.scope(name, () => {
    const width = x.shape[2]!;
    const a = add(g, x, selfAttention(g, 'attn', layerNorm(g, 'norm1', x), heads, mask));
    return add(g, a, mlp(g, 'mlp', layerNorm(g, 'norm2', a), mlpWidth, width));
  });
}

/**
 * pixels [B, C, ...image] -> tokens [B, N, width] after the final norm, and the output of each block before it.
 * Parameters: patch_embed.proj, pos_embed (learnt, starts as sin-cos), blocks.N.{norm1, attn.qkv, attn.proj, norm2, mlp.fc1, mlp.fc2}, norm.
 * Taps: blocks.N, tokens.
 */
export function vit(g: Graph, config: VitConfig, pixels: Value): { tokens: Value; blocks: Value[] } {
  const { width, heads, depth } = config;
  if (width % heads !== 0) throw new RoomError('invalid', `Width ${width} does not divide among ${heads} heads.`, 'Choose a width that is a multiple of the heads.');
  const grid = patchGrid(config);
  const count = grid.reduce((p, d) => p * d, 1);
  const rows = patchify(g, pixels, config.patch);
  const fan = rows.shape[2]!;
  const embedded = g.scope('patch_embed', () => linear(g, 'proj', rows, width, { init: { uniform: Math.sqrt(6 / (fan + width)) } }));
  const positions = g.param('pos_embed', [1, count, width], { tensor: tensorOf('float32', [1, count, width], sinCosPositions(grid, width).map((x) => x * 0.5)) }, { decay: false });
  let x = add(g, embedded, positions);
  const blocks: Value[] = [];
  for (let i = 0; i < depth; i++) {
    x = block(g, `blocks.${i}`, x, heads, config.mlpWidth ?? 4 * width);
    blocks.push(g.tap(`blocks.${i}`, x));
  }
  return { tokens: g.tap('tokens', layerNorm(g, 'norm', x)), blocks };
}
