"""Whether chroma should follow the scan's own edges when it is upsampled.

    python benchmarks/upsampling.py FOLDER [--longest 64] [--predicted]

FOLDER holds colour photographs. Their chroma is averaged down so that its longest side
is `--longest` (0: a quarter of the picture), or predicted by the default checkpoint,
then brought back by the merge in two ways: bilinear, as it ships, and bilinear plus
a · (luma - upsampled luma), where a is the local slope of chroma over luma in 3 × 3
cells with ε added to the variance. Printed are PSNR for true chroma and mean ΔE00 for
predicted chroma, beside grey.
"""

import argparse
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import uniform_filter
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import peak_signal_noise_ratio

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from archive.pictures import open_picture
from colorizer.vision.colour import Chroma, luma
from colorizer.vision.merge import merge

EPSILONS = (30, 100, 300, 1000)


def shrunk(plane: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A plane averaged down to (columns, rows)."""
    image = Image.fromarray(plane.astype(np.float32))
    return np.asarray(image.resize(size, Image.Resampling.BOX))


def enlarged(plane: np.ndarray, like: np.ndarray) -> np.ndarray:
    """A plane upsampled bilinearly to the size of a picture."""
    image = Image.fromarray(plane.astype(np.float32))
    size = (like.shape[1], like.shape[0])
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR))


def guided(small: Chroma, grey: np.ndarray, epsilon: float) -> Chroma:
    """The chroma at full size, bent by what luma does between the samples."""
    cells = shrunk(grey, (small.cb.shape[1], small.cb.shape[0]))
    mean = uniform_filter(cells, 3)
    variance = uniform_filter(cells * cells, 3) - mean * mean
    detail = grey - enlarged(cells, grey)
    planes = []
    for plane in (small.cb, small.cr):
        covariance = uniform_filter(cells * plane, 3) - mean * uniform_filter(plane, 3)
        slope = enlarged(covariance / (variance + epsilon), grey)
        planes.append((enlarged(plane, grey) + slope * detail).astype(np.float32))
    return Chroma(*planes)


def main() -> int:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--longest", type=int, default=64)
    parser.add_argument("--predicted", action="store_true")
    options = parser.parse_args()
    colorizer = None
    if options.predicted:
        import torch

        from colorizer.vision.inference import Colorizer

        torch.set_num_threads(1)
        colorizer = Colorizer(device="cpu")
    results = defaultdict(list)
    for path in sorted(options.folder.glob("*.jpg")):
        pixels = open_picture(path).pixels
        if pixels.ndim == 2:
            continue
        grey = luma(pixels)
        if colorizer:
            (small,) = colorizer.predict([grey])
        else:
            share = options.longest / max(grey.shape) if options.longest else 0.25
            size = tuple(max(1, round(side * share)) for side in grey.shape[::-1])
            whole = Chroma.from_rgb(pixels)
            small = Chroma(shrunk(whole.cb, size), shrunk(whole.cr, size))
        ways = {"grey": np.dstack([grey] * 3), "bilinear": merge(grey, small)}
        for epsilon in EPSILONS:
            ways[f"guided, ε {epsilon}"] = merge(grey, guided(small, grey, epsilon))
        lab = rgb2lab(pixels) if colorizer else None
        for way, merged in ways.items():
            results[way].append(
                deltaE_ciede2000(rgb2lab(merged), lab).mean()
                if colorizer
                else peak_signal_noise_ratio(pixels, merged)
            )
    for way, values in results.items():
        print(f"{way:16} {np.mean(values):7.3f}  ({len(values)} pictures)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
