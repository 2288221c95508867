"""A backbone of the `transformers` library as an encoder of grey pictures.

Any backbone that gives maps at strides 4, 8, 16 and 32 will do (ResNet, ConvNeXt, Swin
and their like). It is built from its configuration alone, which a checkpoint's card
keeps; the published weights come from a folder of the user's own (`training.starting`).
The library is an optional requirement, imported only here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from colorizer.vision.networks.pyramid import Encoder, Pyramid

STRIDES = (4, 8, 16, 32)
PROBE = 64  # pixels; a multiple of the largest stride
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


class HuggingFaceEncoder(Encoder):
    """Grey as the three channels that the backbone was trained on, and its maps.

    The stem is a 1×1 convolution from luma to normalised RGB, exact at first. The
    backbone is one block: it is trained as a whole or not at all.

    Args:
        config: The backbone's configuration, as its `config.json` has it.
        mean: Of R, G and B, 0-1, that its training subtracted.
        deviation: By which its training divided.
        folded: Its normalisation is its own and stays: the same either way.

    Raises:
        TypeError: The library is missing, or this is no such backbone.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        mean: Sequence[float] = IMAGENET_MEAN,
        deviation: Sequence[float] = IMAGENET_DEVIATION,
        *,
        folded: bool = False,
    ) -> None:
        del folded
        super().__init__()
        self.stem = _grey_to_rgb(mean, deviation)
        backbone = _backbone(config)
        self.blocks = nn.ModuleList([backbone])
        with torch.no_grad():
            backbone.eval()
            maps = backbone(torch.zeros(1, 3, PROBE, PROBE)).feature_maps
            backbone.train()
        # The last map of each stride is the deepest.
        self.places = {PROBE // m.shape[2]: i for i, m in enumerate(maps)}
        missing = [stride for stride in STRIDES if stride not in self.places]
        if missing:
            raise TypeError(
                f"a {config.get('model_type')} has no map at stride {missing[0]}."
            )
        self.channels = {s: maps[self.places[s]].shape[1] for s in STRIDES}
        self.deep_channels = self.channels[32]

    def forward(self, grey: Tensor) -> Pyramid:
        """Return the feature pyramid; its deepest map is that at stride 32."""
        found = self.blocks[0](self.stem(grey)).feature_maps
        s4, s8, s16, s32 = (found[self.places[stride]] for stride in STRIDES)
        return Pyramid(s4, s8, s16, s32, s32)


def _grey_to_rgb(mean: Sequence[float], deviation: Sequence[float]) -> nn.Conv2d:
    """Return the convolution from (luma - 127) / 128 to (luma / 255 - mean) / sd."""
    stem = nn.Conv2d(1, 3, 1)
    centre, scale = torch.tensor(mean), torch.tensor(deviation)
    with torch.no_grad():
        stem.weight.copy_((128 / 255 / scale)[:, None, None, None])
        stem.bias.copy_((127 / 255 - centre) / scale)  # type: ignore[union-attr]
    return stem


def _backbone(config: Mapping[str, Any]) -> nn.Module:
    try:
        from transformers import AutoBackbone, AutoConfig  # noqa: PLC0415
    except ImportError as error:
        raise TypeError("this needs: pip install transformers") from error
    try:
        wanted = AutoConfig.for_model(**config)
        wanted.out_features = wanted.stage_names[1:]
        library: Any = AutoBackbone  # it is not typed
        made: nn.Module = library.from_config(wanted)
    except (ValueError, AttributeError, KeyError) as error:
        raise TypeError(f"no backbone has this configuration: {error}") from error
    return made
