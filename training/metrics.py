"""What is measured of colours and of tags, by scikit-image and scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import structural_similarity
from sklearn.metrics import average_precision_score, precision_recall_curve

Rgb = NDArray[np.uint8]
Values = NDArray[np.float64]

LARGEST_ERROR = 150
_CELL, _REACH = 10, 11  # ab bins of 10 units, from -110 to 110


def colourfulness(rgb: Rgb) -> float:
    """Return Hasler & Süsstrunk's colourfulness (2003) of (H, W, 3) sRGB.

    The opponent channels keep their sign: rg = R - G, yb = (R + G) / 2 - B.
    """
    red, green, blue = (rgb[..., i].astype(np.float64) for i in range(3))
    rg, yb = red - green, (red + green) / 2 - blue
    spread = np.hypot(rg.std(), yb.std())
    return float(spread + 0.3 * np.hypot(rg.mean(), yb.mean()))


def bootstrap_ratio(
    method: Values, reference: Values, draws: int = 2000, seed: int = 0
) -> tuple[float, float, float]:
    """Return mean(method) / mean(reference) and its paired 95 % interval.

    Pictures are drawn with replacement, the same ones for both.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(method), size=(draws, len(method)))
    ratios = method[drawn].mean(1) / reference[drawn].mean(1)
    low, high = np.percentile(ratios, [2.5, 97.5])
    return float(method.mean() / reference.mean()), float(low), float(high)


@dataclass
class ColourScores:
    """Scores of one method over a set of pictures, gathered one by one."""

    delta_e: list[float] = field(default_factory=list)
    squared_ab: list[float] = field(default_factory=list)
    colourfulness: list[float] = field(default_factory=list)
    true_colourfulness: list[float] = field(default_factory=list)
    psnr: list[float] = field(default_factory=list)
    ssim: list[float] = field(default_factory=list)
    errors: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros(
            ((2 * _REACH + 1) ** 2, LARGEST_ERROR + 1), np.int64
        )
    )

    def add(self, predicted: Rgb, true: Rgb) -> None:
        """Score one picture: (H, W, 3) sRGB each."""
        lab, true_lab = rgb2lab(predicted), rgb2lab(true)
        delta = deltaE_ciede2000(true_lab, lab)  # type: ignore[no-untyped-call]
        self.delta_e.append(float(delta.mean()))
        distance = np.linalg.norm(lab[..., 1:] - true_lab[..., 1:], axis=-1)
        self.squared_ab.append(float((distance**2).mean() / 2))
        self.colourfulness.append(colourfulness(predicted))
        self.true_colourfulness.append(colourfulness(true))
        error = np.mean((predicted.astype(np.float64) - true) ** 2)
        self.psnr.append(float(10 * np.log10(255**2 / error)) if error else np.inf)
        side = min(7, *(s - (s + 1) % 2 for s in true.shape[:2]))
        alike = structural_similarity(  # type: ignore[no-untyped-call]
            true, predicted, channel_axis=-1, win_size=side
        )
        self.ssim.append(float(alike))
        cell = np.clip(np.round(true_lab[..., 1:] / _CELL), -_REACH, _REACH) + _REACH
        row = (cell[..., 0] * (2 * _REACH + 1) + cell[..., 1]).astype(np.int64)
        column = np.clip(np.ceil(distance), 0, LARGEST_ERROR).astype(np.int64)
        flat = row * (LARGEST_ERROR + 1) + column
        self.errors += np.bincount(flat.ravel(), minlength=self.errors.size).reshape(
            self.errors.shape
        )

    @property
    def colourfulness_ratio(self) -> float:
        """Mean colourfulness over that of the true pictures."""
        return float(np.mean(self.colourfulness) / np.mean(self.true_colourfulness))

    @property
    def ab_rmse(self) -> float:
        """Root mean square error of a* and b* together, a picture one vote."""
        return float(np.sqrt(np.mean(self.squared_ab)))

    def auc(self, *, rebalanced: bool) -> float:
        """Return the area, 0-100, under the cumulative share of errors up to 150.

        Zhang, Isola & Efros (2016). Rebalanced: every 10-unit ab bin of the true
        pictures that has at least 1 in 100,000 places has the same weight.
        """
        if rebalanced:
            per_bin = self.errors.sum(1)
            used = self.errors[per_bin >= max(1.0, 1e-5 * per_bin.sum())]
            shares = (used / used.sum(1, keepdims=True)).mean(0)
        else:
            shares = self.errors.sum(0) / self.errors.sum()
        return float(100 * np.cumsum(shares).mean())


