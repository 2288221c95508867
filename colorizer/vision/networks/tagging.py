"""A tagger: a colour generator's encoder, pooled at three strides, to label scores.

Treneska et al. 2022 transfer the encoder to multilabel classification with two
fully connected layers of 4096; deviation: pooled features and one linear layer,
which the small label sets here can fill.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from colorizer.vision.networks.encoders import build_encoder

STRIDE = 32
"""Of the map that says what is picture."""


class PooledTagger(nn.Module):
    """Grey in, one score a label out.

    Args:
        labels: Number of labels.
        dropout: Share of the pooled features dropped in training.
        backbone: The name of the encoder.
        encoder: What the encoder is built with.
        folded: Build without batch normalisation, to load folded weights.
    """

    def __init__(
        self,
        labels: int,
        dropout: float = 0.0,
        *,
        backbone: str = "efficientnet_lite0",
        encoder: Mapping[str, Any] | None = None,
        folded: bool = False,
    ) -> None:
        super().__init__()
        self.encoder = build_encoder(backbone, encoder or {}, folded=folded)
        ch = self.encoder.channels
        width = ch[16] + ch[32] + self.encoder.deep_channels
        # Pooled features differ in scale from stride to stride.
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.last = nn.Linear(width, labels)

    def pooled(self, grey: Tensor, inside: Tensor | None = None) -> Tensor:
        """Return the pooled features (B, F).

        Args:
            grey: (B, 1, H, W), (luma - 127) / 128.
            inside: (B, 1, H/32, W/32) share of each coarse place that is picture and
                not padding; None where there is no padding.
        """
        maps = self.encoder(grey)
        parts = [
            _pooled(maps.s16, inside, 16),
            _pooled(maps.s32, inside, 32),
            _pooled(maps.deep, inside, self.encoder.deep_stride),
        ]
        return torch.cat(parts, 1)

    def classify(self, pooled: Tensor) -> Tensor:
        """Return the scores (B, labels), before the sigmoid, of pooled features."""
        scores: Tensor = self.last(self.dropout(self.norm(pooled)))
        return scores

    def forward(self, grey: Tensor, inside: Tensor | None = None) -> Tensor:
        """Return the scores (B, labels), before the sigmoid."""
        return self.classify(self.pooled(grey, inside))


def _pooled(features: Tensor, inside: Tensor | None, stride: int) -> Tensor:
    """Return the mean (B, C) of a map over what is picture."""
    if inside is None:
        return features.mean((2, 3))
    if stride < STRIDE:
        inside = F.interpolate(inside, scale_factor=STRIDE // stride, mode="nearest")
    elif stride > STRIDE:
        inside = F.avg_pool2d(inside, stride // STRIDE)
    return (features * inside).sum((2, 3)) / inside.sum((2, 3))
