"""The U-Net of the paper from which this project comes.

Treneska et al. 2022, "GAN-Based Image Colorization for Self-Supervised Visual Feature
Learning" (Sensors 22:1599), after pix2pix (Isola et al., CVPR 2017).

Eight 4×4 convolutions of stride 2, C64-128-256-512×5, down to one place at 256 px;
their mirror image with transposed convolutions; skips by concatenation; ab at the
full size, tanh times 128. Deviations, none of which the description forbids: grey is
(luma - 127) / 128 where the paper has L/50 - 1; dropout is off at inference, and the
running statistics are used there; the innermost map has no normalisation, as in
pix2pix's later code, since one place has no variance; fewer levels may be chosen for
pictures that are no multiple of 256, and bins of ab instead of ab.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from colorizer.vision.networks.generator import Generator
from colorizer.vision.networks.hints import HintStem
from colorizer.vision.networks.layers import Normed
from colorizer.vision.networks.pyramid import Encoder, Pyramid

LEVELS = 8
SLOPE = 0.2
DROPPED = 3
"""So many of the innermost decoder levels have dropout, of one half."""


def widths_of(levels: int, base: int) -> list[int]:
    """Return the channels of each level: C64-128-256-512×5 for a base of 64."""
    return [base * min(2**level, 8) for level in range(levels)]


class UNetEncoder(Encoder):
    """The contracting half.

    Args:
        levels: How often the picture is halved, at least 6.
        base: Channels of the first level.
        folded: Build without batch normalisation, to load folded weights.
    """

    def __init__(
        self, levels: int = LEVELS, base: int = 64, *, folded: bool = False
    ) -> None:
        super().__init__()
        if levels < 6:
            raise TypeError(f"A U-Net has at least 6 levels, not {levels}.")
        widths = widths_of(levels, base)
        self.widths = widths
        self.channels = {2 ** (i + 1): widths[i] for i in range(1, 5)}
        self.deep_channels = widths[-1]
        self.multiple = self.deep_stride = 2**levels
        self.stem: nn.Conv2d = nn.Conv2d(1, base, 4, 2, 1)
        blocks: list[nn.Module] = [
            Normed(
                nn.Conv2d(before, after, 4, 2, 1, bias=folded),
                folded=folded,
            )
            for before, after in pairwise(widths[:-1])
        ]
        blocks.append(nn.Conv2d(widths[-2], widths[-1], 4, 2, 1))
        self.blocks = nn.ModuleList(blocks)

    def levels(self, grey: Tensor, extra: Tensor | None = None) -> list[Tensor]:
        """Return the maps at strides 2, 4, … before their activation.

        ``extra`` is added to the first of them.
        """
        x = self.stem(grey)
        maps = [x if extra is None else x + extra]
        for block in self.blocks:
            maps.append(block(F.leaky_relu(maps[-1], SLOPE)))
        return maps

    def forward(self, grey: Tensor) -> Pyramid:
        """Return the feature pyramid; its deepest map is the innermost."""
        maps = [F.leaky_relu(m, SLOPE) for m in self.levels(grey)]
        return Pyramid(maps[1], maps[2], maps[3], maps[4], maps[-1])


class PaperUNet(Generator):
    """Grey in, CIE Lab a*b* at the full size out.

    Args:
        bins: Number of ab bins; 0 for direct regression, as in the paper.
        hints: Take colour hints.
        encoder: What :class:`UNetEncoder` is built with.
        folded: Build without batch normalisation, to load folded weights.
    """

    ab_scale = 128.0
    share = 1

    def __init__(
        self,
        bins: int = 0,
        *,
        hints: bool = False,
        encoder: dict[str, int] | None = None,
        folded: bool = False,
    ) -> None:
        super().__init__(bins)
        self.encoder: UNetEncoder = UNetEncoder(**(encoder or {}), folded=folded)
        widths = self.encoder.widths
        self.takes_hints = hints
        if hints:
            self.hint_stem = HintStem(self.encoder.stem)
        ups: list[nn.Module] = []
        for level in range(len(widths) - 1, 0, -1):
            innermost = level == len(widths) - 1
            before = widths[level] * (1 if innermost else 2)
            up = nn.ConvTranspose2d(before, widths[level - 1], 4, 2, 1, bias=folded)
            ups.append(Normed(up, folded=folded))
        self.ups = nn.ModuleList(ups)
        self.last = nn.ConvTranspose2d(2 * widths[0], bins or 2, 4, 2, 1)

    def forward(self, grey: Tensor, hints: Tensor | None = None) -> Tensor:
        """Return bin scores (B, bins, H, W), or ab / 128 (B, 2, H, W)."""
        extra = None if hints is None else self.hint_stem(hints)
        maps = self.encoder.levels(grey, extra)
        x = maps.pop()
        for number, up in enumerate(self.ups):
            x = up(F.relu(x))
            if number < DROPPED:
                x = F.dropout(x, 0.5, self.training)
            x = torch.cat([x, maps.pop()], 1)
        out: Tensor = self.last(F.relu(x))
        return out if self.bins else torch.tanh(out)
