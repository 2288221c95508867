"""Least squares: Mao et al., "Least Squares Generative Adversarial Networks" (2017)."""

from __future__ import annotations

from torch import Tensor


def least_squares(scores: Tensor, target: float) -> Tensor:
    """Return the mean squared distance of patches from the target.

    Args:
        scores: (B, 1, h, w), of any value.
        target: 1 for real, 0 for fake.
    """
    return (scores - target).square().mean()
