"""Photographs for an archive of its own: `python -m tests.colorizer.staging DATA`.

Each collection is one scenario of the fault tests. The scans are large enough for a
test to interrupt the work on them.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

SIZES = {"large": (1400, 1000), "huge": (7000, 6000), "small": (60, 40)}
COLLECTIONS = {
    "KILL": ["large"] * 12,
    "ALL": ["large"] * 10,
    "AWAY": ["large"] * 10,
    "DEADLY": ["large", "large", "huge", "large"],
    "LOCK": ["small"] * 2,
    "STOP": ["large"] * 12,
}


def scan(folder: Path, number: int, size: tuple[int, int]) -> Path:
    """Write a grey scan that is different for each number and compresses well."""
    shade = np.linspace(20, 230, size[0]).astype(np.uint8)
    pixels = np.repeat(shade[None], size[1], 0)
    pixels[: number + 1, : number + 1] = 255
    path = folder / f"scan-{number}.png"
    Image.fromarray(pixels).save(path, compress_level=1)
    return path


def main(folder: Path) -> None:
    """Fill the archive that the environment names."""
    import django

    django.setup()
    from django.core.management import call_command

    from tests import catalogue
    from tests.colorizer import drawn

    call_command("migrate", verbosity=0)
    call_command("migrate", database="results", verbosity=0)
    number = 0
    for code, sizes in COLLECTIONS.items():
        within = catalogue.collection(code)
        for size in sizes:
            number += 1
            path = scan(folder, number, SIZES[size])
            drawn.photograph(path, f"{code}/{number:02d}-{size}", within)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
