"""Crops, and what film, printing, age and scanning do to a photograph.

The historical part follows the emulsions: blue-sensitive plates before 1873,
orthochromatic ones (green and blue) to about 1906, panchromatic film after; mixed in
linear light, then tone curve, fading, blur and grain. What handling and copying do is
in :mod:`training.decay`. Around it there may be a mount, which has no colour to guess.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from training.chance import Chance, Floats
from training.decay import Decay

EMULSIONS = (
    (0.05, 0.10, 0.85),  # blue-sensitive
    (0.05, 0.50, 0.45),  # orthochromatic
    (0.30, 0.50, 0.20),  # panchromatic
)
_LUMA = (0.299, 0.587, 0.114)
WIDEST_MOUNT = 0.2
"""Of a mount's edge, as a share of the picture's side."""


def crop(
    picture: NDArray[np.uint8],
    size: int,
    rng: np.random.Generator,
    least: float,
    turn: float = 0.0,
) -> NDArray[np.uint8]:
    """Return a random square of the picture, (size, size, 3), perhaps mirrored.

    Args:
        picture: (H, W, 3).
        size: Side of what is returned.
        rng: Where chance comes from.
        least: Smallest share of the shorter side that a crop may have.
        turn: Degrees by which it may be turned at most, either way, up to 45; a
            turned square lies inside the picture, so that no corner is empty.
    """
    height, width = picture.shape[:2]
    side = max(1, round(min(height, width) * rng.uniform(least, 1.0)))
    top = int(rng.integers(height - side + 1))
    left = int(rng.integers(width - side + 1))
    square = Image.fromarray(picture[top : top + side, left : left + side])
    bilinear = Image.Resampling.BILINEAR
    if turn:
        angle = rng.uniform(-turn, turn)
        radians = abs(np.deg2rad(angle))
        inner = side / (np.cos(radians) + np.sin(radians)) - 2  # edges are blended
        margin = (side - max(1.0, inner)) / 2
        box = (margin, margin, side - margin, side - margin)
        square = square.rotate(angle, bilinear)
        small = np.asarray(square.resize((size, size), bilinear, box))
    else:
        small = np.asarray(square.resize((size, size), bilinear))
    return small[:, ::-1] if rng.random() < 0.5 else small


def squared(picture: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return a whole picture, aspect kept, mirrored outwards to (size, size, C).

    Args:
        picture: (H, W, 3) sRGB, or (H, W, 4) with a class, which is not interpolated.
        size: Side of what is returned.
    """
    rows, columns = picture.shape[:2]
    scale = size / max(rows, columns)
    shape = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    small = resized(picture, shape)
    missing = ((0, size - small.shape[0]), (0, size - small.shape[1]), (0, 0))
    return np.pad(small, missing, "symmetric")


