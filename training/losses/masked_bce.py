"""Binary cross-entropy over labels of which some are unknown."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def masked_bce(scores: Tensor, truth: Tensor) -> Tensor:
    """Return the mean binary cross-entropy over what is known.

    Unknown labels have no part in the value and get no gradient: a set that does not
    look for mountains says nothing about mountains.

    Args:
        scores: (B, L) before the sigmoid.
        truth: (B, L): 1 present, 0 absent, -1 unknown.
    """
    known = truth >= 0
    each = F.binary_cross_entropy_with_logits(
        scores, truth.clamp(min=0).to(scores), reduction="none"
    )
    return (each * known).sum() / known.sum().clamp(min=1)


def masked_bce_by_picture(scores: Tensor, truth: Tensor) -> Tensor:
    """Return the same with one vote a picture, however many of its labels are known.

    A photograph with one decision counts as much as one of a set with twenty labels.

    Args:
        scores: (B, L) before the sigmoid.
        truth: (B, L): 1 present, 0 absent, -1 unknown.
    """
    known = truth >= 0
    each = F.binary_cross_entropy_with_logits(
        scores, truth.clamp(min=0).to(scores), reduction="none"
    )
    votes = (each * known).sum(1) / known.sum(1).clamp(min=1)
    return votes.sum() / known.any(1).sum().clamp(min=1)
