"""Near-duplicates: photographs whose perceptual hashes differ in a few bits."""

from __future__ import annotations

import numpy as np

from archive.models import MasterFile, Photograph

NEAR_BITS = 6
# A blank sheet hashes to almost nothing; two of them are no duplicates.
_TELLING = range(12, 53)


class Resemblances:
    """The perceptual hashes of all fronts, in memory: 16 bytes a photograph."""

    def __init__(self) -> None:
        """Read the hashes that the catalogue has now."""
        rows = MasterFile.objects.rectos().exclude(perceptual_hash="")
        self._photographs: list[int] = []
        hashes: list[int] = []
        for photograph, text in rows.values_list(
            "photograph_id", "perceptual_hash"
        ).iterator():
            self._photographs.append(photograph)
            hashes.append(int(text, 16))
        self._hashes = np.array(hashes, np.uint64)

    def add(self, photograph: Photograph, perceptual_hash: str) -> None:
        """Take a new front into account."""
        self._photographs.append(photograph.pk)
        self._hashes = np.append(self._hashes, np.uint64(int(perceptual_hash, 16)))

    def nearest(self, perceptual_hash: str) -> Photograph | None:
        """Return the photograph that looks most alike, if one does."""
        looked_for = int(perceptual_hash, 16)
        if not self._photographs or looked_for.bit_count() not in _TELLING:
            return None
        distances = np.bitwise_count(self._hashes ^ np.uint64(looked_for))
        nearest = int(distances.argmin())
        if distances[nearest] > NEAR_BITS:
            return None
        return Photograph.objects.filter(pk=self._photographs[nearest]).first()
