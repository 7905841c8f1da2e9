# Goldens for test/unit/nn/torch.test.ts, from PyTorch 2.13 on the CPU in float64 (stored as float32): a 2-D ViT read by a
# Llama-like language model with cross-entropy. Losses and gradients of one step, and weights after three steps of clipped
# AdamW. Run: python test/golden/make_transformer.py  (writes transformer.safetensors beside itself)
import math
import pathlib

import torch
from safetensors.torch import save_file
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(11)
B, IMAGE, PATCH, CHANNELS, WIDTH, DEPTH, HEADS = 2, 8, 4, 2, 24, 2, 3
VOCAB, HIDDEN, FFN, LAYERS, LM_HEADS, KV, T, EPS = 13, 16, 24, 2, 4, 2, 5, 1e-6
N = (IMAGE // PATCH) ** 2

params = {}


def param(name, *shape, scale=0.3, base=0.0):
    if name not in params:
        params[name] = (base + scale * torch.randn(*shape)).float().double().requires_grad_()
    return params[name]


def linear(name, x, out, bias=True):
    w = param(name + '.weight', out, x.shape[-1])
    return F.linear(x, w, param(name + '.bias', out, scale=0.1) if bias else None)


def layer_norm(name, x):
    d = x.shape[-1]
    return F.layer_norm(x, (d,), param(name + '.weight', d, scale=0.1, base=1), param(name + '.bias', d, scale=0.1), EPS)


def rms_norm(name, x):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPS) * param(name + '.weight', x.shape[-1], scale=0.1, base=1)


def heads(x, n):
    return x.reshape(x.shape[0], x.shape[1], n, -1).transpose(1, 2)


def joined(x):
    return x.transpose(1, 2).reshape(x.shape[0], x.shape[2], -1)


def vit(pixels):
    g = IMAGE // PATCH
    rows = pixels.reshape(B, CHANNELS, g, PATCH, g, PATCH).permute(0, 2, 4, 1, 3, 5).reshape(B, N, -1)
    x = linear('vision.patch_embed.proj', rows, WIDTH) + param('vision.pos_embed', 1, N, WIDTH)
    for i in range(DEPTH):
        p = f'vision.blocks.{i}.'
        q, k, v = (heads(t, HEADS) for t in linear(p + 'attn.qkv', layer_norm(p + 'norm1', x), 3 * WIDTH).chunk(3, -1))
        x = x + linear(p + 'attn.proj', joined(F.scaled_dot_product_attention(q, k, v)), WIDTH)
        x = x + linear(p + 'mlp.fc2', F.gelu(linear(p + 'mlp.fc1', layer_norm(p + 'norm2', x), 4 * WIDTH)), WIDTH)
    return layer_norm('vision.norm', x)


def rotate(x):
    d = x.shape[-1]
    angle = torch.arange(x.shape[2])[:, None] / 10000 ** (torch.arange(d // 2) / (d // 2))
    cos, sin = torch.cat([angle.cos()] * 2, -1), torch.cat([angle.sin()] * 2, -1)
    return x * cos + torch.cat([-x[..., d // 2:], x[..., : d // 2]], -1) * sin


def lm(x):
    head = HIDDEN // LM_HEADS
    for i in range(LAYERS):
        p = f'model.layers.{i}.'
        h = rms_norm(p + 'input_layernorm', x)
        q = rotate(heads(linear(p + 'self_attn.q_proj', h, HIDDEN, False), LM_HEADS))
        k = rotate(heads(linear(p + 'self_attn.k_proj', h, KV * head, False), KV)).repeat_interleave(LM_HEADS // KV, 1)
        v = heads(linear(p + 'self_attn.v_proj', h, KV * head, False), KV).repeat_interleave(LM_HEADS // KV, 1)
        x = x + linear(p + 'self_attn.o_proj', joined(F.scaled_dot_product_attention(q, k, v, is_causal=True)), HIDDEN, False)
        h = rms_norm(p + 'post_attention_layernorm', x)
        x = x + linear(p + 'mlp.down_proj', F.silu(linear(p + 'mlp.gate_proj', h, FFN, False)) * linear(p + 'mlp.up_proj', h, FFN, False), HIDDEN, False)
    return rms_norm('model.norm', x)


pixels = torch.randn(B, CHANNELS, IMAGE, IMAGE).float().double()
ids = torch.randint(0, VOCAB, (B, T))
labels = torch.randint(0, VOCAB, (B, T))
labels[0, 3:] = -100
labels[1, 0] = -100


def forward():
    visual = linear('projector', vit(pixels), HIDDEN)
    table = param('model.embed_tokens.weight', VOCAB, HIDDEN)
    hidden = lm(torch.cat([visual, table[ids]], 1))
    logits = hidden[:, N - 1:N - 1 + T] @ table.T
    return logits, F.cross_entropy(logits.reshape(-1, VOCAB), labels.reshape(-1), ignore_index=-100)


logits, loss = forward()
loss.backward()
out = {'pixels': pixels, 'logits': logits, 'loss': loss}
for name, p in params.items():
    out['weight/' + name] = p.detach().clone()
    out['grad/' + name] = p.grad.clone()

# the product decays tensors of two or more dims except embeddings and positions
plain = {'vision.pos_embed', 'model.embed_tokens.weight'}
decayed = [p for n, p in params.items() if p.dim() >= 2 and n not in plain]
others = [p for n, p in params.items() if p.dim() < 2 or n in plain]
optimiser = torch.optim.AdamW([{'params': decayed, 'weight_decay': 0.05}, {'params': others, 'weight_decay': 0.0}], lr=1e-2, betas=(0.9, 0.98), eps=1e-8)
losses, norms = [], []
for step in range(3):
    optimiser.zero_grad()
    loss = forward()[1]
    loss.backward()
    norms.append(torch.nn.utils.clip_grad_norm_(list(params.values()), 1.0))
    for group in optimiser.param_groups:
        group['lr'] = 1e-2 / (step + 1)
    optimiser.step()
    losses.append(loss.detach())
out['losses'], out['norms'] = torch.stack(losses), torch.stack(norms)
for name, p in params.items():
    out['after/' + name] = p.detach().clone()

out = {k: v.detach().float().contiguous() for k, v in out.items()}
out['ids'], out['labels'] = ids.int(), labels.int()
save_file(out, str(pathlib.Path(__file__).with_name('transformer.safetensors')), {'torch': torch.__version__})
