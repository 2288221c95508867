"""One protocol for every colorizer: what a reader would see, against baselines.

Each picture's luma goes through the whole :class:`Colorizer` at its working size, the
chroma is merged onto the luma at the picture's own size, and the result is compared
with the true picture. Degraded: the network sees an aged copy, and its chroma is
merged onto the clean luma, so that colour alone is judged. Hinted: it is told the true
colours of a few points that chance chose.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from colorizer.vision.colour import luma
from colorizer.vision.hinting import PATCH, Hint
from colorizer.vision.merge import merge
from training.augment import aged
from training.baselines import Grey, Method, no_colour
from training.errors import DatasetMissing
from training.frechet import (
    Features,
    Lite0Features,
    frechet_distance,
    kernel_distance,
)
from training.metrics import ColourScores, Rgb, bootstrap_ratio
from training.pack import Pack

BATCH = 12
HINTS = 5
"""True points that a hinted method is told of each picture."""


@dataclass(frozen=True)
class Row:
    """One line of the table: a method on a set, under one condition."""

    pictures_of: str
    condition: str
    method: str
    pictures: int
    delta_e00: float
    ratio_to_grey: float
    ratio_low: float
    ratio_high: float
    ab_rmse: float
    auc: float
    auc_rebalanced: float
    colourfulness_ratio: float
    psnr: float
    ssim: float
    fd_lite0: float
    kid_lite0: float


def read_folder(folder: Path) -> list[tuple[str, Rgb]]:
    """Return every picture of a folder, by name, as (H, W, 3) sRGB.

    Raises:
        DatasetMissing: There is none.
    """
    files = sorted(
        p for p in folder.glob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"}
    )
    if not files:
        raise DatasetMissing(f"There are no pictures in {folder}.")
    pictures = []
    for path in files:
        with Image.open(path) as opened:
            pictures.append((path.stem, np.asarray(opened.convert("RGB"))))
    return pictures


def held_pictures(root: Path, pack: Pack, name: str) -> list[tuple[str, Rgb]]:
    """Return a set's colour pictures from which nothing is learnt.

    A set that is a plain folder below ``root`` is read at its own size; one with
    splits of its own is taken from the pack, where grey and toned pictures are known.

    Raises:
        DatasetMissing: Neither has the set.
        EmptySplit: The pack has no held-back picture of it.
    """
    if any(e.source == name and e.split != "held" for e in pack.entries):
        entries = pack.select("held", colour=True, sources=[name])
        return [(entry.file, np.asarray(pack.picture(entry))) for entry in entries]
    return read_folder(root / name)


def degraded(name: str, rgb: Rgb) -> Grey:
    """Return an aged copy of a picture, the same one for the same name."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    batch = torch.from_numpy(rgb.copy()).permute(2, 0, 1)[None].float()
    return aged(batch, rng)[0, 0].round().byte().numpy()


def true_hints(name: str, rgb: Rgb, count: int = HINTS) -> list[Hint]:
    """Return points of a picture and their true colours, the same for the same name."""
    rng = np.random.default_rng([zlib.crc32(name.encode()), count])
    height, width = rgb.shape[:2]
    reach = round(PATCH * max(height, width)) // 2
    found = []
    for _ in range(count):
        y, x = int(rng.integers(height)), int(rng.integers(width))
        rows = slice(max(0, y - reach), y + reach + 1)
        columns = slice(max(0, x - reach), x + reach + 1)
        red, green, blue = rgb[rows, columns].mean((0, 1)).round().astype(int).tolist()
        found.append(Hint(x, y, (red, green, blue)))
    return found


@dataclass(frozen=True)
class Scored:
    """One method under one condition: its scores, and features of what it made."""

    colours: ColourScores
    features: Features


def score(
    pictures: Sequence[tuple[str, Rgb]],
    method: Method,
    *,
    condition: str = "clean",
    look: Lite0Features | None = None,
) -> Scored:
    """Score one method on pictures: "clean", "degraded" or "hinted".

    Args:
        pictures: Name and (H, W, 3) sRGB of each.
        method: From grey pictures to their chroma.
        condition: Whether the method sees aged copies, or is told true colours.
        look: Gives the features; none are gathered without it.
    """
    scores, features = ColourScores(), []
    for batch in _batches(pictures):
        greys = [luma(rgb).astype(np.uint8) for _, rgb in batch]
        if condition == "hinted":
            found = method(greys, [true_hints(n, p) for n, p in batch])
        elif condition == "degraded":
            found = method([degraded(n, p) for n, p in batch])
        else:
            found = method(greys)
        made = [
            merge(grey, chroma).astype(np.uint8)
            for grey, chroma in zip(greys, found, strict=True)
        ]
        for colour, (_, rgb) in zip(made, batch, strict=True):
            scores.add(colour, rgb)
        if look:
            features.append(look(made))
    return Scored(scores, np.concatenate(features) if features else np.empty((0, 0)))


def table(
    name: str,
    pictures: Sequence[tuple[str, Rgb]],
    methods: Mapping[str, tuple[Method, Sequence[str]]],
    say: Callable[[str], None] = print,
) -> list[Row]:
    """Score every method against grey.

    Args:
        name: The set's name.
        pictures: Name and (H, W, 3) sRGB of each, two at least.
        methods: By name: the method and the conditions to score it under.
        say: Where progress lines go.
    """
    look = Lite0Features()
    true_features = look([rgb for _, rgb in pictures])
    grey = score(pictures, no_colour, look=look)
    scored = [("clean", "grey", grey)]
    for method_name, (method, conditions) in methods.items():
        for condition in conditions:
            say(f"{name}: {method_name}, {condition}")
            found = score(pictures, method, condition=condition, look=look)
            scored.append((condition, method_name, found))
    reference = np.array(grey.colours.delta_e)
    rows = []
    for condition, method_name, found in scored:
        colours = found.colours
        ratio, low, high = bootstrap_ratio(np.array(colours.delta_e), reference)
        rows.append(
            Row(
                name,
                condition,
                method_name,
                len(pictures),
                float(np.mean(colours.delta_e)),
                ratio,
                low,
                high,
                colours.ab_rmse,
                colours.auc(rebalanced=False),
                colours.auc(rebalanced=True),
                colours.colourfulness_ratio,
                float(np.mean(colours.psnr)),
                float(np.mean(colours.ssim)),
                frechet_distance(found.features, true_features),
                kernel_distance(found.features, true_features),
            )
        )
    return rows


def _batches(
    pictures: Sequence[tuple[str, Rgb]],
) -> Iterator[Sequence[tuple[str, Rgb]]]:
    for start in range(0, len(pictures), BATCH):
        yield pictures[start : start + BATCH]
