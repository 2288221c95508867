"""A tagger: an encoder with its own published classifier, its classes merged to terms.

The classifier was trained to choose one of its classes for a picture. A term that
joins the classes C gets the log-odds of "one of C" against "one of the others",

    score = log sum(exp(logit[c]), c in C) - log sum(exp(logit[c]), c not in C),

which is one independent score a term: synonyms add up instead of competing, and the
classes that no term uses still speak against all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from colorizer.vision.networks.efficientnet_lite import EfficientNetLite0


class TermClassifier(nn.Module):
    """Grey in, one score a term out.

    Args:
        classes: Number of classes of the classifier.
        terms: The classes of each term, by their place in the classifier.
        folded: Build without batch normalisation, to load folded weights.
    """

    def __init__(
        self, classes: int, terms: Sequence[Sequence[int]], *, folded: bool = False
    ) -> None:
        super().__init__()
        self.encoder = EfficientNetLite0(folded=folded)
        self.last = nn.Linear(self.encoder.deep_channels, classes)
        members = torch.zeros(len(terms), classes, dtype=torch.bool)
        for row, places in enumerate(terms):
            members[row, list(places)] = True
        self.register_buffer("members", members, persistent=False)
        self.members: Tensor

    def classify(self, grey: Tensor, inside: Tensor | None = None) -> Tensor:
        """Return the logit of every class, (B, classes).

        Args:
            grey: (B, 1, H, W), (luma - 127) / 128.
            inside: (B, 1, H/32, W/32) share of each coarse place that is picture and
                not padding; None where there is no padding.
        """
        deep = self.encoder(grey).deep
        if inside is None:
            pooled = deep.mean((2, 3))
        else:
            pooled = (deep * inside).sum((2, 3)) / inside.sum((2, 3))
        logits: Tensor = self.last(pooled)
        return logits

    def forward(self, grey: Tensor, inside: Tensor | None = None) -> Tensor:
        """Return the log-odds of every term, (B, terms)."""
        logits = self.classify(grey, inside).float()[:, None]  # (B, 1, classes)
        never = torch.tensor(-torch.inf, device=logits.device)
        within = torch.where(self.members, logits, never).logsumexp(2)
        without = torch.where(self.members, never, logits).logsumexp(2)
        return within - without
