"""A tagger: a colour generator's encoder, pooled at three strides, to label scores.

Treneska et al. 2022 transfer the encoder to multilabel classification with two
fully connected layers of 4096; deviation: pooled features and one linear layer,
which the small label sets here can fill.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from colorizer.vision.networks.efficientnet_lite import EfficientNetLite0


class PooledTagger(nn.Module):
    """Grey in, one score a label out.

    Args:
        labels: Number of labels.
        dropout: Share of the pooled features dropped in training.
        folded: Build without batch normalisation, to load folded weights.
        encoder: Taken over as it is, instead of a new one.
    """

    def __init__(
        self,
        labels: int,
        dropout: float = 0.0,
        *,
        folded: bool = False,
        encoder: EfficientNetLite0 | None = None,
    ) -> None:
        super().__init__()
        self.encoder = encoder or EfficientNetLite0(folded=folded)
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
        if inside is None:
            parts = [m.mean((2, 3)) for m in (maps.s16, maps.s32, maps.deep)]
        else:
            total = inside.sum((2, 3))
            fine = inside.repeat_interleave(2, 2).repeat_interleave(2, 3)
            parts = [
                (maps.s16 * fine).sum((2, 3)) / (4 * total),
                (maps.s32 * inside).sum((2, 3)) / total,
                (maps.deep * inside).sum((2, 3)) / total,
            ]
        return torch.cat(parts, 1)

    def classify(self, pooled: Tensor) -> Tensor:
        """Return the scores (B, labels), before the sigmoid, of pooled features."""
        scores: Tensor = self.last(self.dropout(self.norm(pooled)))
        return scores

    def forward(self, grey: Tensor, inside: Tensor | None = None) -> Tensor:
        """Return the scores (B, labels), before the sigmoid."""
        return self.classify(self.pooled(grey, inside))
