"""What the queue costs a job, beside a bare loop of the same model and files.

    python benchmarks/queue_overhead.py [--jobs 1000]

The bare loop, in this process, decodes small scans in batches of eight, predicts their
colours with the shipped model, merges, and writes the same three files a photograph
into a store. The queue does the same work for real: requests, messages, claims, leases,
a worker process of django-q, a draft in MongoDB, and rows and events in the catalogue,
one transaction a photograph. The bare loop runs before and after, and its mean is
compared. Both are warm: model loaded, first batch done. The queue may cost 30 ms a job.
Processor time is told beside it, because it does not depend on what else runs.
"""

import argparse
import contextlib
import os
import shutil
import statistics
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

SOURCE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SOURCE))

from config import mongod  # noqa: E402
from config.children import Child  # noqa: E402

ALLOWED_MS = 30.0
WARM = 8
SIZE = (320, 240)


def scan(folder: Path, number: int) -> Path:
    """Draw a small grey scan: soft shapes, a little grain."""
    rng = np.random.default_rng(number)
    shapes = Image.fromarray(rng.integers(20, 235, (9, 12), np.uint8))
    soft = np.asarray(shapes.resize(SIZE, Image.Resampling.BICUBIC), np.int16)
    grain = rng.normal(0, 4, soft.shape).astype(np.int16)
    path = folder / f"scan-{number}.png"
    Image.fromarray(np.clip(soft + grain, 0, 255).astype(np.uint8)).save(path)
    return path


def catalogue(folder: Path, count: int) -> None:
    """Fill the catalogue with photographs and their masters, and a person to ask."""
    from django.contrib.auth.models import User

    from archive import describing, store
    from archive.models import MasterFile, Photograph

    User.objects.create_user("curator")
    for code, wanted in (("WARM", WARM), ("WORK", count)):
        within = describing.create_collection(
            {"reference_code": code}, parent=None, by=None
        )
        for number in range(wanted):
            path = scan(folder, number + (0 if code == "WARM" else WARM))
            kept = store.keep_master(path, ".png")
            photograph = Photograph.objects.create(
                collection=within, reference_code=f"{code}/{number:05}"
            )
            MasterFile.objects.create(
                photograph=photograph,
                sha256=kept.sha256,
                size_bytes=kept.size_bytes,
                width=SIZE[0],
                height=SIZE[1],
                bit_depth=8,
                mode="L",
                media_type="image/png",
                extension=".png",
                original_name=path.name,
            )


def bare(paths: list[Path], network: object, stored: Path) -> float:
    """Colorize and write files, and nothing else; return the seconds that took."""
    from django.test import override_settings

    from archive import derivatives, pictures, store
    from archive.vocabularies import Purpose
    from colorizer.vision import colour
    from colorizer.vision.merge import merge

    lengths = [
        derivatives.SCREEN_LENGTHS[purpose]
        for purpose in (Purpose.DISPLAY, Purpose.THUMBNAIL)
    ]
    began = time.perf_counter()
    with override_settings(DERIVATIVES_DIR=stored):
        for first in range(0, len(paths), 8):
            greys = []
            for path in paths[first : first + 8]:
                picture = pictures.open_reduced(path, lengths[0])
                shown = np.asarray(pictures.rendition(picture, lengths[0]))
                colour.tone_of(shown)
                greys.append(colour.luma(shown))
            small = [network.prepare(grey) for grey in greys]
            for grey, chroma in zip(greys, network.predict(small), strict=True):
                store.keep_derivative(chroma.to_png(), ".png")
                for length in lengths:
                    size = pictures.fitted_size(*SIZE, length)
                    plain = Image.fromarray(grey).resize(size)
                    coloured = Image.fromarray(merge(np.asarray(plain), chroma))
                    content = BytesIO()
                    coloured.save(
                        content,
                        "JPEG",
                        quality=derivatives.JPEG_QUALITY,
                        subsampling=0,
                        progressive=True,
                        comment=str(length),  # two files, as in the archive
                    )
                    store.keep_derivative(content.getvalue(), ".jpg")
    return time.perf_counter() - began


