"""Splits that depend on a picture's name alone, never on directory order."""

from __future__ import annotations

import hashlib

TUNE_PERCENT = 6


def split_of(file: str) -> str:
    """Return "tune" for about 6 of 100 file names, "fit" for the others.

    "fit" is learnt from; "tune" chooses temperatures, thresholds and calibration.
    Evaluation sets are in neither.
    """
    digest = hashlib.sha256(file.encode()).digest()
    return "tune" if int.from_bytes(digest[:4], "big") % 100 < TUNE_PERCENT else "fit"
