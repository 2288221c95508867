"""CIE Lab (D65) of sRGB batches and back, in torch."""

from __future__ import annotations

import torch
from torch import Tensor

_XYZ = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
_RGB = (
    (3.24048134, -1.53715152, -0.49853633),
    (-0.96925495, 1.87599, 0.04155593),
    (0.05564664, -0.20404134, 1.05731107),
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


def rgb_of(lab: Tensor) -> Tensor:
    """Return sRGB (B, 3, H, W), 0-1 and clipped, of Lab (B, 3, H, W).

    Clipped places give no gradient, all others a finite one.
    """
    y = (lab[:, 0] + 16) / 116
    f = torch.stack([y + lab[:, 1] / 500, y, y - lab[:, 2] / 200], 1)
    xyz = torch.where(f > 0.2068966, f.clamp(min=0.2) ** 3, (f - 16 / 116) / 7.787)
    xyz = xyz * lab.new_tensor(_WHITE)[:, None, None]
    linear = torch.einsum("ij,bjhw->bihw", lab.new_tensor(_RGB), xyz).clamp(0, 1)
    return torch.where(
        linear > 0.0031308,
        1.055 * linear.clamp(min=0.003) ** (1 / 2.4) - 0.055,
        12.92 * linear,
    ).clamp(0, 1)
