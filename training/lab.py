"""CIE Lab (D65) of sRGB batches, in torch."""

from __future__ import annotations

import torch
from torch import Tensor

_XYZ = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
_WHITE = (0.95047, 1.0, 1.08883)


def lab_of(rgb: Tensor) -> Tensor:
    """Return Lab (B, 3, H, W) of sRGB (B, 3, H, W) in 0-1, as scikit-image does."""
    linear = torch.where(
        rgb > 0.04045, ((rgb.clamp(min=0.04) + 0.055) / 1.055) ** 2.4, rgb / 12.92
    )
    xyz = torch.einsum("ij,bjhw->bihw", rgb.new_tensor(_XYZ), linear)
    xyz = xyz / rgb.new_tensor(_WHITE)[:, None, None]
    f = torch.where(
        xyz > 0.008856, xyz.clamp(min=0.008) ** (1 / 3), 7.787 * xyz + 16 / 116
    )
    x, y, z = f[:, 0], f[:, 1], f[:, 2]
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)
