"""What every encoder gives and every head takes: maps at four strides, and deep ones.

Pretraining, tagging and segmentation know encoders by this interface alone.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor, nn


class Pyramid(NamedTuple):
    """Feature maps of one batch; C as in :attr:`Encoder.channels`."""

    s4: Tensor  # (B, C4, H/4, W/4)
    s8: Tensor  # (B, C8, H/8, W/8)
    s16: Tensor  # (B, C16, H/16, W/16)
    s32: Tensor  # (B, C32, H/32, W/32)
    deep: Tensor  # (B, deep_channels, H/deep_stride, W/deep_stride)


class Encoder(nn.Module):
    """A grey picture's feature pyramid.

    A subclass sets the attributes and has ``stem``, the first convolution, and
    ``blocks``, in the order in which they follow.
    """

    channels: Mapping[int, int]
    """Channels of the map at each of the strides 4, 8, 16 and 32."""
    deep_channels: int
    deep_stride: int = 32
    multiple: int = 32
    """Height and width must be multiples of this."""
    stem: nn.Module
    blocks: nn.ModuleList

    @abstractmethod
    def forward(self, grey: Tensor) -> Pyramid:
        """Return the feature pyramid.

        Args:
            grey: (B, 1, H, W), (luma - 127) / 128 with luma 0-255.
        """

    def measures(self, layer: str) -> tuple[int, int]:
        """Return the channels and the stride of a map, by its name in a pyramid."""
        if layer == "deep":
            return self.deep_channels, self.deep_stride
        stride = int(layer.removeprefix("s"))
        return self.channels[stride], stride

    def trainable_from(self, first_block: int | None) -> None:
        """Freeze what comes before the block ``first_block``; None freezes all.

        The stem belongs to block 0: a network from scratch learns it too.
        """
        first = len(self.blocks) if first_block is None else first_block
        self.requires_grad_(requires_grad=first < len(self.blocks))
        if first > 0:
            self.stem.requires_grad_(requires_grad=False)
        for block in self.blocks[:first]:
            block.requires_grad_(requires_grad=False)
