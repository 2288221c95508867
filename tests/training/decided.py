"""Exports of decisions on drawn photographs, as `manage.py export_decisions` writes."""

import csv
import hashlib
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

LABELS = ["boat", "dog", "sea"]
COLUMNS = ["master_sha256", "reference_code", "label", "decision", "picture_sha256"]


def striped(number: int, *, upright: bool, side: int = 64) -> Image.Image:
    """Return a grey picture of stripes and noise, different for each number."""
    rng = np.random.default_rng(number)
    wave = np.sin(np.arange(side) / 2 + rng.uniform(0, 6)) * 90 + 127
    stripes = np.repeat(wave[None], side, 0)
    pixels = (stripes if upright else stripes.T) + rng.normal(0, 25, (side, side))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def write(
    folder: Path, pictures: list[tuple[Image.Image, dict[str, str]]], **changes: object
) -> Path:
    """Write an export of pictures with their decisions; return its folder."""
    (folder / "pictures").mkdir(parents=True)
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for number, (picture, decisions) in enumerate(pictures):
        sha256 = hashlib.sha256(f"master {number}".encode()).hexdigest()
        path = folder / "pictures" / f"{sha256}.png"
        picture.save(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        for label, decision in decisions.items():
            code = f"GB1/{number}"
            writer.writerow(
                dict(zip(COLUMNS, [sha256, code, label, decision, digest], strict=True))
            )
    content = table.getvalue().encode()
    (folder / "decisions.csv").write_bytes(content)
    described = {
        "format": "autochrome-decisions",
        "version": 1,
        "exported_at": "2026-01-01T00:00:00+00:00",
        "table_sha256": hashlib.sha256(content).hexdigest(),
        **changes,
    }
    (folder / "decisions.json").write_text(json.dumps(described), encoding="utf-8")
    return folder
