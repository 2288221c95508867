"""Colour hints as a network's further input.

Zhang et al., "Real-Time User-Guided Image Colorization with Learned Deep Priors"
(SIGGRAPH 2017): the ab of a few points and a mask of where they are join the grey
picture. Here they come through convolutions of their own that start at zero and have
no bias: a trained network without hints is the starting point, and no hints are the
same as none asked for. A U-Net gets them at its input. Deviation: pyramids get them at
each stride of the decoder and not at the input, so that a frozen encoder can be
steered, and learning need not reach back through its large first maps.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from colorizer.vision.hinting import CHANNELS

GAIN = 10.0
"""Lets weights that start at zero, and move as slowly as all others, soon matter."""


class HintStem(nn.Conv2d):
    """What is added to a first convolution: (B, 3, H, W) in, that one's shape out."""

    def __init__(self, stem: nn.Conv2d) -> None:
        super().__init__(
            CHANNELS,
            stem.out_channels,
            stem.kernel_size,  # type: ignore[arg-type]
            stem.stride,  # type: ignore[arg-type]
            stem.padding,  # type: ignore[arg-type]
            bias=False,
        )
        nn.init.zeros_(self.weight)

    def forward(self, hints: Tensor) -> Tensor:
        """Return what is added."""
        return super().forward(hints * GAIN)


class HintLaterals(nn.ModuleDict):
    """What is added to a decoder's laterals at strides 4, 8, 16 and 32."""

    def __init__(self, widths: tuple[int, int, int, int]) -> None:
        super().__init__()
        for stride, width in zip((4, 8, 16, 32), widths, strict=True):
            self[str(stride)] = nn.Conv2d(CHANNELS, width, 1, bias=False)
            nn.init.zeros_(self[str(stride)].weight)  # type: ignore[arg-type]

    def forward(self, hints: Tensor) -> dict[int, Tensor]:
        """Return a map for each stride."""
        return {
            int(s): conv(gathered(hints, int(s)) * GAIN) for s, conv in self.items()
        }


class HintAttention(nn.Module):
    """Carries hints to places that look alike, however far: one coat, all the coats.

    Every place of a decoder's map asks the places with hints, by learnt similarity and
    distance, and nobody where none is like it. Where there are no hints nothing is
    added. Dot-product attention (Vaswani et al. 2017) over the hinted places and one
    empty answer.

    Args:
        width: Channels of the map.
        inner: Channels in which places are compared.
    """

    STRIDE = 16
    """Of the map."""
    NEVER = -1e4

    def __init__(self, width: int, inner: int = 32) -> None:
        super().__init__()
        self.asked = nn.Conv2d(width + 3, inner, 1)
        self.asking = nn.Conv2d(width + 3, inner, 1)
        self.nobody = nn.Parameter(torch.zeros(1))
        self.told = nn.Conv2d(CHANNELS, width, 1, bias=False)
        nn.init.zeros_(self.told.weight)

    def forward(self, x: Tensor, hints: Tensor) -> Tensor:
        """Return what is added to a map.

        Args:
            x: (B, width, H/16, W/16).
            hints: (B, 3, H, W).
        """
        known = gathered(hints, self.STRIDE)  # (B, 3, h, w)
        placed = torch.cat([x, where(x)], 1)
        queries, keys = self.asking(placed).flatten(2), self.asked(placed).flatten(2)
        alike = queries.transpose(1, 2) @ keys / keys.shape[1] ** 0.5  # (B, N, N)
        alike = alike + (1 - known[:, 2:].flatten(2)) * self.NEVER
        nobody = alike[:, :, :1] * 0 + self.nobody  # (B, N, 1)
        heard = torch.softmax(torch.cat([alike, nobody], 2), 2)[:, :, :-1]
        said = known.flatten(2) @ heard.transpose(1, 2)  # (B, 3, N)
        added: Tensor = self.told(said.view(known.shape) * GAIN)
        return added


def where(x: Tensor) -> Tensor:
    """Return each place's column, row and squared distance from a corner.

    With them a dot product can tell how far apart two places are. In units of eight
    places; (B, 3, h, w).
    """
    ones = x[:, :1] * 0 + 1
    columns, rows = ones.cumsum(3) / 8, ones.cumsum(2) / 8
    return torch.cat([columns, rows, columns.square() + rows.square()], 1)


def gathered(hints: Tensor, stride: int) -> Tensor:
    """Return hints (B, 3, H, W) at (H/stride, W/stride), undiluted.

    A place with hints has their mean colour and the mask 1, however few they are.
    """
    mean = F.avg_pool2d(hints, stride)
    covered = mean[:, 2:]
    ab = mean[:, :2] / covered.clamp(min=1e-6)
    return torch.cat([ab, (covered > 0).to(hints.dtype)], 1)
