"""How fast the merge is, beside a merge through CIE Lab, and how much memory it takes.

    python benchmarks/merge.py

Speed: 12 megapixels of synthetic scan and one chroma plane. The peer does the same in
Lab with scikit-image (`rgb2lab` of the grey picture, a and b upsampled by Pillow,
`lab2rgb`, 8 bits). They take turns, three times each, on one core; medians are
compared. The merge must be at least 3 times as fast.

Memory: 100 megapixels in a process of its own, 8 and 16 bits; the peak of the whole
process, interpreter and libraries included, must not pass 1 GiB for 8 bits, and luma
must be exact for every pixel.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.colorize_24mp import on_one_core, soft_scan
from colorizer.vision.colour import Chroma, luma
from colorizer.vision.merge import merge

RUNS = 3
REQUIRED_RATIO = 3.0
MOST_MEBIBYTES = 1024


def colours() -> Chroma:
    """A chroma plane as large as a network predicts, mostly in gamut."""
    planes = np.random.default_rng(1).normal(0, 25, (2, 64, 96))
    return Chroma(*planes.astype(np.float32))


def merge_through_lab(grey: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """The peer: lightness from the scan, a and b upsampled, back to sRGB."""
    from PIL import Image
    from skimage.color import lab2rgb, rgb2lab

    height, width = grey.shape
    lab = rgb2lab(np.dstack([grey, grey, grey]))
    for channel in (0, 1):
        plane = Image.fromarray(ab[..., channel])
        lab[..., channel + 1] = plane.resize((width, height), 2)
    return (lab2rgb(lab) * 255).round().astype(np.uint8)


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Wall time and processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def compare_speed() -> bool:
    """Print the ratio at 12 megapixels; tell whether it is enough."""
    on_one_core()
    grey, chroma = soft_scan(3000, 4000), colours()
    ab = np.dstack([chroma.cb, chroma.cr])
    ours, theirs = [], []
    for _ in range(RUNS):
        ours.append(seconds(lambda: merge(grey, chroma)))
        theirs.append(seconds(lambda: merge_through_lab(grey, ab)))
    wall, processor = (
        [statistics.median(times) for times in zip(*runs, strict=True)]
        for runs in (ours, theirs)
    )
    ratios = [theirs / ours for ours, theirs in zip(wall, processor, strict=True)]
    print(f"12 MP, 8 bits: merge {wall[1]:.2f} s, through Lab {processor[1]:.2f} s")
    print(f"  {ratios[1]:.1f} x as fast by processor time, {ratios[0]:.1f} x by wall")
    return ratios[1] >= REQUIRED_RATIO


def measure_memory(bits: int) -> None:
    """Merge 100 megapixels and print wall time, peak in MiB, and mismatches."""
    grey = soft_scan(8000, 12500)
    if bits == 16:
        grey = grey.astype(np.uint16) * 257
    chroma = colours()
    wall, processor = seconds(lambda: merge(grey[:64], chroma))  # warm
    kept: list[np.ndarray] = []
    wall, processor = seconds(lambda: kept.append(merge(grey, chroma)))
    unit = 1 << (20 if sys.platform == "darwin" else 10)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit
    wrong = sum(
        int((luma(kept[0][top : top + 100]) != grey[top : top + 100]).sum())
        for top in range(0, 8000, 100)
    )
    print(wall, processor, peak, wrong)


def compare_memory() -> bool:
    """Print the peak at 100 megapixels; tell whether it is low enough."""
    good = True
    for bits in (8, 16):
        command = [sys.executable, __file__, "--memory", str(bits)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        wall, processor, peak, wrong = map(float, answer.stdout.split())
        print(
            f"100 MP, {bits} bits: {wall:.1f} s ({processor:.1f} s of processor), "
            f"peak {peak:.0f} MiB, {wrong:.0f} pixels whose luma is not exact"
        )
        good = good and wrong == 0 and (peak <= MOST_MEBIBYTES or bits == 16)
    return good


def main() -> int:
    """Run both, or in a process of its own the part that takes memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memory", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        measure_memory(options.memory)
        return 0
    return 0 if compare_memory() & compare_speed() else 1


if __name__ == "__main__":
    sys.exit(main())
