import math

import numpy as np
import pytest
import torch

from training.losses.bins import GRID, NEAREST, SIGMA, AbBins, count_bins, shares_of
from training.losses.chroma_l1 import BETA, chroma_weighted_l1
from training.losses.masked_bce import masked_bce


def test_chroma_weighted_l1_equals_its_naive_twin() -> None:
    torch.manual_seed(0)
    predicted, true = torch.randn(2, 2, 3, 4) * 20, torch.randn(2, 2, 3, 4) * 20
    total = weights = 0.0
    for b in range(2):
        for y in range(3):
            for x in range(4):
                p, t = predicted[b, :, y, x].tolist(), true[b, :, y, x].tolist()
                each = 0.0
                for one, other in zip(p, t, strict=True):
                    gap = abs(one - other)
                    each += gap**2 / (2 * BETA) if gap < BETA else gap - BETA / 2
                weight = 1 + 2.0 * math.hypot(*t) / 50
                total += each * weight
                weights += weight
    found = chroma_weighted_l1(predicted, true, 2.0)
    assert found.item() == pytest.approx(total / weights / 10, rel=1e-5)


def _bins(exponent: float = 0.5) -> AbBins:
    axis = torch.arange(-30.0, 31.0, GRID)
    centres = torch.cartesian_prod(axis, axis)
    shares = torch.linspace(1, 5, len(centres))
    return AbBins(centres, shares / shares.sum(), exponent)


def test_bin_cross_entropy_equals_its_naive_twin() -> None:
    torch.manual_seed(0)
    bins = _bins(exponent=0.0)
    true = torch.randint(-35, 36, (2, 2, 2, 3)).float()
    scores = torch.randn(2, len(bins.centres), 2, 3)
    total = 0.0
    for b in range(2):
        for y in range(2):
            for x in range(3):
                distance = (bins.centres - true[b, :, y, x]).norm(dim=1)
                near = distance.argsort()[:NEAREST]
                # Bins at equal distance may change places, so compare their shares.
                share = torch.exp(-(distance[near] ** 2) / (2 * SIGMA**2))
                row = bins.place(true)[b, y, x]
                assert torch.allclose(
                    bins.encoding[row].sort().values,
                    (share / share.sum()).sort().values,
                    atol=1e-5,
                )
                chances = scores[b, :, y, x].softmax(0)
                for q, s in zip(bins.nearest[row], bins.encoding[row], strict=True):
                    total -= s.item() * math.log(chances[q])
    found = bins.loss(torch.log_softmax(scores, 1).permute(0, 2, 3, 1), true)
    assert found.item() == pytest.approx(total / 12, rel=1e-5)


def test_rebalancing_favours_rare_bins_and_has_mean_one() -> None:
    bins = _bins(exponent=1.0)
    rare = bins.weight[bins.place(bins.centres[0].view(1, 2, 1, 1))]
    common = bins.weight[bins.place(bins.centres[-1].view(1, 2, 1, 1))]
    assert rare > common
    assert torch.allclose(_bins(exponent=0.0).weight, torch.ones(1), atol=1e-5)


def test_bins_are_those_in_use() -> None:
    ab = torch.tensor([[1.0, 2.0]] * 3 + [[41.0, -18.0]])
    centres, shares = count_bins(ab, least_share=0.01)
    assert centres.tolist() == [[0.0, 0.0], [40.0, -20.0]]
    assert shares.tolist() == [0.75, 0.25]


def test_shares_of_given_bins_are_those_of_the_nearest() -> None:
    centres = torch.tensor([[0.0, 0.0], [40.0, -20.0], [-90.0, 90.0]])
    ab = torch.tensor([[1.0, 2.0]] * 3 + [[41.0, -18.0]])
    assert shares_of(ab, centres).tolist() == [0.75, 0.25, 0.0]


def test_masked_bce_equals_its_naive_twin() -> None:
    scores = torch.tensor([[0.3, -1.2, 2.0], [0.0, 0.7, -0.4]])
    truth = torch.tensor([[1, 0, -1], [-1, -1, 1]], dtype=torch.int8)
    chance = torch.sigmoid(scores)
    naive = -(chance[0, 0].log() + (1 - chance[0, 1]).log() + chance[1, 2].log()) / 3
    assert masked_bce(scores, truth).item() == pytest.approx(naive.item(), rel=1e-6)


def test_unknown_labels_get_no_gradient() -> None:
    scores = torch.randn(4, 5, requires_grad=True)
    truth = torch.from_numpy(
        np.random.default_rng(0).integers(-1, 2, (4, 5)).astype(np.int8)
    )
    masked_bce(scores, truth).backward()
    assert scores.grad is not None
    assert torch.equal(scores.grad == 0, truth == -1)


def test_nothing_known_is_no_loss() -> None:
    assert masked_bce(torch.randn(2, 3), torch.full((2, 3), -1)).item() == 0.0
