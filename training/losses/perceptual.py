"""Distance between the deep features of two colourings.

Johnson, Alahi & Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and
Super-Resolution" (ECCV 2016). With VGG-16 (Simonyan & Zisserman 2015) up to conv3_3,
features after conv1_2, conv2_2 and conv3_3. Deviations: absolute instead of squared
distance; the pictures are those at the size of the predicted ab. For the label-free
track, features of an encoder that learnt without labels: it knows grey pictures only,
so red, green and blue are each shown to it as one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from colorizer.vision.networks.pyramid import Encoder
from training.errors import DatasetMissing, RecipeInvalid
from training.lab import rgb_of

Features = Callable[[Tensor], list[Tensor]]
"""Gives the features of sRGB (B, 3, H, W), 0-1."""
VGG_MEAN = (123.68, 116.779, 103.939)
# Number of each convolution in torchvision's `features`, with its channels.
VGG = {0: (3, 64), 2: (64, 64), 5: (64, 128), 7: (128, 128)}
VGG |= {10: (128, 256), 12: (256, 256), 14: (256, 256)}
_POOLED_BEFORE = {5, 10}
_LOOKED_AT = {2, 7, 14}
_SMALLEST = 32


class VggFeatures(nn.Module):
    """VGG-16 to conv3_3, never trained; input RGB 0-255 minus :data:`VGG_MEAN`."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        """Take weights named ``features.0.weight`` … ``features.14.bias``."""
        super().__init__()
        self.features = nn.ModuleDict(
            {str(n): nn.Conv2d(i, o, 3, padding=1) for n, (i, o) in VGG.items()}
        )
        self.load_state_dict(weights)
        self.requires_grad_(requires_grad=False)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        """Return the maps after conv1_2, conv2_2 and conv3_3."""
        x = rgb * 255.0 - rgb.new_tensor(VGG_MEAN)[:, None, None]
        seen = []
        for name, conv in self.features.items():
            if int(name) in _POOLED_BEFORE:
                x = F.max_pool2d(x, 2)
            x = F.relu(conv(x))
            if int(name) in _LOOKED_AT:
                seen.append(x)
        return seen


class EncoderFeatures(nn.Module):
    """The two finest maps of a colour generator's encoder, never trained."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder.eval().requires_grad_(requires_grad=False)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        """Return maps (3 · B, C, h, w): of red, green and blue as grey pictures."""
        height, width = (max(_SMALLEST, side) for side in rgb.shape[2:])
        below, right = (-s % self.encoder.multiple for s in (height, width))
        size = (height + below, width + right)
        rgb = F.interpolate(rgb, size=size, mode="bilinear", align_corners=False)
        grey = (rgb.flatten(0, 1)[:, None] * 255.0 - 127.0) / 128.0
        return list(self.encoder(grey)[:2])


def vgg_features(path: Path) -> VggFeatures:
    """Return VGG-16's features with the weights of a state dict's file.

    Raises:
        DatasetMissing: The file is not there.
        RecipeInvalid: It holds something else.
    """
    if not path.is_file():
        raise DatasetMissing(f"perceptual_weights: there is no file {path}.")
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
        return VggFeatures(weights)
    except (RuntimeError, AttributeError, ValueError) as error:
        raise RecipeInvalid(
            f"perceptual_weights: {path} does not hold VGG-16 up to conv3_3, named "
            "features.0 to features.14."
        ) from error


def perceptual(
    features: Features, lightness: Tensor, predicted: Tensor, true: Tensor
) -> Tensor:
    """Return the mean relative distance between the features of two colourings.

    Args:
        features: What is compared.
        lightness: (B, 1, h, w), CIE L*, of both.
        predicted: (B, 2, h, w), ab.
        true: (B, 2, h, w), ab.
    """
    with torch.no_grad():
        wanted = features(rgb_of(torch.cat([lightness, true], 1)))
    found = features(rgb_of(torch.cat([lightness, predicted], 1)))
    each = [
        (f - w).abs().mean() / w.abs().mean().clamp(min=1e-6)
        for f, w in zip(found, wanted, strict=True)
    ]
    return torch.stack(each).mean()
