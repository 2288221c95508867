"""Simulated colour hints: what a curator might point at, from the true colours.

Zhang et al., "Real-Time User-Guided Image Colorization with Learned Deep Priors"
(SIGGRAPH 2017): a geometric number of points, each revealing the mean colour of a
small patch. Deviations: places are uniform, not near the centre, and patches are as
large for every picture size, in shares of it.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from colorizer.vision.hinting import AB_SCALE, CHANNELS
from training.chance import Chance
from training.lab import lab_of

STOP = 1 / 8
"""How likely each point is the last."""
WIDEST = 9 / 256
"""Of a patch, as a share of the picture's side; the smallest is one place."""


def simulated_hints(rgb: Tensor, chance: Chance, share: float, most: int) -> Tensor:
    """Return hints (B, 3, H, W), as :mod:`colorizer.vision.networks.hints` says.

    Args:
        rgb: (B, 3, H, W) sRGB, 0-255: the true colours.
        chance: One generator a picture.
        share: How likely a picture has any.
        most: Points at most.
    """
    counts = [
        min(most, int(g.geometric(STOP))) if g.random() < share else 0
        for g in chance.generators
    ]
    return hints_at(rgb, chance, counts)


def hints_at(rgb: Tensor, chance: Chance, counts: list[int]) -> Tensor:
    """Return as many true hints (B, 3, H, W) for each picture, anywhere."""
    batch, _, height, width = rgb.shape
    planes = rgb.new_zeros(batch, CHANNELS, height, width)
    widest = max(1, round(WIDEST * min(height, width)))
    places: list[tuple[int, slice, slice]] = []
    means: list[Tensor] = []
    for picture, (rng, count) in enumerate(zip(chance.generators, counts, strict=True)):
        for _ in range(count):
            side = int(rng.integers(1, widest + 1))
            top = int(rng.integers(height - side + 1))
            left = int(rng.integers(width - side + 1))
            patch = (slice(top, top + side), slice(left, left + side))
            places.append((picture, *patch))
            means.append(rgb[picture, :, patch[0], patch[1]].mean((1, 2)))
    if means:
        colours = torch.stack(means).t()[None, :, :, None] / 255.0  # (1, 3, N, 1)
        ab = lab_of(colours)[0, 1:, :, 0] / AB_SCALE  # (2, N)
        for number, (picture, rows, columns) in enumerate(places):
            planes[picture, :2, rows, columns] = ab[:, number, None, None]
            planes[picture, 2, rows, columns] = 1.0
    return planes


def steady(count: int) -> Chance:
    """Return the chance of ``count`` validation pictures, the same each time."""
    return Chance(np.random.default_rng([number]) for number in range(count))
