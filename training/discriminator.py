"""A patch discriminator: Isola et al., pix2pix (CVPR 2017).

It sees L with ab, as in Treneska et al. 2022, and says of overlapping patches whether
their colours are real. With three strided layers a patch is 70×70 places.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

SLOPE = 0.2


class PatchDiscriminator(nn.Module):
    """C64-C128-C256-C512 for three layers: 4×4 convolutions, the last two of stride 1.

    Args:
        layers: Strided convolutions; each doubles the patch, roughly.
        base: Channels of the first.
    """

    def __init__(self, layers: int = 3, base: int = 64) -> None:
        super().__init__()
        widths = [base * min(2**i, 8) for i in range(layers + 1)]
        parts: list[nn.Module] = [nn.Conv2d(3, base, 4, 2, 1), nn.LeakyReLU(SLOPE)]
        for number in range(1, layers + 1):
            stride = 2 if number < layers else 1
            parts += [
                nn.Conv2d(widths[number - 1], widths[number], 4, stride, 1, bias=False),
                nn.BatchNorm2d(widths[number]),
                nn.LeakyReLU(SLOPE),
            ]
        self.parts = nn.Sequential(*parts, nn.Conv2d(widths[-1], 1, 4, 1, 1))

    def forward(self, lightness: Tensor, ab: Tensor) -> Tensor:
        """Return a score for every patch, (B, 1, h', w').

        Args:
            lightness: (B, 1, h, w), CIE L*.
            ab: (B, 2, h, w), CIE Lab units.
        """
        scores: Tensor = self.parts(torch.cat([lightness / 50 - 1, ab / 110], 1))
        return scores
