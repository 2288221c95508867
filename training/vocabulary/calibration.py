"""From log-odds to probabilities, with little evidence a term.

Platt (1999) with one slope for all terms, because most terms have one or two pictures
of their own, and an offset for each term that is drawn towards the common one (a
normal prior, that is, a ridge penalty). What a term says of the thousands of pictures
that do not show it moves its offset too: one that speaks up too often is turned down.

How many pictures of a term the sets happen to have says nothing about an archive.
Every term therefore counts as if the same small share of pictures showed it.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from training.errors import EmptySplit
from training.vocabulary.evidence import Truth

Values = NDArray[np.float64]
STRENGTH = 1.0
"""Precision of the prior on a term's own part of the offset."""
PREVALENCE = 0.001
"""Share of pictures that show a term, taken to be the same for all terms: one in a
thousand, as in ImageNet. No archive's own shares are known here."""
PRECISION = 0.85
"""What the threshold of suggestions is chosen for: a margin over the 0.8 that is wanted
of real old photographs, of which none is labelled."""
FOLDS = 5


@dataclass(frozen=True)
class Calibration:
    """One slope, and an offset for each term."""

    slope: float
    offsets: Values  # (T,)

    def probabilities(self, scores: Values) -> Values:
        """Return the calibrated probabilities (N, T) of log-odds (N, T)."""
        chances: Values = 1 / (1 + np.exp(-(self.slope * scores + self.offsets)))
        return chances


def weights_of(truth: Truth) -> Values:
    """Return how much each (picture, term) counts, (N, T).

    The pictures that show a term weigh together :data:`PREVALENCE` of all that are
    known. What is unknown has no weight, nor has a term that no picture shows: pictures
    without it alone would only ever turn it down.
    """
    shown = truth == 1
    absent = (truth == 0) & shown.any(0)
    odds = PREVALENCE / (1 - PREVALENCE)
    each = odds * absent.sum(0) / np.maximum(1, shown.sum(0))
    weights: Values = np.where(shown, each, absent)
    return weights


def calibrate(scores: Values, truth: Truth) -> Calibration:
    """Fit slope and offsets.

    Args:
        scores: (N, T) log-odds.
        truth: (N, T): 1 shown, 0 not shown, -1 unknown.

    Raises:
        EmptySplit: No picture shows a term.
    """
    if not (truth == 1).any():
        raise EmptySplit("No picture shows a term: there is nothing to calibrate on.")
    given = torch.from_numpy(scores)
    actual = torch.from_numpy((truth == 1).astype(np.float64))
    weights = torch.from_numpy(weights_of(truth))
    slope = torch.ones(1, dtype=torch.float64, requires_grad=True)
    common = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    own = torch.zeros(scores.shape[1], dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS(
        [slope, common, own], max_iter=200, line_search_fn="strong_wolfe"
    )

    def penalised() -> torch.Tensor:
        solver.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            slope * given + common + own, actual, weights, reduction="sum"
        )
        loss = loss + STRENGTH / 2 * (own**2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    solver.step(penalised)  # type: ignore[no-untyped-call]
    return Calibration(float(slope.detach()), (common + own).detach().numpy())


def fold_of(file: str) -> int:
    """Return the fold of a picture, by its name alone."""
    return zlib.crc32(file.encode()) % FOLDS


def unseen_probabilities(scores: Values, truth: Truth, files: Sequence[str]) -> Values:
    """Return probabilities (N, T), each by a calibration that has not seen its picture.

    Args:
        scores: (N, T).
        truth: (N, T).
        files: Of the N pictures; those of one file (grey and aged) stay together.
    """
    folds = np.array([fold_of(file) for file in files])
    chances = np.zeros_like(scores)
    for fold in np.unique(folds):
        out = folds == fold
        chances[out] = calibrate(scores[~out], truth[~out]).probabilities(scores[out])
    return chances


def threshold_for(chances: Values, truth: Truth, precision: float = PRECISION) -> float:
    """Return the lowest probability at and above which precision is reached.

    One for all terms: none has the pictures that a threshold of its own would need.

    Raises:
        EmptySplit: It is reached nowhere.
    """
    order = np.argsort(-chances.ravel(), kind="stable")
    weights = weights_of(truth).ravel()[order]
    right = np.cumsum(weights * (truth.ravel()[order] == 1))
    right /= np.maximum(np.cumsum(weights), np.finfo(float).tiny)
    reached = np.flatnonzero(right >= precision)
    if not len(reached):
        raise EmptySplit(f"A precision of {precision} is reached at no threshold.")
    return float(chances.ravel()[order[reached[-1]]])
