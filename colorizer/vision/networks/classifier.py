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
from torch.nn import functional as F

from colorizer.vision.networks.efficientnet_lite import EfficientNetLite0
from colorizer.vision.networks.tagging import Seen


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
        within, without = self._apart(self.classify(grey, inside))
        return within.logsumexp(2) - without.logsumexp(2)

    def seen(self, grey: Tensor, inside: Tensor) -> Seen:
        """Return scores, features and what each place adds to each score.

        A class's logit is the mean of its class activation map (Zhou et al. 2016). A
        term's score bends with the logits: its region is the sum of the classes' maps,
        each weighted by how much the score moves with that class's logit in this
        picture. It is exact for small changes only.

        Args:
            grey: (B, 1, H, W), (luma - 127) / 128.
            inside: (B, 1, H/32, W/32), as in :meth:`classify`.
        """
        deep = self.encoder(grey).deep
        pooled = (deep * inside).sum((2, 3)) / inside.sum((2, 3))
        within, without = self._apart(self.last(pooled))
        moves = within.softmax(2) - without.softmax(2)  # (B, terms, classes)
        weights = self.last.weight[:, :, None, None]
        maps = F.conv2d(deep, weights, self.last.bias)  # (B, classes, H/32, W/32)
        regions = torch.unflatten(moves @ maps.flatten(2), 2, maps.shape[2:])
        scores = within.logsumexp(2) - without.logsumexp(2)
        return Seen(scores, pooled, regions)

    def _apart(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of each term's classes, and of the others.

        Both are (B, terms, classes), minus infinity where a class does not belong.
        """
        logits = logits.float()[:, None]  # (B, 1, classes)
        never = torch.tensor(-torch.inf, device=logits.device)
        return (
            torch.where(self.members, logits, never),
            torch.where(self.members, never, logits),
        )
