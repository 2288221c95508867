"""A plain residual encoder of grey pictures: ordinary 3×3 convolutions.

He et al., "Deep Residual Learning for Image Recognition" (CVPR 2016), basic blocks.
Deviations: one grey input channel, a stem of two strided convolutions instead of one of
7×7 and a pooling, ReLU6, and widths chosen for training on a few cores, where
ordinary convolutions learn several times faster than depthwise ones of equal cost.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from colorizer.vision.networks.layers import ConvNorm
from colorizer.vision.networks.pyramid import Encoder, Pyramid

STEM = 32
"""Channels after the first convolution."""


class BasicBlock(nn.Module):
    """Two 3×3 convolutions and a skip, which is projected where the shape changes."""

    def __init__(
        self, channels_in: int, channels_out: int, stride: int, *, folded: bool
    ) -> None:
        super().__init__()
        self.first = ConvNorm(channels_in, channels_out, 3, stride, folded=folded)
        self.second = ConvNorm(
            channels_out, channels_out, 3, activate=False, folded=folded
        )
        same = stride == 1 and channels_in == channels_out
        # A 2×2 kernel sees every place that a strided 1×1 would skip.
        self.skip: nn.Module = (
            nn.Identity()
            if same
            else ConvNorm(
                channels_in, channels_out, stride, stride, activate=False, folded=folded
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's map."""
        return F.relu6(self.skip(x) + self.second(self.first(x)))


class ResidualEncoder(Encoder):
    """Basic blocks at strides 4, 8, 16 and 32.

    Args:
        widths: Channels at those strides.
        depths: Blocks at those strides.
        folded: Build without batch normalisation, to load folded weights.
    """

    def __init__(
        self,
        widths: tuple[int, int, int, int] = (48, 96, 192, 320),
        depths: tuple[int, int, int, int] = (1, 2, 2, 2),
        *,
        folded: bool = False,
    ) -> None:
        super().__init__()
        self.stem = ConvNorm(1, STEM, 3, 2, folded=folded)
        blocks: list[nn.Module] = []
        self.ends: dict[int, int] = {}
        before = STEM
        for stride, width, depth in zip((4, 8, 16, 32), widths, depths, strict=True):
            for repeat in range(depth):
                blocks.append(
                    BasicBlock(before, width, 2 if repeat == 0 else 1, folded=folded)
                )
                before = width
            self.ends[len(blocks) - 1] = stride
        self.blocks = nn.ModuleList(blocks)
        self.channels = dict(zip((4, 8, 16, 32), widths, strict=True))
        self.deep_channels = widths[-1]

    def forward(self, grey: Tensor) -> Pyramid:
        """Return the feature pyramid; its deepest map is that at stride 32."""
        x = self.stem(grey)
        maps: dict[int, Tensor] = {}
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in self.ends:
                maps[self.ends[number]] = x
        return Pyramid(maps[4], maps[8], maps[16], maps[32], x)
