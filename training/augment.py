"""Crops, and what film, printing, age and scanning do to a photograph.

The historical part follows the emulsions: blue-sensitive plates before 1873,
orthochromatic ones (green and blue) to about 1906, panchromatic film after; mixed in
linear light, then tone curve, fading, blur and grain.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

EMULSIONS = (
    (0.05, 0.10, 0.85),  # blue-sensitive
    (0.05, 0.50, 0.45),  # orthochromatic
    (0.30, 0.50, 0.20),  # panchromatic
)
_LUMA = (0.299, 0.587, 0.114)


def crop(
    picture: NDArray[np.uint8], size: int, rng: np.random.Generator, least: float
) -> NDArray[np.uint8]:
    """Return a random square of the picture, (size, size, 3), perhaps mirrored.

    Args:
        picture: (H, W, 3).
        size: Side of what is returned.
        rng: Where chance comes from.
        least: Smallest share of the shorter side that a crop may have.
    """
    height, width = picture.shape[:2]
    side = max(1, round(min(height, width) * rng.uniform(least, 1.0)))
    top = int(rng.integers(height - side + 1))
    left = int(rng.integers(width - side + 1))
    square = Image.fromarray(picture[top : top + side, left : left + side])
    small = np.asarray(square.resize((size, size), Image.Resampling.BILINEAR))
    return small[:, ::-1] if rng.random() < 0.5 else small


def squared(picture: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return a whole picture, aspect kept, mirrored outwards to (size, size, 3)."""
    rows, columns = picture.shape[:2]
    scale = size / max(rows, columns)
    shape = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    image = Image.fromarray(np.ascontiguousarray(picture))
    small = np.asarray(image.resize(shape, Image.Resampling.BILINEAR))
    missing = ((0, size - small.shape[0]), (0, size - small.shape[1]), (0, 0))
    return np.pad(small, missing, "symmetric")


def luma(rgb: Tensor) -> Tensor:
    """Return BT.601 luma (B, 1, H, W), 0-255, of sRGB (B, 3, H, W), 0-255."""
    return (rgb * rgb.new_tensor(_LUMA)[:, None, None]).sum(1, keepdim=True)


def normalised(grey: Tensor) -> Tensor:
    """Return luma 0-255 as a network's input, (luma - 127) / 128."""
    return (grey - 127.0) / 128.0


def aged(rgb: Tensor, rng: np.random.Generator) -> Tensor:
    """Return what an old photograph of the scene might look like, (B, 1, H, W).

    Args:
        rgb: (B, 3, H, W) sRGB, 0-255.
        rng: Where chance comes from.
    """
    count = len(rgb)
    linear = (rgb / 255.0).clamp(min=1e-4) ** 2.2
    weights = np.stack(
        [
            rng.dirichlet((1.0, 2.0, 1.0))
            if rng.random() < 0.5
            else EMULSIONS[int(rng.integers(len(EMULSIONS)))]
            for _ in range(count)
        ]
    )
    grey = (linear * _column(weights.T)).sum(1, keepdim=True)  # (B, 1, H, W)
    # Tone curve: exposure and gamma of plate and paper.
    gamma = np.exp(rng.uniform(-0.45, 0.35, count)) / 2.2
    grey = (grey * _scalar(np.exp(rng.uniform(-0.3, 0.3, count)))).clamp(1e-4, 1.0)
    grey = grey ** _scalar(gamma)
    # Fading lifts the blacks and greys the whites.
    black = rng.uniform(0.0, 0.2, count) * (rng.random(count) < 0.6)
    white = 1 - rng.uniform(0.0, 0.2, count) * (rng.random(count) < 0.6)
    grey = _scalar(black) + grey * _scalar(white - black)
    # Soft lenses, then grain, which is as fine as the plate.
    soft = F.avg_pool2d(F.pad(grey, (1, 1, 1, 1), mode="replicate"), 3, 1)
    blur = rng.uniform(0.0, 1.0, count) * (rng.random(count) < 0.4)
    grey = grey + (soft - grey) * _scalar(blur)
    sigma = rng.uniform(0.0, 0.05, count) * (rng.random(count) < 0.6)
    grain = torch.from_numpy(rng.standard_normal(grey.shape, dtype=np.float32))
    return (grey + grain * _scalar(sigma)).clamp(0, 1) * 255.0


def mixed_grey(rgb: Tensor, aged_share: float, rng: np.random.Generator) -> Tensor:
    """Return network input (B, 1, H, W), part of the batch aged, part plain luma."""
    count = round(len(rgb) * aged_share)
    plain = luma(rgb[count:])
    grey = torch.cat([aged(rgb[:count], rng), plain]) if count else plain
    return normalised(grey.round())


def _scalar(values: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))[:, None, None, None]


def _column(values: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values.T, dtype=np.float32))[
        :, :, None, None
    ]
