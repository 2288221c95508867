"""Distances between sets of pictures by their features: FD_lite0 and KID_lite0.

Heusel et al. 2017 (Fréchet distance) and Bińkowski et al. 2018 (kernel distance), but
on EfficientNet-Lite0's pooled features instead of Inception's: the figures compare
methods here, and with no published FID or KID. The Fréchet distance of a few hundred
pictures is biased upwards; the kernel distance is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from colorizer.vision.networks.efficientnet_lite import EfficientNetLite0, grey_weights
from training.augment import squared
from training.starting import published_weights

Features = NDArray[np.float64]
SIDE = 224
BATCH = 16


class Lite0Features:
    """The published network in colour, up to its pooled features.

    Raises:
        DatasetMissing: The package that carries the weights is not installed.
    """

    def __init__(self) -> None:
        self.encoder = colour_encoder(published_weights()).eval()

    @torch.no_grad()
    def __call__(self, pictures: Sequence[NDArray[np.uint8]]) -> Features:
        """Return (N, 1280) of (H, W, 3) sRGB pictures, seen whole at 224 pixels."""
        found = []
        for start in range(0, len(pictures), BATCH):
            part = pictures[start : start + BATCH]
            rgb = np.stack([squared(picture, SIDE) for picture in part])
            batch = (torch.from_numpy(rgb).permute(0, 3, 1, 2).float() - 127.0) / 128.0
            found.append(self.encoder(batch).deep.mean((2, 3)))
        return np.asarray(torch.cat(found).double().numpy())


def colour_encoder(published: Mapping[str, Tensor]) -> EfficientNetLite0:
    """Return the encoder with its three-channel first convolution."""
    encoder = EfficientNetLite0()
    encoder.stem.conv = nn.Conv2d(3, 32, 3, 2, bias=False)
    weights = grey_weights(published)
    weights["stem.conv.weight"] = published["_conv_stem.weight"]
    encoder.load_state_dict(weights)
    return encoder


def frechet_distance(ours: Features, true: Features) -> float:
    """Return the Fréchet distance of two normal distributions fitted to features.

    |m - m'|² + tr(S + S' - 2 (S S')^½). The trace of the root is the nuclear norm of
    the product of the centred features, which needs no root of a large matrix.

    Args:
        ours: (N, F).
        true: (M, F).
    """
    mean, true_mean = ours.mean(0), true.mean(0)
    first = (ours - mean) / np.sqrt(len(ours) - 1)
    second = (true - true_mean) / np.sqrt(len(true) - 1)
    root = np.linalg.svd(first @ second.T, compute_uv=False).sum()
    spread = (first**2).sum() + (second**2).sum() - 2 * root
    return float(((mean - true_mean) ** 2).sum() + spread)


def kernel_distance(ours: Features, true: Features) -> float:
    """Return the unbiased squared maximum mean discrepancy, kernel (x·y / F + 1)³.

    May be a little below zero where there is no difference.

    Args:
        ours: (N, F).
        true: (M, F).
    """

    def kernel(a: Features, b: Features) -> Features:
        return np.asarray((a @ b.T / a.shape[1] + 1) ** 3)

    def within(a: Features) -> float:
        each = kernel(a, a)
        return float((each.sum() - np.trace(each)) / (len(a) * (len(a) - 1)))

    return within(ours) + within(true) - 2 * float(kernel(ours, true).mean())
