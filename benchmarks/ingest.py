"""How fast ingest is, beside a bare loop that only hashes, decodes and thumbnails.

    python benchmarks/ingest.py [--files 60]

Both run in this process on the same files: synthetic scans of 6 to 12 megapixels,
JPEG and TIFF (uncompressed and LZW, 8 and 16 bits). The bare loop keeps nothing: it
takes SHA-256, decodes the whole picture with Pillow and makes a 320 px thumbnail in
memory. Ingest does all that the application does, on a real SQLite catalogue in a
temporary data folder: verified copy, thumbnail and display copy on disk, embedded
metadata, rows and events. They take turns, each in three runs; the medians are
compared, in wall time (ingest uses two threads) and in time of the processor, which a
busy machine disturbs less. The ratio must be at least 0.5.
"""

import argparse
import hashlib
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

SOURCE = Path(__file__).resolve().parent.parent
RUNS = 3
REQUIRED = 0.5


def draw(folder: Path, files: int) -> None:
    """Draw synthetic scans: soft shapes under film grain, so that they compress."""
    folder.mkdir()
    rng = np.random.default_rng(1839)
    sizes = [(3000, 2000), (3600, 2400), (4000, 3000)]
    for number in range(files):
        width, height = sizes[number % len(sizes)]
        shapes = rng.integers(20, 235, (12, 16), np.uint8)
        soft = Image.fromarray(shapes).resize((width, height), Image.Resampling.BICUBIC)
        grain = rng.normal(0, 6, (height, width)).astype(np.int16)
        grey = np.clip(np.asarray(soft).astype(np.int16) + grain, 0, 255)
        path = folder / f"scan-{number:03}"
        kind = number % 6
        if kind in (0, 1, 2):
            toned = np.stack([grey, grey * 0.93, grey * 0.8], axis=-1).astype(np.uint8)
            Image.fromarray(toned).save(path.with_suffix(".jpg"), quality=92)
        elif kind == 3:
            Image.fromarray(grey.astype(np.uint8)).save(path.with_suffix(".tif"))
        elif kind == 4:
            Image.fromarray(grey.astype(np.uint8)).save(
                path.with_suffix(".tif"), compression="tiff_lzw"
            )
        else:
            wide = (grey.astype(np.uint16) << 8) + rng.integers(
                0, 256, grey.shape, np.uint16
            )
            tifffile.imwrite(path.with_suffix(".tif"), wide)


class Watch:
    """Seconds of wall and of processor time since it was made."""

    def __init__(self) -> None:
        """Start."""
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        """Return both."""
        wall, processor = time.perf_counter(), time.process_time()
        return wall - self.wall, processor - self.processor


def bare(folder: Path) -> tuple[float, float]:
    """Hash, decode and thumbnail every file; return the seconds that took."""
    watch = Watch()
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256")
        with Image.open(path) as image:
            image.load()
            if image.mode == "I;16":  # Pillow cannot make thumbnails of these
                high = (np.asarray(image) >> 8).astype(np.uint8)
                Image.fromarray(high).thumbnail((320, 320))
            else:
                image.thumbnail((320, 320))
    return watch.read()


def ingested(folder: Path, data: Path) -> tuple[float, float]:
    """Ingest the folder into an empty catalogue; return the seconds that took."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from archive.describing import create_collection
    from archive.ingest import ingest_folder
    from archive.models import AccessionItem
    from archive.vocabularies import ItemOutcome

    connection.close()
    settings.DATA_DIR = data
    for name in ("masters", "derivatives", "incoming"):
        (data / name).mkdir(parents=True)
        setattr(settings, f"{name.upper()}_DIR", data / name)
    connection.settings_dict["NAME"] = str(data / "catalogue.sqlite3")
    call_command("migrate", verbosity=0)
    collection = create_collection(
        {"reference_code": "B", "title": "Benchmark"}, parent=None, by=None
    )
    watch = Watch()
    ingest_folder(folder, collection, by=None)
    seconds = watch.read()
    kept = AccessionItem.objects.filter(outcome=ItemOutcome.INGESTED).count()
    if kept != len(list(folder.iterdir())):
        sys.exit(f"Only {kept} files were ingested.")
    return seconds


def main() -> None:
    """Measure both and print the ratio; status 1 where it is too low."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=60)
    files = parser.parse_args().files
    with tempfile.TemporaryDirectory(prefix="autochrome-ingest-") as name:
        place = Path(name)
        os.environ["AUTOCHROME_DATA"] = str(place / "settings")
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        sys.path.insert(0, str(SOURCE))
        import django

        django.setup()
        scans = place / "scans"
        draw(scans, files)
        megabytes = sum(path.stat().st_size for path in scans.iterdir()) / 1e6
        print(f"{files} scans, {megabytes:.0f} MB, {RUNS} runs of each")
        bare(scans)  # both find the files in the cache
        pairs = [
            (bare(scans), ingested(scans, place / f"run-{run}")) for run in range(RUNS)
        ]
    ratios = []
    for number, kind in enumerate(("wall", "processor")):
        loop = statistics.median(pair[0][number] for pair in pairs)
        ours = statistics.median(pair[1][number] for pair in pairs)
        ratios.append(loop / ours)
        print(
            f"{kind:9}  bare loop {loop:6.2f} s, {files / loop:5.1f} files/s; ingest "
            f"{ours:6.2f} s, {files / ours:5.1f} files/s; ratio {ratios[-1]:.2f}"
        )
    print(f"at least {REQUIRED} of the bare loop's rate is required")
    sys.exit(ratios[0] < REQUIRED)


if __name__ == "__main__":
    main()
