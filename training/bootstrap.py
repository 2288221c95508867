"""Paired bootstrap intervals of what is measured over whole sets of pictures.

Pictures are drawn with replacement, the same ones for everything that is compared; a
draw is a count a picture, so that every measure is a weighted one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Draws = NDArray[np.float64]


def drawn_counts(pictures: int, draws: int, seed: int = 0) -> Counts:
    """Return how often each picture is in each draw, (draws, pictures)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(pictures, np.full(pictures, 1 / pictures), draws)


def map_draws(probabilities: Draws, truth: NDArray[np.int8], counts: Counts) -> Draws:
    """Return the macro mean average precision of each draw.

    A label that a draw has no present picture of has no vote in that draw.

    Args:
        probabilities: (N, L).
        truth: (N, L): 1 present, 0 absent, -1 unknown.
        counts: (D, N), as :func:`drawn_counts` gives them.
    """
    each = [
        _average_precision(
            probabilities[known, label],
            truth[known, label],
            counts[:, known].astype(np.float64),
        )
        for label in range(truth.shape[1])
        for known in [truth[:, label] >= 0]
        if (truth[known, label] == 1).any() and (truth[known, label] == 0).any()
    ]
    return np.asarray(np.nanmean(each, axis=0), np.float64)


def iou_draws(confusions: NDArray[np.int64], counts: Counts) -> Draws:
    """Return the mean intersection over union of each draw.

    Args:
        confusions: (N, C, C), a picture each; void left out.
        counts: (D, N).
    """
    classes = confusions.shape[1]
    flat = confusions.reshape(len(confusions), -1).astype(np.float64)
    drawn = (counts @ flat).reshape(-1, classes, classes)
    right = np.diagonal(drawn, axis1=1, axis2=2)
    union = drawn.sum(1) + drawn.sum(2) - right
    each = np.divide(right, union, out=np.full(right.shape, np.nan), where=union > 0)
    return np.asarray(np.nanmean(each, axis=1), np.float64)


def interval(draws: Draws) -> tuple[float, float]:
    """Return the 95 % percentile interval."""
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def _average_precision(
    chances: Draws, actual: NDArray[np.int8], counts: Draws
) -> Draws:
    """Return scikit-learn's weighted average precision for each row of ``counts``."""
    order = np.argsort(-chances, kind="stable")
    weights = counts[:, order]
    right = np.cumsum(weights * actual[order], axis=1)
    found = np.cumsum(weights, axis=1)
    # Equal scores are found together: only the last place of each counts.
    last = np.append(np.diff(chances[order]) != 0, [True])
    right, found = right[:, last], found[:, last]
    precision = right / np.maximum(found, 1e-12)
    gained = np.diff(right, axis=1, prepend=0.0)
    total = right[:, -1]
    area = (precision * gained).sum(1)
    missing = np.full(len(total), np.nan)
    return np.asarray(np.divide(area, total, out=missing, where=total > 0))
