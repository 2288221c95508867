"""Rehearsal: what nobody decided on stays as the old network said it.

Li & Hoiem 2016, Learning without Forgetting: on the new pictures, the network goes on
giving its old answers for the old tasks. Deviations: here some labels of a picture are
decided and the others are the old task; each label is a sigmoid of its own, so the
softmax with a temperature becomes a binary divergence a label, at temperature 1.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def rehearsal(scores: Tensor, taught: Tensor, truth: Tensor) -> Tensor:
    """Return the mean divergence from the old probabilities where nothing is known.

    It is zero, and so is its gradient, where the network says what the old one said.

    Args:
        scores: (B, L) log-odds of the network that learns.
        taught: (B, L) log-odds of the old one; no gradient goes there.
        truth: (B, L): 1 present, 0 absent, -1 unknown.
    """
    unknown = truth < 0
    old = torch.sigmoid(taught.detach())
    each = F.binary_cross_entropy_with_logits(scores, old, reduction="none")
    least = F.binary_cross_entropy_with_logits(taught.detach(), old, reduction="none")
    return ((each - least) * unknown).sum() / unknown.sum().clamp(min=1)
