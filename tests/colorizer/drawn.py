"""Small models with random weights, and photographs with drawn scans behind them."""

import hashlib
import json
import math
from pathlib import Path

import numpy as np
from PIL import Image

from archive import pictures, store
from archive.models import Collection, Photograph
from tests import catalogue

SCORES = {"boat": 0.9, "dog": 0.7, "sea": 0.2}
THRESHOLDS = {"boat": 0.5, "dog": 0.5, "sea": 0.5}


def checkpoints_in(
    folder: Path,
    *,
    suffix: str = "",
    version: str = "0",
    scores: dict[str, float] = SCORES,
    hints: bool = False,
) -> Path:
    """Write a colorizer and a tagger under the names of the usual ones.

    With hints the colorizer takes them, and its random weights follow them somewhere.
    The tagger's scores are the same whatever it sees: its calibration is flat.
    """
    import torch
    from safetensors.torch import save

    from colorizer.vision.checkpoints import DEFAULTS
    from colorizer.vision.networks import build

    torch.manual_seed(len(suffix) + 1)
    calibration = {
        label: [0.0, math.log(score / (1 - score))] for label, score in scores.items()
    }
    small = {"widths": [8, 8, 8, 8], "bins": 0, "hints": hints}
    for task, network, parameters in (
        ("colorizer", "fpn_generator", {"network": small}),
        (
            "tagger",
            "pooled_tagger",
            {"network": {"labels": len(scores)}, "calibration": calibration},
        ),
    ):
        made = build(network, parameters["network"], folded=True)
        for weight_name, weight in made.named_parameters():
            if weight_name.startswith("hint_"):
                torch.nn.init.normal_(weight)
        content = save({k: v.contiguous() for k, v in made.state_dict().items()})
        card = {
            "version": version,
            "task": task,
            "network": network,
            "sha256": hashlib.sha256(content).hexdigest(),
            "labels": list(scores) if task == "tagger" else [],
            "thresholds": dict.fromkeys(scores, 0.5) if task == "tagger" else {},
            "parameters": {"working_size": 64, **parameters},
        }
        name = DEFAULTS[task] + suffix
        (folder / f"{name}.safetensors").write_bytes(content)
        (folder / f"{name}.json").write_text(json.dumps(card), encoding="utf-8")
    return folder


def scan(folder: Path, number: int, size: tuple[int, int] = (48, 36)) -> Path:
    """Write a small grey PNG that is different for each number."""
    noise = np.random.default_rng(number).integers(0, 256, size[::-1], np.uint8)
    path = folder / f"scan-{number}.png"
    Image.fromarray(noise).save(path)
    return path


def photograph(
    path: Path, code: str, within: Collection | None = None, **flags: bool
) -> Photograph:
    """Return a photograph whose front is the picture at the path."""
    kept = store.keep_master(path, path.suffix)
    taken = catalogue.photograph(code, within, **flags)
    facts = pictures.identify(path)
    catalogue.master(
        taken,
        sha256=kept.sha256,
        size_bytes=kept.size_bytes,
        width=facts.displayed_width,
        height=facts.displayed_height,
        extension=path.suffix,
        original_name=path.name,
    )
    return taken


def photographs(
    folder: Path, count: int, within: Collection | None = None
) -> list[Photograph]:
    """Return so many photographs with small scans, in one collection."""
    within = within or Collection.objects.first() or catalogue.collection()
    return [
        photograph(scan(folder, number), f"GB1/{number:04d}", within)
        for number in range(1, count + 1)
    ]