def macro_map(
    probabilities: Values, truth: NDArray[np.int8]
) -> tuple[float, list[float]]:
    """Return the mean average precision over labels, and each label's.

    Args:
        probabilities: (N, L).
        truth: (N, L): 1 present, 0 absent, -1 unknown, which is left out. A label
            without a present and an absent picture has NaN and no vote.
    """
    each: list[float] = []
    for label in range(truth.shape[1]):
        known = truth[:, label] >= 0
        actual = truth[known, label]
        if not len(actual) or actual.min() == actual.max():
            each.append(float("nan"))
            continue
        each.append(float(average_precision_score(actual, probabilities[known, label])))
    return float(np.nanmean(each)), each


def micro_map(probabilities: Values, truth: NDArray[np.int8]) -> float:
    """Return the average precision over all known (picture, label) pairs at once."""
    known = truth >= 0
    return float(average_precision_score(truth[known], probabilities[known]))


def best_thresholds(probabilities: Values, truth: NDArray[np.int8]) -> Values:
    """Return each label's threshold of greatest F1 (L,); 0.5 where none is known.

    To be chosen on validation pictures and used on others.
    """
    limits = np.full(truth.shape[1], 0.5)
    for label in range(truth.shape[1]):
        known = truth[:, label] >= 0
        actual = truth[known, label]
        if not (actual == 1).any():
            continue
        precision, recall, at = precision_recall_curve(
            actual, probabilities[known, label]
        )
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        limits[label] = at[f1[:-1].argmax()]
    return limits


def f1_scores(
    probabilities: Values, truth: NDArray[np.int8], thresholds: Values
) -> tuple[float, float]:
    """Return macro and micro F1 over what is known.

    A label without a present picture has no vote in the macro mean.
    """
    known = truth >= 0
    found = (probabilities >= thresholds) & known
    right = (found & (truth == 1)).sum(0)
    both = found.sum(0) + (truth == 1).sum(0)
    voting = (truth == 1).any(0)
    each = 2 * right[voting] / both[voting]
    return float(each.mean()), float(2 * right.sum() / max(1, both.sum()))


def calibration_error(
    probabilities: Values, truth: NDArray[np.int8], bins: int = 15
) -> float:
    """Return the expected calibration error over all known (picture, label) pairs.

    Equal-width bins of probability; each counts by its number of pairs.
    """
    known = truth >= 0
    chances, actual = probabilities[known], truth[known].astype(np.float64)
    place = np.minimum((chances * bins).astype(np.int64), bins - 1)
    counts = np.bincount(place, minlength=bins)
    gap = np.abs(
        np.bincount(place, chances, minlength=bins)
        - np.bincount(place, actual, minlength=bins)
    )
    return float(gap.sum() / counts.sum())


def mean_iou(confusion: NDArray[np.int64]) -> tuple[float, list[float]]:
    """Return the mean intersection over union of the classes, and each class's.

    Args:
        confusion: (C, C) counts of places: true class, found class; void left out. A
            class that is neither there nor found has NaN and no vote.
    """
    right = np.diagonal(confusion).astype(np.float64)
    union = confusion.sum(0) + confusion.sum(1) - right
    each = np.divide(right, union, out=np.full(len(right), np.nan), where=union > 0)
    return float(np.nanmean(each)), [float(one) for one in each]
