"""What every colour generator is, whatever it is built of."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn

from colorizer.vision.networks.pyramid import Encoder


class Generator(nn.Module):
    """Grey in, CIE Lab a*b* out.

    Args:
        bins: Number of ab bins whose scores the last layer gives (Zhang, Isola &
            Efros 2016); 0 for direct regression.
    """

    ab_scale: float = 110.0
    """The regression output is CIE Lab a*, b* divided by this."""
    share: int = 4
    """The output is this many times smaller than the input."""
    takes_hints: bool = False
    encoder: Encoder
    centres: Tensor

    def __init__(self, bins: int) -> None:
        super().__init__()
        self.bins = bins
        self.register_buffer("centres", torch.zeros(bins, 2))  # ab units

    @abstractmethod
    def forward(self, grey: Tensor, hints: Tensor | None = None) -> Tensor:
        """Return bin scores (B, bins, h, w), or ab / ab_scale (B, 2, h, w).

        Args:
            grey: (B, 1, H, W), (luma - 127) / 128 with luma 0-255.
            hints: (B, 3, H, W), as :mod:`colorizer.vision.networks.hints` says;
                None where none are known. Only for a network that takes hints.
        """

    def decode(self, out: Tensor, temperature: float = 1.0) -> Tensor:
        """Return ab (B, 2, h, w), CIE Lab units, from what :meth:`forward` gave.

        Scores become the annealed mean of the bin centres: below 1, ``temperature``
        moves it from the mean towards the mode.
        """
        if not self.bins:
            return out.float() * self.ab_scale
        scores = out.float().permute(0, 2, 3, 1)  # as channels_last keeps them
        return self.mean(torch.softmax(scores / temperature, -1))

    def mean(self, chances: Tensor) -> Tensor:
        """Return the mean ab (B, 2, h, w) of the bins' chances (B, h, w, bins)."""
        return (chances @ self.centres).permute(0, 3, 1, 2)
