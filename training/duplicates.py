"""Near-duplicates across sets, by perceptual hash and a second look."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HASH_DISTANCE = 8
"""Bits of 64 by which the perceptual hashes of near-duplicates differ at most."""
CORRELATION = 0.93
"""What the 16 x 16 grey thumbnails of near-duplicates correlate by at least."""


def near_duplicates(
    hashes: NDArray[np.uint64], thumbnails: NDArray[np.uint8]
) -> dict[int, int]:
    """Map each picture that repeats an earlier one to the earliest it repeats.

    Pictures that may not be lost (evaluation sets) must come first.

    Args:
        hashes: (N,) 64-bit perceptual hashes.
        thumbnails: (N, 16, 16) grey thumbnails.
    """
    flat = thumbnails.reshape(len(thumbnails), -1).astype(np.float32)
    flat -= flat.mean(1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
    repeats: dict[int, int] = {}
    for later in range(1, len(hashes)):
        close = np.flatnonzero(
            np.bitwise_count(hashes[:later] ^ hashes[later]) <= HASH_DISTANCE
        )
        alike = close[flat[close] @ flat[later] >= CORRELATION]
        if len(alike):
            first = int(alike[0])
            repeats[later] = repeats.get(first, first)
    return repeats
