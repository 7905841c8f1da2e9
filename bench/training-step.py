# The same step in PyTorch, eager, on the CPU: prints the median seconds of a step. Argument: threads.
import sys
import time

import torch
from torch import nn

B, N, D, DEPTH, HEADS, CLASSES, PATCH = 16, 256, 192, 6, 3, 100, 768
torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(0)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.qkv, self.proj = nn.Linear(D, 3 * D), nn.Linear(D, D)
        self.fc1, self.fc2 = nn.Linear(D, 4 * D), nn.Linear(4 * D, D)

    def forward(self, x):
        q, k, v = (t.reshape(B, N, HEADS, D // HEADS).transpose(1, 2) for t in self.qkv(self.norm1(x)).chunk(3, dim=-1))
        a = nn.functional.scaled_dot_product_attention(q, k, v)
        x = x + self.proj(a.transpose(1, 2).reshape(B, N, D))
        return x + self.fc2(nn.functional.gelu(self.fc1(self.norm2(x))))


embed, head, norm = nn.Linear(PATCH, D), nn.Linear(D, CLASSES), nn.LayerNorm(D)
positions = nn.Parameter(torch.zeros(1, N, D))
blocks = nn.Sequential(*[Block() for _ in range(DEPTH)])
params = [p for m in (embed, head, norm, blocks) for p in m.parameters()] + [positions]
optimiser = torch.optim.AdamW(params, lr=1e-4, betas=(0.9, 0.98), weight_decay=0.05)
pixels = torch.randn(B, 3, 256, 256)
labels = torch.arange(B) * 7 % CLASSES


def step():
    rows = pixels.reshape(B, 3, 16, 16, 16, 16).permute(0, 2, 4, 1, 3, 5).reshape(B, N, PATCH)
    logits = head(norm(blocks(embed(rows) + positions)).mean(1))
    loss = nn.functional.cross_entropy(logits, labels)
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(params, 1.0)
    optimiser.step()
    return loss.item()


step()
times = []
for _ in range(9):
    start = time.perf_counter()
    step()
    times.append(time.perf_counter() - start)
print(sorted(times)[len(times) // 2])
