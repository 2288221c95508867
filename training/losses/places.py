"""What masks say of a tagger's places: which label is to be seen where."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from training.sources import CLASSES, LABELS, VOC_LABELS, VOID

ENOUGH = 0.25
"""A place of which this share shows a label shows it; less counts in proportion."""
GRAIN = 8
"""Samples of a mask along a side of a place."""
_CLASS_OF = [CLASSES["voc"].index(label) for label in VOC_LABELS]
_COLUMNS = [LABELS.index(label) for label in VOC_LABELS]


def place_bce(regions: Tensor, classes: Tensor) -> Tensor:
    """Return the mean binary cross-entropy of the labels at each place that is known.

    Void counts for nothing, so pictures without a mask, which are void everywhere,
    have no part in the value and get no gradient.

    Args:
        regions: (B, L, h, w), scores before the sigmoid, of which the labels with
            masks are judged.
        classes: (B, H, W), class or :data:`~training.sources.VOID`.
    """
    rows, columns = regions.shape[2:]
    fine = classes[:, None].to(regions)
    fine = F.interpolate(fine, (rows * GRAIN, columns * GRAIN), mode="nearest")
    known = F.avg_pool2d((fine != VOID).to(regions), GRAIN)  # (B, 1, h, w)
    of_class = fine.new_tensor(_CLASS_OF)[:, None, None]
    shares = F.avg_pool2d((fine == of_class).to(regions), GRAIN)  # (B, labels, h, w)
    target = (shares / (known * ENOUGH).clamp(min=1e-6)).clamp(max=1)
    each = F.binary_cross_entropy_with_logits(
        regions[:, _COLUMNS], target, reduction="none"
    )
    return (each * known).sum() / (known.sum() * len(_COLUMNS)).clamp(min=1)


def still_present(truth: Tensor, classes: Tensor) -> Tensor:
    """Return the labels of what is left of pictures that were cut.

    A label of which a mask shows nothing more is absent; without a mask it stays.

    Args:
        truth: (B, L): 1 present, 0 absent, -1 unknown.
        classes: (B, H, W), class or :data:`~training.sources.VOID`.
    """
    masked = (classes != VOID).flatten(1).any(1)
    truth = truth.clone()
    for column, number in zip(_COLUMNS, _CLASS_OF, strict=True):
        gone = masked & ~(classes == number).flatten(1).any(1)
        truth[gone & (truth[:, column] == 1), column] = 0
    return truth
