"""A linear probe: what a frozen encoder knows, read out by logistic regression."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from colorizer.vision.networks.pyramid import Encoder
from colorizer.vision.networks.tagging import PooledTagger
from training.augment import luma, normalised, squared
from training.losses.masked_bce import masked_bce
from training.metrics import macro_map
from training.pack import Entry, Pack
from training.truth import Truth

DECAYS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Penalties that are tried; the best on the tuning split is taken."""
BATCH = 32
ITERATIONS = 60
SAMPLE = 64
"""Pictures whose statistics a random encoder gets."""


@torch.no_grad()
def pooled_features(
    encoder: Encoder,
    pack: Pack,
    entries: Sequence[Entry],
    size: int,
    layers: Sequence[str],
) -> Tensor:
    """Return the mean of each map in ``layers``, (N, F), of whole pictures in grey.

    Args:
        encoder: What is read out.
        pack: Where the pictures are.
        entries: Which pictures.
        size: Of the squares that they are made.
        layers: Names of maps, of :class:`~colorizer.vision.networks.pyramid.Pyramid`.
    """
    found = []
    for grey in _greys(encoder.eval(), pack, entries, size):
        maps = encoder(grey)
        parts = [getattr(maps, layer).mean((2, 3)) for layer in layers]
        found.append(torch.cat(parts, 1))
    return torch.cat(found).cpu()


@torch.no_grad()
def read_features(
    network: PooledTagger, pack: Pack, entries: Sequence[Entry], size: int
) -> Tensor:
    """Return what a tagger's last layer is given, (N, F); see pooled_features."""
    greys = _greys(network.eval(), pack, entries, size)
    return torch.cat([network.norm(network.pooled(grey)) for grey in greys]).cpu()


@torch.no_grad()
def label_chances(
    network: PooledTagger, pack: Pack, entries: Sequence[Entry], size: int
) -> NDArray[np.float64]:
    """Return the probabilities (N, L) of whole pictures in grey, uncalibrated."""
    scores = [network(grey) for grey in _greys(network.eval(), pack, entries, size)]
    return np.asarray(torch.sigmoid(torch.cat(scores)).double().cpu().numpy())


def grey_batch(pack: Pack, entries: Sequence[Entry], size: int) -> Tensor:
    """Return network input (B, 1, size, size): whole pictures, mirrored outwards."""
    squares = np.stack([squared(pack.picture(entry), size) for entry in entries])
    rgb = torch.from_numpy(squares).permute(0, 3, 1, 2).float()
    return normalised(luma(rgb).round()).contiguous(memory_format=torch.channels_last)


class LinearProbe:
    """One logistic regression a label on standardised features.

    Args:
        features: (N, F), learnt from.
        truth: (N, L): 1 present, 0 absent, -1 unknown.
        decay: Penalty on the squared weights.
    """

    def __init__(self, features: Tensor, truth: Tensor, decay: float) -> None:
        self.mean = features.mean(0)
        self.scale = features.std(0, unbiased=False).clamp(min=1e-4)
        inputs = (features - self.mean) / self.scale
        self.weight = torch.zeros(features.shape[1], truth.shape[1], requires_grad=True)
        self.bias = torch.zeros(truth.shape[1], requires_grad=True)
        optimizer = torch.optim.LBFGS(
            [self.weight, self.bias],
            max_iter=ITERATIONS,
            line_search_fn="strong_wolfe",
        )

        def loss() -> float:
            optimizer.zero_grad()
            fit = masked_bce(inputs @ self.weight + self.bias, truth)
            penalised = fit + decay * self.weight.square().sum() / truth.shape[1]
            torch.autograd.backward(penalised)
            return float(penalised.detach())

        optimizer.step(loss)  # type: ignore[no-untyped-call]

    @torch.no_grad()
    def give(self, layer: nn.Linear) -> None:
        """Make a layer compute this probe's scores of features as they are."""
        weight = self.weight / self.scale[:, None]
        layer.weight.copy_(weight.t())
        layer.bias.copy_(self.bias - self.mean @ weight)

    @torch.no_grad()
    def chances(self, features: Tensor) -> NDArray[np.float64]:
        """Return the probabilities (N, L)."""
        scores = (features - self.mean) / self.scale @ self.weight + self.bias
        return np.asarray(torch.sigmoid(scores).double().numpy())


def chosen_probe(
    learnt: tuple[Tensor, Truth], tuning: tuple[Tensor, Truth]
) -> tuple[LinearProbe, float]:
    """Return the probe, and its penalty, that does best on the tuning split.

    Args:
        learnt: Features and truth to learn from.
        tuning: Features and truth to choose by macro mean average precision.
    """
    truth = torch.from_numpy(learnt[1])
    tried = [(LinearProbe(learnt[0], truth, decay), decay) for decay in DECAYS]
    scores = [macro_map(probe.chances(tuning[0]), tuning[1])[0] for probe, _ in tried]
    return tried[int(np.argmax(scores))]


def _greys(
    network: nn.Module, pack: Pack, entries: Sequence[Entry], size: int
) -> Iterator[Tensor]:
    device = next(network.parameters()).device
    for start in range(0, len(entries), BATCH):
        yield grey_batch(pack, entries[start : start + BATCH], size).to(device)
