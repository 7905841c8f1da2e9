// Shapes of the networks that `nn` emits. The language model's fields mean what they mean in a Hugging Face Llama config.

/** A vision transformer over images [B, C, H, W] or volumes [B, C, D, H, W], pre-norm, with sin-cos positions. */
export interface VitConfig {
  /** [H, W] or [D, H, W]; multiples of `patch`. */
  image: readonly number[];
  patch: readonly number[];
  channels: number;
  width: number;
  depth: number;
  heads: number;
  /** Hidden width of the MLP; default 4 x width. */
  mlpWidth?: number;
}

/** A Llama-like causal language model: RMSNorm, rotary positions, SwiGLU, no biases. */
export interface CausalLmConfig {
  vocabSize: number;
  hiddenSize: number;
  intermediateSize: number;
  numLayers: number;
  numHeads: number;
  /** Grouped-query attention; default numHeads. */
  numKeyValueHeads?: number;
  maxPositions: number;
  ropeTheta?: number;
  rmsNormEps?: number;
  /** The output matrix is the embedding matrix. Default true. */
  tieEmbeddings?: boolean;
}