def processor_seconds(parts: list[Child]) -> float:
    """Return the processor time that process groups have used so far."""
    total = 0.0
    for part in parts:
        for process in [psutil.Process(part.pid), *_below(part.pid)]:
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system
    return total


def _below(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def queued(collection: str) -> float:
    """Request colours for a collection and wait; return the seconds that took."""
    from archive.models import Photograph
    from colorizer import jobs
    from colorizer.models import Job
    from colorizer.vocabularies import Kind

    photographs = Photograph.objects.filter(reference_code__startswith=f"{collection}/")
    began = time.perf_counter()
    made = jobs.request(photographs, Kind.COLORIZE, by=None)
    print(f"  {len(made.jobs)} requested in {time.perf_counter() - began:.2f} s")
    while Job.objects.live().exists():
        time.sleep(0.05)
    seconds = time.perf_counter() - began
    counts = Job.objects.counts_by_state()
    if {state for state, count in counts.items() if count} != {"succeeded"}:
        sys.exit(f"Not every job succeeded: {counts}")
    return seconds


def main() -> None:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1000)
    count = parser.parse_args().jobs
    data = Path(tempfile.mkdtemp(prefix="ac-queue-"))
    program = mongod.program()
    if program is None:
        sys.exit("There is no MongoDB server here.")
    server = mongod.PrivateMongod(program, data)
    os.environ.update(
        AUTOCHROME_DATA=str(data),
        MONGODB_URI=server.uri,
        DATABASE_URL="",
        AUTOCHROME_DEVICE="cpu",
        AUTOCHROME_LOG_LEVEL="WARNING",
        DJANGO_SETTINGS_MODULE="config.settings",
    )
    workers = Child(
        "vision", [sys.executable, "-m", "config.queues", "vision"], data / "logs"
    )
    server.start()
    try:
        measure(data, count, workers, server.child)
    finally:
        workers.ask_to_stop()
        workers.end(10)
        server.stop()
        shutil.rmtree(data, ignore_errors=True)


def measure(data: Path, count: int, workers: Child, results: Child) -> None:
    """Run both ways on the same scans and print the difference a job."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("migrate", database="results", verbosity=0)
    scans = data / "scans"
    scans.mkdir()
    catalogue(scans, count)

    workers.start()
    queued("WARM")

    import torch

    from archive.models import MasterFile
    from colorizer.vision.inference import Colorizer

    torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
    network = Colorizer(device="cpu")
    masters = MasterFile.objects.filter(photograph__reference_code__startswith="WORK")
    paths = [master.path for master in masters]
    bare(paths[:WARM], network, data / "bare-0")
    used = time.process_time()
    before = bare(paths, network, data / "bare-1")
    used = time.process_time() - used
    print(f"  bare loop: {1000 * before / count:.1f} ms a photograph")
    spent = processor_seconds([workers, results])
    queue = queued("WORK")
    spent = processor_seconds([workers, results]) - spent
    print(f"  queue:     {1000 * queue / count:.1f} ms a photograph")
    after = bare(paths, network, data / "bare-2")
    print(f"  bare loop: {1000 * after / count:.1f} ms a photograph")
    alone = statistics.mean([before, after])
    overhead = 1000 * (queue - alone) / count
    print(
        f"  processor time: bare loop {1000 * used / count:.1f}, workers and results"
        f" database {1000 * spent / count:.1f} ms a photograph"
    )
    print(
        f"{count} jobs: {overhead:.1f} ms a job on top of the model and its files"
        f" (allowed {ALLOWED_MS:.0f}); {queue / alone:.2f} times the bare loop."
    )
    sys.exit(overhead > ALLOWED_MS)


if __name__ == "__main__":
    main()
