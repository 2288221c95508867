"""A colour generator: an encoder's pyramid, merged top-down, ab at a quarter.

Lin et al., "Feature Pyramid Networks for Object Detection" (CVPR 2017). Deviations:
widths shrink towards the fine maps, coarse maps are projected before they are
enlarged, and the globally pooled deepest features are added at the coarsest map, so
that the whole scene speaks to every place. True ab kept at a quarter of the size
reconstructs at about 39 dB, far above what any colorizer reaches.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from colorizer.vision.networks.efficientnet_lite import (
    ConvNorm,
    EfficientNetLite0,
    Pyramid,
)

AB_SCALE = 110.0
"""The network's regression output is CIE Lab a*, b* divided by this."""


class PyramidDecoder(nn.Module):
    """Merges a pyramid from stride 32 up to stride 4."""

    def __init__(
        self,
        encoder: EfficientNetLite0,
        widths: tuple[int, int, int, int],
        *,
        folded: bool,
    ) -> None:
        super().__init__()
        w4, w8, w16, w32 = widths
        ch = encoder.channels
        self.context = nn.Linear(encoder.deep_channels, w32)
        self.lateral32 = nn.Conv2d(ch[32], w32, 1)
        self.merge32 = ConvNorm(w32, w32, 3, folded=folded)
        self.down16 = nn.Conv2d(w32, w16, 1)
        self.lateral16 = nn.Conv2d(ch[16], w16, 1)
        self.merge16 = ConvNorm(w16, w16, 3, folded=folded)
        self.down8 = nn.Conv2d(w16, w8, 1)
        self.lateral8 = nn.Conv2d(ch[8], w8, 1)
        self.merge8 = ConvNorm(w8, w8, 3, folded=folded)
        self.down4 = nn.Conv2d(w8, w4, 1)
        self.lateral4 = nn.Conv2d(ch[4], w4, 1)
        self.merge4 = ConvNorm(w4, w4, 3, folded=folded)

    def forward(self, maps: Pyramid) -> Tensor:
        """Return the merged map, (B, widths[0], H/4, W/4)."""
        context = self.context(maps.deep.mean((2, 3)))  # (B, w32)
        x = self.merge32(F.relu(self.lateral32(maps.s32) + context[:, :, None, None]))
        x = self.merge16(F.relu(self.lateral16(maps.s16) + _twice(self.down16(x))))
        x = self.merge8(F.relu(self.lateral8(maps.s8) + _twice(self.down8(x))))
        merged: Tensor = self.merge4(
            F.relu(self.lateral4(maps.s4) + _twice(self.down4(x)))
        )
        return merged


class FpnGenerator(nn.Module):
    """Grey in, CIE Lab a*b* at a quarter of the size out.

    Args:
        bins: Number of ab bins whose scores the last layer gives (Zhang, Isola &
            Efros 2016); 0 for direct regression.
        widths: Decoder widths at strides 4, 8, 16 and 32.
        folded: Build without batch normalisation, to load folded weights.
    """

    centres: Tensor

    def __init__(
        self,
        bins: int = 0,
        widths: tuple[int, int, int, int] = (48, 96, 160, 256),
        *,
        folded: bool = False,
    ) -> None:
        super().__init__()
        self.bins = bins
        self.encoder = EfficientNetLite0(folded=folded)
        self.decoder = PyramidDecoder(self.encoder, widths, folded=folded)
        self.last = nn.Conv2d(widths[0], bins or 2, 1)
        self.register_buffer("centres", torch.zeros(bins, 2))  # ab units

    def forward(self, grey: Tensor) -> Tensor:
        """Return bin scores (B, bins, H/4, W/4), or ab / 110 (B, 2, H/4, W/4)."""
        out: Tensor = self.last(self.decoder(self.encoder(grey)))
        return out

    def decode(self, out: Tensor, temperature: float = 1.0) -> Tensor:
        """Return ab (B, 2, h, w), CIE Lab units, from what :meth:`forward` gave.

        Scores become the annealed mean of the bin centres: below 1, ``temperature``
        moves it from the mean towards the mode.
        """
        if not self.bins:
            return out * AB_SCALE
        return self.mean(torch.softmax(out.float() / temperature, 1))

    def mean(self, chances: Tensor) -> Tensor:
        """Return the mean ab (B, 2, h, w) of the bins' chances (B, bins, h, w)."""
        return F.conv2d(chances, self.centres.t()[:, :, None, None])


def _twice(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
