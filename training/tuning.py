"""What is chosen on the tuning split alone: how large, how vivid."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from colorizer.vision.colour import luma
from colorizer.vision.guess import Guess
from colorizer.vision.inference import Colorizer
from colorizer.vision.vividness import Vividness
from training.evaluate import score
from training.export import write_card
from training.metrics import Rgb
from training.pack import Entry, Pack

WORKING_SIZES = (192, 224, 256, 288)
TEMPERATURES = (0.3, 0.5)
POWERS = (0.0, 0.2, 0.4)
LEAST_COLOURFULNESS = 0.8
"""Among settings at least this colourful, the one with the least error is taken."""
CLOSE = 0.005
"""How far above that a scale is good enough: more chroma is more error."""
FIRST_SCALE, MOST_SCALE = 1.2, 2.0
CHOSEN = ("working_size", "temperature", "chroma_scale", "chroma_power")
TRIES = 4
"""Scales at most, for each working size, temperature and power."""


def tuning_pictures(
    pack: Pack, count: int, sources: Sequence[str]
) -> list[tuple[str, NDArray[np.uint8]]]:
    """Return up to ``count`` pictures of the tuning split, equally many of each set.

    A set that has not as many is left out, unless all are: what ten frames of one
    street look like says nothing of how vivid colours should be.
    """
    entries = pack.select("tune", colour=True, sources=sources)
    by_source: dict[str, list[Entry]] = {}
    for entry in entries:
        by_source.setdefault(entry.source, []).append(entry)
    each = max(1, count // len(by_source))
    groups = list(by_source.values())
    return [
        (entry.file, np.asarray(pack.picture(entry)))
        for group in [g for g in groups if len(g) >= each] or groups
        for entry in group[:: max(1, len(group) // each)][:each]
    ]


def tune(
    card: Path,
    colorizer: Colorizer,
    pictures: Sequence[tuple[str, Rgb]],
    say: Callable[[str], None] = print,
) -> None:
    """Choose working size, temperature and how vivid; write them into the card.

    For each size, temperature and power the scale is sought that is just colourful
    enough.
    """
    greys = [luma(rgb).astype(np.uint8) for _, rgb in pictures]
    tried: list[dict[str, float]] = []
    for size, temperature in product(WORKING_SIZES, TEMPERATURES):
        looked = {"working_size": size, "temperature": temperature}
        colorizer.adjust(looked)
        guesses = colorizer.agreed(greys)
        for power in POWERS:
            for found in sought(pictures, guesses, power):
                tried.append(looked | found)
                say(" ".join(f"{k} {v:g}" for k, v in tried[-1].items()))
    vivid_enough = [t for t in tried if t["colourfulness_ratio"] >= LEAST_COLOURFULNESS]
    best = min(
        vivid_enough or [max(tried, key=lambda t: t["colourfulness_ratio"])],
        key=lambda t: t["delta_e00"],
    )
    text = json.loads(card.read_text(encoding="utf-8"))
    for key in CHOSEN:
        text["parameters"][key] = best[key]
    text["tuning"] = {"pictures": len(pictures), "split": "tune", "chosen": best}
    write_card(card, text)


def sought(
    pictures: Sequence[tuple[str, Rgb]], guesses: Sequence[Guess], power: float
) -> Iterator[dict[str, float]]:
    """Try scales until one is just colourful enough; yield what each came to."""
    scale = FIRST_SCALE
    for _ in range(TRIES):
        vividness = Vividness(scale, power)
        made = (guess.chroma(vividness) for guess in guesses)
        found = score(pictures, lambda greys: [next(made) for _ in greys]).colours  # noqa: B023  # asked at once
        vivid = found.colourfulness_ratio
        yield {
            "chroma_scale": scale,
            "chroma_power": power,
            "delta_e00": round(float(np.mean(found.delta_e)), 4),
            "colourfulness_ratio": round(vivid, 4),
        }
        if 0 <= vivid - LEAST_COLOURFULNESS <= CLOSE:
            return
        # Colourfulness is nearly proportional to the scale.
        wanted = scale * (LEAST_COLOURFULNESS + CLOSE / 2) / max(vivid, 0.01)
        scale = min(MOST_SCALE, round(wanted, 3))
