"""Distillation: the network learns what its teachers think beside what is true.

Hinton, Vinyals & Dean, "Distilling the Knowledge in a Neural Network" (2015), here
over ab bins at every place, at temperature 1.
"""

from __future__ import annotations

from torch import Tensor


def distilled(log_chances: Tensor, taught: Tensor, heard: Tensor) -> Tensor:
    """Return the mean divergence (Kullback-Leibler) from the teachers' opinion.

    Args:
        log_chances: (B, h, w, Q), log-softmax of the scores over Q.
        taught: (B, h, w, Q), the teachers' chances; no gradient goes there.
        heard: (B,), 1 for pictures of which the teachers know as much.
    """
    kept = taught.clamp(min=1e-8)
    each = (taught * (kept.log() - log_chances)).sum(-1).mean((1, 2))  # (B,)
    return (each * heard).sum() / heard.sum().clamp(min=1)
