"""One protocol for every colorizer: what a reader would see, against baselines.

Each picture's luma goes through the whole :class:`Colorizer` at its working size, the
chroma is merged onto the luma at the picture's own size, and the result is compared
with the true picture. Degraded: the network sees an aged copy, and its chroma is
merged onto the clean luma, so that colour alone is judged.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from colorizer.vision.colour import Chroma, lightness, luma
from colorizer.vision.inference import Colorizer
from colorizer.vision.merge import merge
from training.augment import aged
from training.errors import DatasetMissing
from training.lab import lab_of
from training.metrics import ColourScores, Rgb, bootstrap_ratio, colourfulness
from training.pack import Pack

Grey = NDArray[np.uint8]
Method = Callable[[Sequence[Grey]], list[Chroma]]
BATCH = 12
LEVELS = 25
"""Steps of L* in the look-up baseline."""


@dataclass(frozen=True)
class Row:
    """One line of the table: a method on a set, clean or degraded."""

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


def no_colour(greys: Sequence[Grey]) -> list[Chroma]:
    """Baseline: the grey picture as it is."""
    nothing = np.zeros((1, 1), np.float32)
    return [Chroma(nothing, nothing) for _ in greys]


def baselines(pack: Pack) -> dict[str, Method]:
    """Return the mean colour, and the mean colour of each lightness, as methods."""
    entries = pack.select("fit", colour=True)
    rng = np.random.default_rng(0)
    lab = np.concatenate(
        [
            pack.picture(entries[i]).reshape(-1, 3)[::101]
            for i in rng.permutation(len(entries))[:3000]
        ]
    )
    flat = torch.from_numpy(lab.T.copy()).float()[None, :, :, None] / 255
    values = lab_of(flat)[0, :, :, 0].numpy().T  # (N, 3)
    level = np.clip(values[:, 0] * LEVELS / 100, 0, LEVELS - 1).astype(np.int64)
    count = np.maximum(np.bincount(level, minlength=LEVELS), 1)
    table = np.stack(
        [np.bincount(level, values[:, i], minlength=LEVELS) / count for i in (1, 2)],
        -1,
    ).astype(np.float32)
    mean = values[:, 1:].mean(0).astype(np.float32)

    def mean_colour(greys: Sequence[Grey]) -> list[Chroma]:
        return [
            Chroma.from_lab(light, np.broadcast_to(mean, (*light.shape, 2)))
            for light in map(_small_lightness, greys)
        ]

    def lookup(greys: Sequence[Grey]) -> list[Chroma]:
        found = []
        for light in map(_small_lightness, greys):
            rows = np.clip(light * LEVELS / 100, 0, LEVELS - 1).astype(np.int64)
            found.append(Chroma.from_lab(light, table[rows]))
        return found

    return {"mean colour": mean_colour, "colour by lightness": lookup}


def degraded(name: str, rgb: Rgb) -> Grey:
    """Return an aged copy of a picture, the same one for the same name."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    batch = torch.from_numpy(rgb.copy()).permute(2, 0, 1)[None].float()
    return aged(batch, rng)[0, 0].round().byte().numpy()


def score(
    pictures: Sequence[tuple[str, Rgb]], method: Method, *, condition: str = "clean"
) -> ColourScores:
    """Score one method on pictures, "clean" or "degraded"."""
    scores = ColourScores()
    for batch in _batches(pictures):
        greys = [luma(rgb).astype(np.uint8) for _, rgb in batch]
        seen = greys if condition == "clean" else [degraded(n, p) for n, p in batch]
        for grey, chroma, (_, rgb) in zip(greys, method(seen), batch, strict=True):
            scores.add(merge(grey, chroma).astype(np.uint8), rgb)
    return scores


def table(
    name: str,
    pictures: Sequence[tuple[str, Rgb]],
    methods: Mapping[str, tuple[Method, Sequence[str]]],
    say: Callable[[str], None] = print,
) -> list[Row]:
    """Score every method against grey.

    Args:
        name: The set's name.
        pictures: Name and (H, W, 3) sRGB of each.
        methods: By name: the method and the conditions to score it under.
        say: Where progress lines go.
    """
    truth = float(np.mean([colourfulness(rgb) for _, rgb in pictures]))
    grey = score(pictures, no_colour)
    scored = [("clean", "grey", grey)]
    for method_name, (method, conditions) in methods.items():
        for condition in conditions:
            say(f"{name}: {method_name}, {condition}")
            found = score(pictures, method, condition=condition)
            scored.append((condition, method_name, found))
    reference = np.array(grey.delta_e)
    rows = []
    for condition, method_name, found in scored:
        ratio, low, high = bootstrap_ratio(np.array(found.delta_e), reference)
        rows.append(
            Row(
                name,
                condition,
                method_name,
                len(pictures),
                float(np.mean(found.delta_e)),
                ratio,
                low,
                high,
                found.ab_rmse,
                found.auc(rebalanced=False),
                found.auc(rebalanced=True),
                float(np.mean(found.colourfulness)) / truth,
                float(np.mean(found.psnr)),
                float(np.mean(found.ssim)),
            )
        )
    return rows


def sheet(
    pictures: Sequence[tuple[str, Rgb]],
    colorizer: Colorizer,
    side: int = 240,
    columns: int = 3,
    *,
    true: bool = True,
) -> Image.Image:
    """Return a sheet of grey, colorized and (unless not ``true``) true pictures."""
    kinds = 3 if true else 2
    rows = -(-len(pictures) // columns)
    page = Image.new("RGB", (columns * (kinds * side + 8), rows * (side + 4)), "white")
    for place, (_, rgb) in enumerate(pictures):
        grey = luma(rgb).astype(np.uint8)
        colour = merge(grey, colorizer.predict([grey])[0]).astype(np.uint8)
        left = place % columns * (kinds * side + 8)
        for kind, shown in enumerate((grey, colour, rgb)[:kinds]):
            image = Image.fromarray(shown)
            image.thumbnail((side, side), Image.Resampling.LANCZOS)
            page.paste(image, (left + kind * side, place // columns * (side + 4)))
    return page


def _small_lightness(grey: Grey) -> NDArray[np.float32]:
    image = Image.fromarray(grey)
    image.thumbnail((64, 64), Image.Resampling.BOX)
    return lightness(np.asarray(image))


def _batches(
    pictures: Sequence[tuple[str, Rgb]],
) -> Iterator[Sequence[tuple[str, Rgb]]]:
    for start in range(0, len(pictures), BATCH):
        yield pictures[start : start + BATCH]
