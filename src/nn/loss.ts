// Losses. Each is a scalar in the graph's type; cross-entropy and BCE are computed without overflow and bring their own
// gradients (softmax - one-hot; sigmoid - target), which need a fraction of the passes of their parts' rules.

import type { Graph, Value } from '../onnx/graph.ts';
import { abs, add, cast, div, equal, exp, gatherElements, log, max, mean, mul, neg, oneHot, reduceMax, relu, reshape, sigmoid, sub, sum, where } from '../onnx/ops.ts';

const count = (v: Value): number => v.shape.reduce((p, d) => p * d, 1);

/** Sum of weights over the kept labels, at least a tiny number so that an empty batch gives 0 and not NaN. */
function total(g: Graph, weights: Value): Value {
  return max(g, sum(g, weights), 1e-6);
}

export interface CrossEntropyOptions {
  /** Labels with this value do not count. Default -100. */
  ignore?: number;
  /** Weight per label, of the labels' shape; the mean is weighted by it. */
  weights?: Value;
}

/**
 * Mean cross-entropy of logits [..., V] against int32 labels [...] over the labels that are not ignored.
 * `perLabel` [n] holds -log p (0 where ignored), `kept` [n] the weights with which the mean was taken.
 */
export function crossEntropyParts(g: Graph, logits: Value, labels: Value, options: CrossEntropyOptions = {}): { loss: Value; perLabel: Value; kept: Value } {
  const vocabulary = logits.shape[logits.shape.length - 1]!;
  const n = count(labels);
  const z = reshape(g, logits, [n, vocabulary]);
  const flat = reshape(g, labels, [n]);
  const ignored = equal(g, flat, options.ignore ?? -100);
  const target = where(g, ignored, 0, flat);
  const hit = where(g, ignored, g.scalar(0), options.weights ? reshape(g, options.weights, [n]) : g.scalar(1));
  const kept = hit.shape.length === 1 ? hit : reshape(g, hit, [n]);
  const shifted = sub(g, z, reduceMax(g, z, [-1], true));
  const e = exp(g, shifted);
  const norm = sum(g, e, [-1], true);
  const picked = gatherElements(g, shifted, reshape(g, target, [n, 1]), 1);
  const nll = reshape(g, sub(g, log(g, norm), picked), [n]);
  const perLabel = mul(g, nll, kept);
  const weight = total(g, kept);
  const loss = g.custom(div(g, sum(g, perLabel), weight), [z], (h, dy) => {
    const scale = reshape(h, mul(h, kept, div(h, dy, weight)), [n, 1]);
    return [mul(h, sub(h, div(h, e, norm), oneHot(h, target, vocabulary)), scale)];
  });
  return { loss, perLabel, kept };
}

/** Mean cross-entropy; see `crossEntropyParts`. */
export function crossEntropy(g: Graph, logits: Value, labels: Value, options: CrossEntropyOptions = {}): Value {
  return crossEntropyParts(g, logits, labels, options).loss;
}

/** Fraction of the labels that are not ignored at which the logits' maximum lies (ties count as hits). */
export function accuracy(g: Graph, logits: Value, labels: Value, ignore = -100): Value {
  const vocabulary = logits.shape[logits.shape.length - 1]!;
  const n = count(labels);
  const z = reshape(g, logits, [n, vocabulary]);
  const flat = reshape(g, labels, [n]);
  const ignored = equal(g, flat, ignore);
  const picked = gatherElements(g, z, reshape(g, where(g, ignored, 0, flat), [n, 1]), 1);
  const right = cast(g, equal(g, picked, reduceMax(g, z, [-1], true)), g.dtype);
  const kept = sub(g, 1, cast(g, ignored, g.dtype));
  return div(g, sum(g, mul(g, reshape(g, right, [n]), kept)), total(g, kept));
}

/** Mean squared error, over all elements or weighted by `weights` (broadcastable to a). */
export function mse(g: Graph, a: Value, b: Value, weights?: Value): Value {
  const d = sub(g, a, b);
  const squared = mul(g, d, d);
  if (!weights) return mean(g, squared);
  const share = count(squared) / count(weights);
  return div(g, sum(g, mul(g, squared, weights)), mul(g, total(g, weights), share));
}

/**
 * Mean binary cross-entropy of logits against targets in [0, 1]: max(z, 0) - z t + log(1 + exp(-|z|)).
 * `weights` (same shape) weigh elements; `positive` multiplies the loss of targets of 1 (as PyTorch's pos_weight).
 */
export function bceWithLogits(g: Graph, logits: Value, targets: Value, options: { weights?: Value; positive?: number } = {}): Value {
  const softplus = (z: Value): Value => add(g, relu(g, z), log(g, add(g, exp(g, neg(g, abs(g, z))), 1)));
  const positive = options.positive ?? 1;
  // -[p t log s(z) + (1 - t) log(1 - s(z))]
  const each = positive === 1
    ? sub(g, softplus(logits), mul(g, logits, targets))
    : add(g, mul(g, mul(g, targets, positive), softplus(neg(g, logits))), mul(g, sub(g, 1, targets), softplus(logits)));
  const slope = (h: Graph): Value => {
    const s = sigmoid(h, logits);
    return positive === 1 ? sub(h, s, targets) : sub(h, mul(h, s, add(h, mul(h, targets, positive - 1), 1)), mul(h, targets, positive));
  };
  const y = options.weights ? div(g, sum(g, mul(g, each, options.weights)), total(g, options.weights)) : mean(g, each);
  return g.custom(y, [logits], (h, dy) => {
    const scale = options.weights ? mul(h, options.weights, div(h, dy, total(h, options.weights))) : mul(h, dy, 1 / count(logits));
    return [mul(h, slope(h), scale)];
  });
}
