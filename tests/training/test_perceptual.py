"""The perceptual loss, with VGG-16's features and with a label-free encoder's."""

from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.color import lab2rgb
from torch import nn

from colorizer.vision.checkpoints import FOLDER_VARIABLE
from tests.training.tiny import metrics, quiet, tiny
from training import export
from training.errors import DatasetMissing, RecipeInvalid
from training.lab import lab_of, rgb_of
from training.losses.perceptual import VGG, VGG_MEAN, perceptual, vgg_features
from training.pack import Pack
from training.pretrain import Pretraining, features_of


@pytest.fixture(scope="module")
def vgg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state dict of the right shape, drawn by chance."""
    torch.manual_seed(0)
    weights = {}
    for number, (before, after) in VGG.items():
        conv = nn.Conv2d(before, after, 3)
        weights[f"features.{number}.weight"] = conv.weight.detach()
        weights[f"features.{number}.bias"] = conv.bias.detach()
    path = tmp_path_factory.mktemp("vgg") / "vgg.pth"
    torch.save(weights, path)
    return path


def test_srgb_of_lab_is_scikit_images() -> None:
    rng = np.random.default_rng(0)
    lab = rng.uniform((30, -30, -30), (80, 30, 30), (9, 8, 3)).astype(np.float32)
    batch = torch.from_numpy(lab).permute(2, 0, 1)[None].requires_grad_()
    ours = rgb_of(batch)
    found = ours[0].detach().permute(1, 2, 0).numpy()
    assert np.abs(found - lab2rgb(lab)).max() < 2e-3
    ours.sum().backward()
    assert batch.grad is not None
    assert batch.grad.isfinite().all()


def test_lab_there_and_back_is_the_same() -> None:
    rgb = torch.rand(1, 3, 9, 9)
    assert torch.allclose(rgb_of(lab_of(rgb)), rgb, atol=2e-3)


def test_it_equals_its_naive_twin(vgg: Path) -> None:
    layers: list[nn.Module] = []
    for number, (before, after) in VGG.items():
        if number in {5, 10}:
            layers.append(nn.MaxPool2d(2))
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU()]
    twin = nn.Sequential(*layers)  # numbered as torchvision's `features`
    weights = torch.load(vgg, weights_only=True)
    twin.load_state_dict({k.removeprefix("features."): v for k, v in weights.items()})
    torch.manual_seed(1)
    lightness, true = torch.rand(2, 1, 16, 16) * 100, torch.randn(2, 2, 16, 16) * 10
    predicted = true + torch.randn(2, 2, 16, 16) * 10
    total = 0.0
    pictures = [
        rgb_of(torch.cat([lightness, ab], 1)) * 255
        - torch.tensor(VGG_MEAN).view(3, 1, 1)
        for ab in (predicted, true)
    ]
    for place, layer in enumerate(twin):
        pictures = [layer(p) for p in pictures]
        if place in {3, 8, 15}:  # after the ReLU of conv1_2, conv2_2, conv3_3
            found, wanted = pictures
            total += ((found - wanted).abs().mean() / wanted.abs().mean()).item() / 3
    loss = perceptual(vgg_features(vgg), lightness, predicted, true)
    assert loss.item() == pytest.approx(total, rel=1e-4)


def test_a_run_learns_with_it(tmp_path: Path, pack: Pack, vgg: Path) -> None:
    made = tiny(track="P", perceptual=0.5, perceptual_weights=str(vgg), steps=2)
    assert Pretraining(made, pack, tmp_path, quiet).run()
    assert metrics(tmp_path)["perceptual"][0][1] > 0


def test_the_label_free_track_compares_its_own_encoders_features(
    tmp_path: Path, pack: Pack, vgg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Pretraining(tiny(steps=1), pack, tmp_path / "run", quiet).run()
    export.export_colorizer(tmp_path / "run", pack, tmp_path / "own", "1", 64)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "own"))
    features = features_of(tiny(perceptual=1.0, perceptual_weights="tiny"))
    assert features is not None
    lightness, true = torch.full((1, 1, 8, 8), 50.0), torch.zeros(1, 2, 8, 8)
    guess = torch.full((1, 2, 8, 8), 20.0, requires_grad=True)
    loss = perceptual(features, lightness, guess, true)
    loss.backward()
    assert loss > 0
    assert guess.grad is not None
    assert guess.grad.abs().sum() > 0
    assert perceptual(features, lightness, true, true) == 0
    for name in (str(vgg), "lite0-fpn"):
        with pytest.raises(RecipeInvalid, match="track S"):
            features_of(tiny(perceptual=1.0, perceptual_weights=name))


def test_missing_and_strange_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissing, match="no file"):
        vgg_features(tmp_path / "vgg.pth")
    torch.save({"features.0.weight": torch.zeros(1)}, tmp_path / "vgg.pth")
    with pytest.raises(RecipeInvalid, match="conv3_3"):
        vgg_features(tmp_path / "vgg.pth")
