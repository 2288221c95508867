"""What handling, enlarging and copying do to an old photograph.

Scratches and dust from handling, detail lost in small copies, blocks from JPEG files.
Each has a share of the aged pictures that it befalls.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor

from training.chance import Chance

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Decay:
    """How likely an aged picture has each defect, 0-1."""

    scratches: float = 0.0
    downscale: float = 0.0
    jpeg: float = 0.0

    def __call__(self, grey: Tensor, chance: Chance) -> Tensor:
        """Return the pictures (B, 1, H, W), luma 0-255, with their defects."""
        if not (self.scratches or self.downscale or self.jpeg):
            return grey
        before = grey[:, 0].round().byte().cpu().numpy()
        after = [
            self._one(picture, rng)
            for picture, rng in zip(before, chance.generators, strict=True)
        ]
        return torch.from_numpy(np.stack(after)).to(grey)[:, None]

    def _one(self, picture: Grey, rng: np.random.Generator) -> Grey:
        for share, befall in (
            (self.scratches, scratched),
            (self.downscale, downscaled),
            (self.jpeg, recompressed),
        ):
            if rng.random() < share:
                picture = befall(picture, rng)
        return picture


def scratched(picture: Grey, rng: np.random.Generator) -> Grey:
    """Return the picture (H, W) with scratches and specks, lighter or darker."""
    height, width = picture.shape
    image = Image.fromarray(picture)
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 6))):
        shade = int(rng.choice((20, 235)))
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        length, angle = rng.uniform(0.1, 1.0) * height, rng.normal(np.pi / 2, 0.3)
        end = (x + length * np.cos(angle), y + length * np.sin(angle))
        pen.line([(x, y), end], fill=shade, width=1)
    for _ in range(int(rng.integers(0, 12))):
        x, y, radius = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0, 2)
        shade = int(rng.choice((20, 235)))
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=shade)
    return np.asarray(image)


def downscaled(picture: Grey, rng: np.random.Generator) -> Grey:
    """Return the picture (H, W) as a copy of 1/4 to 4/5 of the size, enlarged."""
    height, width = picture.shape
    scale = rng.uniform(0.25, 0.8)
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    copy = Image.fromarray(picture).resize(small, Image.Resampling.BILINEAR)
    return np.asarray(copy.resize((width, height), Image.Resampling.BICUBIC))


def recompressed(picture: Grey, rng: np.random.Generator) -> Grey:
    """Return the picture (H, W) as a JPEG file of quality 15 to 70 shows it."""
    file = BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=int(rng.integers(15, 71)))
    with Image.open(file) as opened:
        return np.asarray(opened)
