"""Near-duplicates: photographs whose perceptual hashes differ in a few bits."""

from __future__ import annotations

import numpy as np

from archive.models import MasterFile, Photograph

NEAR_BITS = 6
# A blank sheet hashes to almost nothing; two of them are no duplicates.
_TELLING = range(12, 53)


class Resemblances:
    """The perceptual hashes of all fronts, in memory: 16 bytes a photograph."""

    def __init__(self, *, read: bool = True) -> None:
        """Read the hashes that the catalogue has now, unless that is left for later."""
        self._photographs = np.array([], np.int64)
        self._hashes = np.array([], np.uint64)
        self._newest = 0
        if read:
            self.catch_up()

    def catch_up(self) -> None:
        """Read the hashes of fronts that came since; masters never change."""
        rows = MasterFile.objects.rectos().filter(pk__gt=self._newest)
        found = list(
            rows.exclude(perceptual_hash="")
            .order_by("pk")
            .values_list("pk", "photograph_id", "perceptual_hash")
        )
        if not found:
            return
        self._newest = found[-1][0]
        self._append([each[1] for each in found], [int(each[2], 16) for each in found])

    def add(self, photograph: Photograph, perceptual_hash: str) -> None:
        """Take a new front into account."""
        self._append([photograph.pk], [int(perceptual_hash, 16)])

    def near(self, perceptual_hash: str) -> list[tuple[int, int]]:
        """Return keys of photographs that look nearly the same, nearest first.

        Each comes with the number of bits by which its hash differs.
        """
        looked_for = int(perceptual_hash, 16)
        if not len(self._hashes) or looked_for.bit_count() not in _TELLING:
            return []
        distances = np.bitwise_count(self._hashes ^ np.uint64(looked_for))
        [places] = np.nonzero(distances <= NEAR_BITS)
        places = places[np.argsort(distances[places], kind="stable")]
        return list(
            zip(
                self._photographs[places].tolist(),
                distances[places].tolist(),
                strict=True,
            )
        )

    def nearest(self, perceptual_hash: str) -> Photograph | None:
        """Return the photograph that looks most alike, if one does."""
        near = self.near(perceptual_hash)
        return Photograph.objects.filter(pk=near[0][0]).first() if near else None

    def _append(self, photographs: list[int], hashes: list[int]) -> None:
        self._photographs = np.append(
            self._photographs, np.array(photographs, np.int64)
        )
        self._hashes = np.append(self._hashes, np.array(hashes, np.uint64))
