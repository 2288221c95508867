"""One place of a comparison's grid, and what was found there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.metrics import (
    best_thresholds,
    calibration_error,
    f1_scores,
    macro_map,
    mean_iou,
    micro_map,
)
from training.segment import Confusions
from training.sources import CLASSES, LABELS
from training.truth import Truth

TASKS = {
    "voc-tags": "voc",
    "scenes-tags": "scenes",
    "voc-segments": "voc",
    "camvid-segments": "camvid",
}
"""The tasks, and the set that each is about."""
MODES = ("probe", "finetune")


@dataclass(frozen=True)
class Cell:
    """One place of the grid."""

    task: str
    mode: str
    start: str
    share: float
    seed: int

    @property
    def name(self) -> str:
        """The folder's name."""
        return f"{self.task}-{self.mode}-{self.start}-{self.share:g}-{self.seed}"


@dataclass(frozen=True)
class Found:
    """What a cell came to: its row of the table, and the outputs behind it.

    ``outputs`` are probabilities (N, L) or confusions (N, C, C) of the held-back
    pictures; ``tuned`` is the main measure on the tuning split.
    """

    cell: Cell
    row: dict[str, Any]
    outputs: NDArray[Any]
    tuned: float


def measure_of(task: str) -> str:
    """Return the column of a task's main measure."""
    return "mean_iou" if task.endswith("-segments") else "macro_map"


def tagged(
    cell: Cell,
    choice: Mapping[str, Any],
    tuning: tuple[NDArray[np.float64], Truth],
    held: tuple[NDArray[np.float64], Truth],
) -> Found:
    """Return what a tagging cell came to.

    Args:
        cell: Which.
        choice: What the row tells besides, such as a learning rate.
        tuning: Probabilities and truth that choose the thresholds of F1.
        held: Probabilities and truth of the held-back pictures.
    """
    mean, each = macro_map(*held)
    macro_f1, micro_f1 = f1_scores(*held, best_thresholds(*tuning))
    row = {
        **choice,
        "macro_map": mean,
        "micro_map": micro_map(*held),
        "macro_f1": macro_f1,
        "micro_f1": micro_f1,
        "ece": calibration_error(*held),
        **{
            label: value
            for label, value in zip(LABELS, each, strict=True)
            if np.isfinite(value)
        },
    }
    return Found(cell, row, held[0], macro_map(*tuning)[0])


def segmented(
    cell: Cell, choice: Mapping[str, Any], tuning: Confusions, held: Confusions
) -> Found:
    """Return what a segmentation cell came to; see :func:`tagged`."""
    mean, each = mean_iou(held.sum(0))
    classes = dict(zip(CLASSES[TASKS[cell.task]], each, strict=True))
    row = {**choice, "mean_iou": mean, **classes}
    return Found(cell, row, held, mean_iou(tuning.sum(0))[0])
