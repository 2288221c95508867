"""Photographs that look alike at 100,000: the index beside numpy's brute force.

    python benchmarks/alike.py [--photographs 100000] [--queries 200]

Features are drawn: 2,000 kinds of picture, each a direction with noise around it, as
wide as the tagger's. The index is written and read as the application does it, in a
process that holds nothing else; the peer is one matrix product of 32-bit floats in
memory and a partial sort, on one thread, and is also the truth for recall.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_variable] = "1"

import numpy as np  # noqa: E402
import psutil  # noqa: E402

WIDTH = 1280
KINDS = 2000
COUNT = 48
PORTION = 5000
LIMIT = 0.100


def drawn(first: int, count: int) -> np.ndarray:
    """Return features as a draft keeps them: (count, WIDTH) float16 of length 1."""
    kinds = np.abs(np.random.default_rng(0).normal(size=(KINDS, WIDTH)))
    rng = np.random.default_rng(first + 1)
    own = 0.7 * np.abs(rng.normal(size=(count, WIDTH)))
    made = kinds[rng.integers(0, KINDS, count)] + own
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made.astype(np.float16)


def configured(folder: str) -> None:
    """Point the application's index at a folder."""
    from django.conf import settings

    settings.configure(DATA_DIR=folder, USE_TZ=True)


def write(folder: str, photographs: int) -> float:
    """Make the index; return the seconds that it took."""
    configured(folder)
    from django.utils import timezone

    from colorizer.alike import index

    index.folder().mkdir()
    began = time.perf_counter()
    made = index.empty(WIDTH)
    for first in range(0, photographs, PORTION):
        for place, vector in enumerate(drawn(first, PORTION)):
            made.add(first + place, index.vector_of(vector.tobytes()))
    made.save(str(index.folder() / "drawn.usearch"))
    seconds = time.perf_counter() - began
    now = timezone.now()
    state = index.State("m", "1", "0", "drawn.usearch", now, now, photographs, WIDTH)
    state.write()
    return seconds


def ask(folder: str, queries: int) -> dict[str, object]:
    """Ask the index where it lies; return times, what was found and the memory."""
    configured(folder)
    from colorizer.alike import index

    own = psutil.Process()
    before = own.memory_info().rss
    reader = index.reader()
    if reader is None:
        raise SystemExit("The index cannot be read.")
    asked = [index.vector_of(each.tobytes()) for each in drawn(0, PORTION)[:queries]]
    before_asking, most = own.memory_info().rss, 0
    taken, found = [], []
    for vector in asked:
        began = time.perf_counter()
        nearest = reader.nearest(vector, COUNT)
        taken.append(time.perf_counter() - began)
        found.append([key for key, _likeness in nearest])
        most = max(most, own.memory_info().rss)
    return {
        "median": statistics.median(taken),
        "slowest": max(taken),
        "found": found,
        "opened": (before_asking - before) / 1e6,
        "grown": (most - before_asking) / 1e6,
    }


def brute(photographs: int, queries: int) -> tuple[float, list[list[int]]]:
    """Ask numpy; return the median seconds and the truth."""
    kept = np.empty((photographs, WIDTH), np.float32)
    for first in range(0, photographs, PORTION):
        kept[first : first + PORTION] = drawn(first, PORTION)
    taken, found = [], []
    for vector in kept[:queries]:
        began = time.perf_counter()
        likeness = kept @ vector
        best = np.argpartition(-likeness, COUNT)[:COUNT]
        best = best[np.argsort(-likeness[best])]
        taken.append(time.perf_counter() - began)
        found.append(best.tolist())
    return statistics.median(taken), found


def main() -> int:
    """Print what was measured; return 1 where a search is slower than allowed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.ask:
        print(json.dumps(ask(asked.ask, asked.queries)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        seconds = write(folder, asked.photographs)
        size = (Path(folder) / "alike" / "drawn.usearch").stat().st_size / 1e6
        words = [sys.executable, __file__, "--ask", folder]
        printed = subprocess.run(
            [*words, "--queries", str(asked.queries)], check=True, capture_output=True
        ).stdout
    got = json.loads(printed)
    peer, truth = brute(asked.photographs, asked.queries)
    recall = statistics.mean(
        len(set(one) & set(two)) / COUNT
        for one, two in zip(got["found"], truth, strict=True)
    )
    print(
        f"{asked.photographs:,} photographs: made in {seconds:.0f} s, {size:.0f} MB\n"
        f"index: median {got['median'] * 1e3:.1f} ms, slowest "
        f"{got['slowest'] * 1e3:.1f} ms; numpy: median {peer * 1e3:.1f} ms; "
        f"ratio {got['median'] / peer:.3f}; {recall:.1%} of numpy's {COUNT} found\n"
        f"memory of the asking process: {got['opened']:.0f} MB to open, at most "
        f"{got['grown']:.0f} MB more while it asks"
    )
    return int(got["median"] > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
