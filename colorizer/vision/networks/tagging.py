"""A tagger: a colour generator's encoder, pooled at some strides, to label scores.

Treneska et al. 2022 transfer the encoder to multilabel classification with two
fully connected layers of 4096; deviation: pooled features and one linear layer,
which the small label sets here can fill. Residual attention (Zhu and Wu 2021) lets
a score also listen to where its label speaks loudest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from colorizer.vision.networks.encoders import build_encoder

STRIDE = 32
"""Of the map that says what is picture."""
LAYERS = ("s16", "s32", "deep")
"""The maps of a pyramid that are pooled, unless others are named."""


class Seen(NamedTuple):
    """What a tagger makes of a batch."""

    scores: Tensor  # (B, labels), before the sigmoid
    features: Tensor  # (B, F), what its last layer is given
    regions: Tensor  # (B, labels, H/32, W/32), what each place adds to each score


class PooledTagger(nn.Module):
    """Grey in, one score a label out.

    Args:
        labels: Number of labels.
        dropout: Share of the pooled features dropped in training.
        attention: How far a score is moved from the mean of its region towards where
            the region is highest; 0 for the mean alone.
        layers: The maps of the pyramid that are pooled.
        backbone: The name of the encoder.
        encoder: What the encoder is built with.
        folded: Build without batch normalisation, to load folded weights.
    """

    def __init__(
        self,
        labels: int,
        dropout: float = 0.0,
        attention: float = 0.0,
        *,
        layers: Sequence[str] = LAYERS,
        backbone: str = "efficientnet_lite0",
        encoder: Mapping[str, Any] | None = None,
        folded: bool = False,
    ) -> None:
        super().__init__()
        self.encoder = build_encoder(backbone, encoder or {}, folded=folded)
        self.layers = tuple(layers)
        width = sum(self.encoder.measures(layer)[0] for layer in self.layers)
        # Pooled features differ in scale from stride to stride.
        self.norm = nn.LayerNorm(width)
        self.attention = attention
        self.dropout = nn.Dropout(dropout)
        self.last = nn.Linear(width, labels)

    def pooled(self, grey: Tensor, inside: Tensor | None = None) -> Tensor:
        """Return the pooled features (B, F).

        Args:
            grey: (B, 1, H, W), (luma - 127) / 128.
            inside: (B, 1, H/32, W/32) share of each coarse place that is picture and
                not padding; None where there is no padding.
        """
        parts = self._parts(grey)
        return torch.cat([_pooled(part, inside, at) for part, at in parts], 1)

    def forward(self, grey: Tensor, inside: Tensor | None = None) -> Tensor:
        """Return the scores (B, labels), before the sigmoid."""
        return self.seen(grey, inside).scores

    def seen(self, grey: Tensor, inside: Tensor | None = None) -> Seen:
        """Return scores, features and what each place adds to each score.

        A class activation map (Zhou et al. 2016). The normalisation depends on the
        whole picture; with its mean and deviation held as they are here, a score is
        linear in the maps. Without attention it is the mean of its region over what
        is picture; with it, so much of the way towards the region's own softmax.

        Args:
            grey: (B, 1, H, W), (luma - 127) / 128.
            inside: (B, 1, H/32, W/32), as in :meth:`pooled`.
        """
        parts = self._parts(grey)
        pooled = torch.cat([_pooled(part, inside, at) for part, at in parts], 1)
        features = self.norm(pooled)
        scores = self.last(self.dropout(features))
        regions = self._regions(parts, pooled)
        if self.attention:
            mean, loudest = _heard(regions, inside)
            scores = scores + self.attention * (loudest - mean)
        return Seen(scores, features, regions)

    def _parts(self, grey: Tensor) -> list[tuple[Tensor, int]]:
        """Return the maps that are pooled, each with its stride."""
        maps = self.encoder(grey)
        return [
            (getattr(maps, layer), self.encoder.measures(layer)[1])
            for layer in self.layers
        ]

    def _regions(self, parts: Sequence[tuple[Tensor, int]], pooled: Tensor) -> Tensor:
        """Return what each place adds to each score, (B, labels, H/32, W/32)."""
        mean = pooled.mean(1, keepdim=True)  # (B, 1)
        scale = (pooled.var(1, correction=0, keepdim=True) + self.norm.eps).sqrt()
        weights = self.last.weight * self.norm.weight  # (labels, F)
        widths = [part.shape[1] for part, _ in parts]
        own = torch.split(weights[:, :, None, None], widths, 1)
        added = [
            _at_stride(F.conv2d(part, each), at)  # (B, labels, H/32, W/32)
            for (part, at), each in zip(parts, own, strict=True)
        ]
        steady: Tensor = self.last(self.norm.bias) - mean / scale * weights.sum(1)
        found = sum(added[1:], added[0]) / scale[..., None, None]
        return found + steady[..., None, None]


def _heard(regions: Tensor, inside: Tensor | None) -> tuple[Tensor, Tensor]:
    """Return a region's mean, and its mean weighted by its own softmax."""
    places = regions.flatten(2)
    if inside is None:
        return places.mean(2), (places * places.softmax(2)).sum(2)
    shares = inside.flatten(2)
    mean = (places * shares).sum(2) / shares.sum(2)
    loudest = (places * (places + shares.log()).softmax(2)).sum(2)
    return mean, loudest


def _at_stride(places: Tensor, stride: int) -> Tensor:
    """Return a map of what is added, (B, labels, h, w), at the coarse stride."""
    if stride < STRIDE:
        return F.avg_pool2d(places, STRIDE // stride)
    if stride > STRIDE:
        return F.interpolate(places, scale_factor=stride // STRIDE, mode="nearest")
    return places


def _pooled(features: Tensor, inside: Tensor | None, stride: int) -> Tensor:
    """Return the mean (B, C) of a map over what is picture."""
    if inside is None:
        return features.mean((2, 3))
    if stride < STRIDE:
        inside = F.interpolate(inside, scale_factor=STRIDE // stride, mode="nearest")
    elif stride > STRIDE:
        inside = F.avg_pool2d(inside, stride // STRIDE)
    return (features * inside).sum((2, 3)) / inside.sum((2, 3))
