"""How long a 24-megapixel scan takes from file to colours, on one core.

    python benchmarks/colorize_24mp.py [--runs 3]

Synthetic scans of 6000 × 4000 pixels as grey JPEG, RGB JPEG, grey PNG and 16-bit grey
TIFF, colorized by the default checkpoint: decode, luma, network, merge; loading the
model (once) and writing the result are reported apart. The peer, named in each line,
is decoding the same file into an array with Pillow alone. Decode + network + merge
must end within 3 seconds of processor time, and the whole process within 1 GiB.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from archive.pictures import open_picture
from colorizer.vision.colour import eight_bits, luma
from colorizer.vision.disclosure import Disclosure, file_extension, write_picture
from colorizer.vision.merge import merge

MOST_SECONDS = 3.0


def on_one_core() -> None:
    """Stay on one core, where the system lets a process choose."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def soft_scan(height: int, width: int) -> np.ndarray:
    """Soft shapes under film grain, uint8."""
    chance = np.random.default_rng(1839)
    shapes = chance.integers(10, 245, (12, 16), np.uint8)
    soft = Image.fromarray(shapes).resize((width, height), Image.Resampling.BICUBIC)
    grey = np.asarray(soft).copy()
    for top in range(0, height, 500):
        strip = grey[top : top + 500]
        strip[...] = np.clip(strip + chance.normal(0, 4, strip.shape), 0, 255)
    return grey


def draw(folder: Path) -> dict[str, Path]:
    """The files, by what they are."""
    grey = soft_scan(4000, 6000)
    image = Image.fromarray(grey)
    files = {
        "grey JPEG": folder / "grey.jpg",
        "RGB JPEG": folder / "rgb.jpg",
        "grey PNG": folder / "grey.png",
        "16-bit grey TIFF": folder / "wide.tif",
    }
    image.save(files["grey JPEG"], quality=92)
    Image.merge("RGB", [image] * 3).save(files["RGB JPEG"], quality=92)
    image.save(files["grey PNG"], compress_level=3)
    Image.fromarray(grey.astype(np.uint16) * 257).save(files["16-bit grey TIFF"])
    return files


class Stages:
    """Processor seconds of each stage, over the runs."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = {}
        self.start = time.process_time()

    def lap(self, stage: str | None = None) -> None:
        """End a stage; without a name its time is not counted."""
        now = time.process_time()
        if stage is not None:
            self.times.setdefault(stage, []).append(now - self.start)
        self.start = now

    def median(self, stage: str) -> float:
        """The median of a stage."""
        return statistics.median(self.times[stage])


def measure(path: Path, colorizer, out: Path, runs: int) -> Stages:
    """Colorize one file several times."""
    stages = Stages()
    for _ in range(runs):
        stages.lap()
        with Image.open(path) as image:
            np.asarray(image)
        stages.lap("Pillow")
        grey = luma(open_picture(path).pixels)
        stages.lap("decode")
        (chroma,) = colorizer.predict([eight_bits(grey)])
        stages.lap("network")
        merged = merge(grey, chroma)
        stages.lap("merge")
        card = colorizer.card
        disclosure = Disclosure(
            checkpoint=card.name,
            version=card.version,
            weights_sha256=card.sha256,
            master_sha256="0" * 64,
            created=datetime.now(UTC),
        )
        write_picture(out / f"out{file_extension(merged)}", merged, disclosure)
        stages.lap("write")
    return stages


def main() -> int:
    """Print a line a file; 1 where one is too slow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    on_one_core()
    start = time.process_time()
    import torch

    from colorizer.vision.inference import Colorizer

    torch.set_num_threads(1)
    colorizer = Colorizer(device="cpu")
    colorizer.predict([np.zeros((64, 64), np.uint8)])
    print(f"import and load, once: {time.process_time() - start:.1f} s")
    good = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for what, path in draw(folder).items():
            stages = measure(path, colorizer, folder, options.runs)
            parts = {s: stages.median(s) for s in ("decode", "network", "merge")}
            total, pillow = sum(parts.values()), stages.median("Pillow")
            shown = " + ".join(f"{s} {t:.2f}" for s, t in parts.items())
            print(
                f"{what}: {shown} = {total:.2f} s of processor, "
                f"{total / pillow:.1f} x Pillow's decoding alone; "
                f"writing, apart: {stages.median('write'):.2f} s"
            )
            good = good and total <= MOST_SECONDS
    unit = 1 << (20 if sys.platform == "darwin" else 10)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit
    print(f"peak of the process, drawing the scans included: {peak} MiB")
    return 0 if good and peak <= 1024 else 1


if __name__ == "__main__":
    sys.exit(main())
