"""A small vision transformer with a simple feature pyramid.

Dosovitskiy et al., "An Image is Worth 16x16 Words" (ICLR 2021); the pyramid is made of
the last map alone, by deconvolution and pooling, as in Li et al., "Exploring Plain
Vision Transformer Backbones for Object Detection" (ECCV 2022). Deviations: one grey
input channel, no class token, and fixed sine and cosine positions (Vaswani et al.
2017, in two dimensions), which any picture size can have; attention is global in
every block.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from colorizer.vision.networks.pyramid import Encoder, Pyramid

PATCHES = (8, 16)


class Block(nn.Module):
    """Attention and a two-layer perceptron, each normalised before and skipped."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.expand = nn.Linear(width, 4 * width)
        self.reduce = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, N, width) of (B, N, width)."""
        batch, count, width = x.shape
        qkv = self.qkv(self.norm1(x)).view(batch, count, 3, self.heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, heads, N, width / heads)
        seen = F.scaled_dot_product_attention(q, k, v)
        x = x + self.project(seen.transpose(1, 2).reshape(batch, count, width))
        out: Tensor = x + self.reduce(F.gelu(self.expand(self.norm2(x))))
        return out


class VisionTransformer(Encoder):
    """Patches, transformer blocks, and a pyramid of the last map.

    Args:
        patch: Side of a patch, 8 or 16.
        width: Of a patch's vector, a multiple of 4 and of the heads.
        depth: Number of blocks.
        heads: Of attention.
        folded: Nothing here has batch normalisation: the same either way.
    """

    def __init__(
        self,
        patch: int = 8,
        width: int = 192,
        depth: int = 6,
        heads: int = 3,
        *,
        folded: bool = False,
    ) -> None:
        super().__init__()
        del folded
        if patch not in PATCHES or width % 4 or width % heads:
            raise TypeError(
                "A vision transformer's patch is 8 or 16 and its width a multiple of "
                f"4 and of its heads, not {patch}, {width} and {heads}."
            )
        self.patch = patch
        self.channels = {4: width // 2, 8: width // 2, 16: width, 32: width}
        self.deep_channels = width
        self.stem = nn.Conv2d(1, width, patch, patch)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        half = width // 2
        up8: nn.Module = nn.ConvTranspose2d(width, half, 2, 2)
        self.to8 = up8 if patch == 16 else nn.Conv2d(width, half, 1)
        self.to4 = nn.ConvTranspose2d(half, half, 2, 2)

    def forward(self, grey: Tensor) -> Pyramid:
        """Return the feature pyramid; its deepest map is that at stride 32."""
        x = self.stem(grey)
        _, width, rows, columns = x.shape
        x = x.flatten(2).transpose(1, 2) + positions(rows, columns, width).to(x)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x).transpose(1, 2).unflatten(2, (rows, columns))
        s8 = self.to8(x)
        s16 = x if self.patch == 16 else F.avg_pool2d(x, 2)
        s32 = F.avg_pool2d(s16, 2)
        return Pyramid(self.to4(F.gelu(s8)), s8, s16, s32, s32)


def positions(rows: int, columns: int, width: int) -> Tensor:
    """Return the sines and cosines of each place, (rows · columns, width)."""
    wave = 10000.0 ** -(torch.arange(width // 4) / (width // 4))
    y = torch.arange(rows)[:, None, None] * wave
    x = torch.arange(columns)[None, :, None] * wave
    parts = [y.sin(), y.cos(), x.sin(), x.cos()]
    return torch.cat([p.expand(rows, columns, -1) for p in parts], 2).flatten(0, 1)
