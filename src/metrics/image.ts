// Reconstruction metrics of images and volumes: MSE, R2, PSNR and SSIM (Wang et al. 2004). SSIM has the settings of that
// paper, which scikit-image calls gaussian_weights with use_sample_covariance=False: 11 x 11 Gaussian window of
// sigma 1.5, K1 0.01, K2 0.03, population covariance, mean over windows that lie inside the image.

export type Samples = Float32Array | Float64Array | Int16Array | Uint8Array | readonly number[];

const RADIUS = 5;
const SIGMA = 1.5;

function checkLengths(a: Samples, b: Samples): void {
  if (a.length !== b.length || a.length === 0) throw new RangeError(`images must have the same, positive size; got ${a.length} and ${b.length} samples`);
}

/** Mean squared difference; lower is better. */
export function meanSquaredError(image: Samples, reference: Samples): number {
  checkLengths(image, reference);
  let sum = 0;
  for (let i = 0; i < image.length; i++) sum += (image[i]! - reference[i]!) ** 2;
  return sum / image.length;
}

/** R2 = 1 - MSE / variance of the reference: 1 is perfect, 0 is as good as its mean. A constant reference gives 1 when
 *  equalled and -Infinity otherwise. */
export function rSquared(image: Samples, reference: Samples): number {
  checkLengths(image, reference);
  let mean = 0;
  for (let i = 0; i < reference.length; i++) mean += reference[i]!;
  mean /= reference.length;
  let variance = 0;
  for (let i = 0; i < reference.length; i++) variance += (reference[i]! - mean) ** 2;
  variance /= reference.length;
  const error = meanSquaredError(image, reference);
  if (variance === 0) return error === 0 ? 1 : -Infinity;
  return 1 - error / variance;
}

/** PSNR = 10 log10(range^2 / MSE) in dB; higher is better, Infinity for equal images. `range`: greatest possible
 *  difference of two samples (1 for [0, 1], 2000 for a window of 2000 HU). */
export function psnr(image: Samples, reference: Samples, range: number): number {
  return 10 * Math.log10(range ** 2 / meanSquaredError(image, reference));
}

const KERNEL = ((): Float64Array => {
  const kernel = Float64Array.from({ length: 2 * RADIUS + 1 }, (_, i) => Math.exp(-((i - RADIUS) ** 2) / (2 * SIGMA ** 2)));
  const sum = kernel.reduce((a, b) => a + b, 0);
  return kernel.map((value) => value / sum);
})();

/** Gaussian mean of the windows inside a w x h image: (w - 10) x (h - 10) values. */
function blur(image: Float64Array, w: number, h: number): Float64Array {
  const ow = w - 2 * RADIUS;
  const oh = h - 2 * RADIUS;
  const rows = new Float64Array(ow * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < ow; x++) {
      let sum = 0;
      for (let k = 0; k < KERNEL.length; k++) sum += KERNEL[k]! * image[y * w + x + k]!;
      rows[y * ow + x] = sum;
    }
  }
  const out = new Float64Array(ow * oh);
  for (let y = 0; y < oh; y++) {
    for (let x = 0; x < ow; x++) {
      let sum = 0;
      for (let k = 0; k < KERNEL.length; k++) sum += KERNEL[k]! * rows[(y + k) * ow + x]!;
      out[y * ow + x] = sum;
    }
  }
  return out;
}

/** SSIM of two images of w x h samples (w fastest), both at least 11; in -1..1, higher is better. */
export function ssim(image: Samples, reference: Samples, w: number, h: number, range: number): number {
  checkLengths(image, reference);
  if (image.length !== w * h) throw new RangeError(`SSIM got ${image.length} samples for ${w} x ${h}`);
  if (w <= 2 * RADIUS || h <= 2 * RADIUS) throw new RangeError(`SSIM needs at least 11 x 11 samples, got ${w} x ${h}`);
  const a = Float64Array.from(image);
  const b = Float64Array.from(reference);
  const ma = blur(a, w, h);
  const mb = blur(b, w, h);
  const aa = blur(a.map((v) => v * v), w, h);
  const bb = blur(b.map((v) => v * v), w, h);
  const ab = blur(a.map((v, i) => v * b[i]!), w, h);
  const c1 = (0.01 * range) ** 2;
  const c2 = (0.03 * range) ** 2;
  let sum = 0;
  for (let i = 0; i < ma.length; i++) {
    const [x, y] = [ma[i]!, mb[i]!];
    const va = aa[i]! - x * x;
    const vb = bb[i]! - y * y;
    const cov = ab[i]! - x * y;
    sum += ((2 * x * y + c1) * (2 * cov + c2)) / ((x * x + y * y + c1) * (va + vb + c2));
  }
  return sum / ma.length;
}

/** Mean SSIM of the axial slices of a volume of dims (i, j, k), i fastest. */
export function ssimSlices(volume: Samples, reference: Samples, dims: readonly [number, number, number], range: number): number {
  checkLengths(volume, reference);
  const [w, h, slices] = dims;
  if (volume.length !== w * h * slices) throw new RangeError(`SSIM got ${volume.length} samples for ${w} x ${h} x ${slices}`);
  let sum = 0;
  for (let k = 0; k < slices; k++) {
    sum += ssim(volume.slice(k * w * h, (k + 1) * w * h), reference.slice(k * w * h, (k + 1) * w * h), w, h, range);
  }
  return sum / slices;
}
