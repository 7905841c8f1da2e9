// Names and shapes of the tensors of a bundle's ONNX files, for whoever exports them and for the code that runs them.
// B batch, C channels, (D, H, W) = (k, j, i) of the input volume, N visual tokens, d width, T sequence, V vocabulary,
// P past, H heads, h head width. All float32 unless said; weights may be stored as float16 with a Cast behind them.
//
//   onnx/encoder.onnx    pixel_values [B,C,D,H,W]        -> last_hidden_state [B,S,e]
//   onnx/projector.onnx  last_hidden_state [B,S,e]       -> visual_tokens [B,N,d]
//   onnx/embed.onnx      input_ids [B,T] int64           -> inputs_embeds [B,T,d]
//   onnx/decoder.onnx, layout 'append' (B = 1; the cache has room for R >= 1 rows, of which those before the first position
//     are the past and the others are ignored; only new rows are fetched):
//       inputs_embeds [1,T,d], position_ids [1,T] int64, past_key_values.L.key / .value [H,R,h]
//       -> logits [1,T,V], present.L.key / .value [H,T,h]
//   onnx/decoder.onnx, layout 'hf' (as Optimum and transformers.js name them):
//       inputs_embeds [B,T,d], attention_mask [B,P+T] int64, position_ids [B,T] int64, past_key_values.L.key [B,H,P,h]
//       -> logits [B,T,V], present.L.key [B,H,P+T,h]
//   onnx/scorer.onnx     inputs_embeds [B,T,d]           -> logits [B,T,V], attention [B,T,T]
//       causal, positions 0..T-1; attention is the mean over layers and heads, row = query
//   onnx/probe.onnx, onnx/probe-null.onnx
//                        visual_tokens [B,N,d]           -> reconstruction [B,D,H,W] in HU, any affine of it inside the graph
//
// Visual token n stands at (gi, gj, gk) of the token grid, n = gi + Gi * (gj + Gj * gk); i runs with W, j with H, k with D.
// Its footprint is the block of input voxels [gi*W/Gi, (gi+1)*W/Gi) x ... ; the input volume is aligned with LPS (i towards
// the patient's left, j towards the back, k towards the head).
// The prompt holds IMAGE_MARK once; the text before and after it is tokenised without added special tokens (write them in
// the prompt, e.g. '<s>'), and the N visual tokens stand in its place. Generation ends at an `eos_token_id` of
// generation_config.json, else of config.json. Layers, heads and head width come from config.json: num_hidden_layers,
// num_key_value_heads (or num_attention_heads), head_dim (or hidden_size / num_attention_heads).

export const IMAGE_MARK = '<image>';

export const TENSOR = {
  pixels: 'pixel_values',
  hidden: 'last_hidden_state',
  visual: 'visual_tokens',
  ids: 'input_ids',
  embeds: 'inputs_embeds',
  mask: 'attention_mask',
  positions: 'position_ids',
  logits: 'logits',
  attention: 'attention',
  reconstruction: 'reconstruction',
  pastKey: (layer: number) => `past_key_values.${layer}.key`,
  pastValue: (layer: number) => `past_key_values.${layer}.value`,
  presentKey: (layer: number) => `present.${layer}.key`,
  presentValue: (layer: number) => `present.${layer}.value`,
} as const;

export const FILE = {
  manifest: 'reading-room.json',
  config: 'config.json',
  generation: 'generation_config.json',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  encoder: 'onnx/encoder.onnx',
  projector: 'onnx/projector.onnx',
  embed: 'onnx/embed.onnx',
  decoder: 'onnx/decoder.onnx',
  scorer: 'onnx/scorer.onnx',
  probe: 'onnx/probe.onnx',
  probeNull: 'onnx/probe-null.onnx',
} as const;
