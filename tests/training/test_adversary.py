"""The game between a generator and a discriminator."""

import math
from pathlib import Path

import pytest
import torch

from tests.training.tiny import metrics, quiet, tiny
from training.adversary import Adversary
from training.discriminator import PatchDiscriminator
from training.errors import RecipeInvalid
from training.losses.adversarial_bce import bce
from training.losses.adversarial_least_squares import least_squares
from training.pack import Pack
from training.pretrain import Pretraining


def test_the_losses_equal_their_naive_twins() -> None:
    torch.manual_seed(0)
    scores = torch.randn(2, 1, 3, 2)
    flat = scores.flatten().tolist()
    real = sum(-math.log(1 / (1 + math.exp(-s))) for s in flat) / len(flat)
    fake = sum(-math.log(1 - 1 / (1 + math.exp(-s))) for s in flat) / len(flat)
    assert bce(scores, 1.0).item() == pytest.approx(real, rel=1e-5)
    assert bce(scores, 0.0).item() == pytest.approx(fake, rel=1e-5)
    squares = sum((s - 1) ** 2 for s in flat) / len(flat)
    assert least_squares(scores, 1.0).item() == pytest.approx(squares, rel=1e-5)


def test_a_score_of_three_layers_sees_seventy_places() -> None:
    network = PatchDiscriminator(3, 4).eval()
    lightness = torch.rand(1, 1, 256, 256) * 100
    ab = torch.zeros(1, 2, 256, 256, requires_grad=True)
    scores = network(lightness, ab)
    assert scores.shape == (1, 1, 30, 30)
    scores[0, 0, 15, 15].backward()
    assert ab.grad is not None
    touched = ab.grad.abs().sum((0, 1)).nonzero()
    extent = touched.max(0).values - touched.min(0).values + 1
    assert extent.tolist() == [70, 70]


def test_the_phases_follow_each_other() -> None:
    made = tiny(steps=10, adversarial="bce", discriminate_from=0.5, play_from=0.7)
    adversary = Adversary(made, torch.nn.Conv2d(1, 2, 1), torch.device("cpu"))
    phases = [adversary.phase(step) for step in range(10)]
    assert phases == ["reconstruct"] * 5 + ["discriminate"] * 2 + ["play"] * 3


def test_each_phase_moves_only_its_own(tmp_path: Path, pack: Pack) -> None:
    made = tiny(
        steps=3,
        adversarial="least-squares",
        discriminate_from=1 / 3,
        play_from=2 / 3,
        weight_decay=0.0,
    )
    learning = Pretraining(made, pack, tmp_path, quiet)
    assert learning.adversary is not None
    sides = (learning.network, learning.adversary.network)

    def weights() -> list[list[torch.Tensor]]:
        return [[p.detach().clone() for p in side.parameters()] for side in sides]

    moved = []
    for step in range(3):
        before = weights()
        learning.learn(*learning.batches.at(step, 32))
        moved.append(
            tuple(
                any(not a.equal(b) for a, b in zip(old, new, strict=True))
                for old, new in zip(before, weights(), strict=True)
            )
        )
    assert moved == [(True, False), (False, True), (True, True)]
    adam = learning.adversary.generators.param_groups[0]
    assert (adam["lr"], adam["betas"]) == (2e-4, (0.5, 0.999))


def test_a_discriminator_learns_to_tell_grey_from_colour() -> None:
    made = tiny(adversarial="bce", play_rate=5e-3, discriminator_layers=2)
    adversary = Adversary(made, torch.nn.Conv2d(1, 2, 1), torch.device("cpu"))
    torch.manual_seed(1)
    lightness = torch.rand(8, 1, 32, 32) * 100
    real, fake = torch.randn(8, 2, 32, 32) * 40, torch.zeros(8, 2, 32, 32)
    losses = []
    for _ in range(30):
        losses.append(adversary.learn(lightness, real, fake, 1))
        adversary.update()
    assert losses[-1] < losses[0] / 4
    # And the generator is told the way towards colour.
    guess = torch.zeros(8, 2, 32, 32, requires_grad=True)
    adversary.told(lightness, guess).backward()
    assert guess.grad is not None
    assert guess.grad.abs().sum() > 0
    assert all(p.grad is None for p in adversary.network.parameters())


def test_what_was_played_is_reported(tmp_path: Path, pack: Pack) -> None:
    made = tiny(adversarial="bce", discriminate_from=0.3, play_from=0.6, bins=True)
    assert Pretraining(made, pack, tmp_path, quiet).run()
    found = metrics(tmp_path)
    assert set(found) == {"loss", "bins", "l1", "adversarial", "discriminator"}
    assert all(math.isfinite(v) for rows in found.values() for _, v in rows)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"adversarial": "wasserstein"}, "bce, least-squares"),
        ({"adversarial": "bce", "discriminate_from": 0.9, "play_from": 0.5}, "before"),
    ],
)
def test_a_game_without_rules_is_refused(
    tmp_path: Path, pack: Pack, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(RecipeInvalid, match=reason):
        Pretraining(tiny(**changes), pack, tmp_path, quiet)
