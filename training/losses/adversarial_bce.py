"""Binary cross-entropy: Goodfellow et al., "Generative Adversarial Nets" (2014).

In the form that saturates less, as in pix2pix (Isola et al. 2017): the generator is
told the cross-entropy of its fakes against "real".
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def bce(scores: Tensor, target: float) -> Tensor:
    """Return the mean cross-entropy of patches.

    Args:
        scores: (B, 1, h, w), before the sigmoid.
        target: 1 for real, 0 for fake, between them for smoothed labels.
    """
    return F.binary_cross_entropy_with_logits(scores, torch.full_like(scores, target))