def resized(picture: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a picture at another width and height.

    Args:
        picture: (H, W, 3) sRGB, or (H, W, 4) with a class, which is not interpolated.
        shape: Width and height.
    """
    colours = Image.fromarray(np.ascontiguousarray(picture[..., :3]))
    small = np.asarray(colours.resize(shape, Image.Resampling.BILINEAR))
    if picture.shape[2] == 3:
        return small
    classes = Image.fromarray(np.ascontiguousarray(picture[..., 3]))
    nearest = np.asarray(classes.resize(shape, Image.Resampling.NEAREST))
    return np.dstack([small, nearest])


def mounted(rgb: Tensor, chance: Chance, share: float) -> Tensor:
    """Return the pictures, some of them on card or paper of no colour.

    What is under the edges is covered; grey there is what the colours should be.

    Args:
        rgb: (B, 3, H, W) sRGB, 0-255.
        chance: One generator a picture.
        share: How likely a picture is mounted.
    """
    rgb = rgb.clone()
    height, width = rgb.shape[2:]
    for picture, rng in zip(rgb, chance.generators, strict=True):
        if rng.random() >= share:
            continue
        shade = rng.uniform(180, 255) if rng.random() < 0.7 else rng.uniform(0, 80)
        rough = rng.normal(shade, rng.uniform(0, 4), (height, width))
        card = torch.from_numpy(rough.astype(np.float32)).clamp(0, 255).to(rgb)
        edges = rng.uniform(0, WIDEST_MOUNT, 4) * (rng.random(4) < 0.7)
        top, bottom = (round(edge * height) for edge in edges[:2])
        left, right = (round(edge * width) for edge in edges[2:])
        inside = picture[:, top : height - bottom, left : width - right].clone()
        picture[:] = card
        picture[:, top : height - bottom, left : width - right] = inside
    return rgb


def pasted(rgb: Tensor, chance: Chance, share: float) -> Tensor:
    """Return the pictures, some of them with a piece of the next one pasted in.

    CutMix (Yun et al., ICCV 2019) for colour: a place must be judged by what it shows,
    not by what else the whole picture is known for.

    Args:
        rgb: (B, 3, H, W) sRGB, 0-255.
        chance: One generator a picture.
        share: How likely a picture gets a piece.
    """
    height, width = rgb.shape[2:]
    mixed = rgb.clone()
    for place, rng in enumerate(chance.generators):
        if rng.random() >= share:
            continue
        high, wide = (round(side * rng.uniform(0.25, 0.7)) for side in (height, width))
        top, left = rng.integers(height - high + 1), rng.integers(width - wide + 1)
        rows, columns = slice(top, top + high), slice(left, left + wide)
        other = rgb[(place + 1) % len(rgb)]
        mixed[place, :, rows, columns] = other[:, rows, columns]
    return mixed


def luma(rgb: Tensor) -> Tensor:
    """Return BT.601 luma (B, 1, H, W), 0-255, of sRGB (B, 3, H, W), 0-255."""
    return (rgb * rgb.new_tensor(_LUMA)[:, None, None]).sum(1, keepdim=True)


def normalised(grey: Tensor) -> Tensor:
    """Return luma 0-255 as a network's input, (luma - 127) / 128."""
    return (grey - 127.0) / 128.0


def aged(rgb: Tensor, rng: Chance | np.random.Generator) -> Tensor:
    """Return what an old photograph of the scene might look like, (B, 1, H, W).

    Args:
        rgb: (B, 3, H, W) sRGB, 0-255.
        rng: Where chance comes from; a lone generator for a lone picture.
    """
    chance = rng if isinstance(rng, Chance) else Chance([rng])
    linear = (rgb / 255.0).clamp(min=1e-4) ** 2.2
    weights = np.stack([_emulsion(one) for one in chance.generators])
    mixed = torch.from_numpy(weights.astype(np.float32)).to(rgb.device)
    grey = (linear * mixed[:, :, None, None]).sum(1, keepdim=True)  # (B, 1, H, W)

    def scalar(values: Floats) -> Tensor:
        return torch.from_numpy(values.astype(np.float32)).to(rgb)[:, None, None, None]

    # Tone curve: exposure and gamma of plate and paper.
    gamma = np.exp(chance.uniform(-0.45, 0.35)) / 2.2
    grey = (grey * scalar(np.exp(chance.uniform(-0.3, 0.3)))).clamp(1e-4, 1.0)
    grey = grey ** scalar(gamma)
    # Fading lifts the blacks and greys the whites.
    black = chance.uniform(0.0, 0.2) * (chance.random() < 0.6)
    white = 1 - chance.uniform(0.0, 0.2) * (chance.random() < 0.6)
    grey = scalar(black) + grey * scalar(white - black)
    # Soft lenses, then grain, which is as fine as the plate.
    soft = F.avg_pool2d(F.pad(grey, (1, 1, 1, 1), mode="replicate"), 3, 1)
    blur = chance.uniform(0.0, 1.0) * (chance.random() < 0.4)
    grey = grey + (soft - grey) * scalar(blur)
    sigma = chance.uniform(0.0, 0.05) * (chance.random() < 0.6)
    grain = torch.from_numpy(chance.noise(*grey.shape[1:])).to(rgb)
    return (grey + grain * scalar(sigma)).clamp(0, 1) * 255.0


def mixed_grey(
    rgb: Tensor, aged_share: float, chance: Chance, decay: Decay | None = None
) -> Tensor:
    """Return network input (B, 1, H, W), part of the batch aged, part plain luma.

    Args:
        rgb: (B, 3, H, W) sRGB, 0-255.
        aged_share: How likely a picture is aged.
        chance: One generator a picture.
        decay: What befalls the aged ones further.
    """
    grey = luma(rgb)
    old = np.flatnonzero(chance.random() < aged_share)
    if len(old):
        places = torch.from_numpy(old).to(rgb.device)
        chance = chance.only(old)
        worn = aged(rgb[places], chance)
        grey[places] = worn if decay is None else decay(worn, chance)
    return normalised(grey.round())


def _emulsion(rng: np.random.Generator) -> Floats:
    """Return how much red, green and blue darken the plate."""
    if rng.random() < 0.5:
        return rng.dirichlet((1.0, 2.0, 1.0))
    return np.array(EMULSIONS[int(rng.integers(len(EMULSIONS)))])
