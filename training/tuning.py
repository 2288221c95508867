"""What is chosen on the tuning split alone: how large, how vivid."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from colorizer.vision.inference import Colorizer
from training.evaluate import score
from training.export import write_card
from training.metrics import Rgb
from training.pack import Entry, Pack

WORKING_SIZES = (160, 192, 224, 288)
TEMPERATURES = (0.3, 0.5)
POWERS = (0.0, 0.2, 0.4)
LEAST_COLOURFULNESS = 0.8
"""Among settings at least this colourful, the one with the least error is taken."""
CLOSE = 0.005
"""How far above that a scale is good enough: more chroma is more error."""
FIRST_SCALE, MOST_SCALE = 1.4, 2.0
CHOSEN = ("working_size", "temperature", "chroma_scale", "chroma_power")
TRIES = 4
"""Scales at most, for each working size, temperature and power."""


def tuning_pictures(
    pack: Pack, count: int, sources: Sequence[str]
) -> list[tuple[str, NDArray[np.uint8]]]:
    """Return up to ``count`` pictures of the tuning split, spread over the sets."""
    entries = pack.select("tune", colour=True, sources=sources)
    by_source: dict[str, list[Entry]] = {}
    for entry in entries:
        by_source.setdefault(entry.source, []).append(entry)
    each = max(1, count // len(by_source))
    return [
        (entry.file, np.asarray(pack.picture(entry)))
        for group in by_source.values()
        for entry in group[:: max(1, len(group) // each)][:each]
    ]


def tune(
    card: Path,
    colorizer: Colorizer,
    pictures: Sequence[tuple[str, Rgb]],
    say: Callable[[str], None] = print,
) -> None:
    """Choose working size, temperature and how vivid; write them into the card.

    For each of the others the scale is sought that is just colourful enough.
    """
    tried: list[dict[str, float]] = []
    for size, temperature, power in product(WORKING_SIZES, TEMPERATURES, POWERS):
        scale = FIRST_SCALE
        for _ in range(TRIES):
            chosen = {
                "working_size": size,
                "temperature": temperature,
                "chroma_scale": scale,
                "chroma_power": power,
            }
            colorizer.adjust(chosen)
            found = score(pictures, colorizer.predict).colours
            vivid = found.colourfulness_ratio
            tried.append(
                {
                    **chosen,
                    "delta_e00": round(float(np.mean(found.delta_e)), 4),
                    "colourfulness_ratio": round(vivid, 4),
                }
            )
            say(" ".join(f"{k} {v:g}" for k, v in tried[-1].items()))
            if 0 <= vivid - LEAST_COLOURFULNESS <= CLOSE:
                break
            # Colourfulness is nearly proportional to the scale.
            wanted = scale * (LEAST_COLOURFULNESS + CLOSE / 2) / max(vivid, 0.01)
            scale = min(MOST_SCALE, round(wanted, 3))
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
