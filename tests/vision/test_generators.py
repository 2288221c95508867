"""Every generator keeps the one interface that transfer and inference know."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from colorizer.vision.checkpoints import FOLDER_VARIABLE
from colorizer.vision.inference import Colorizer
from colorizer.vision.networks import (
    ENCODER_OF,
    GENERATORS,
    build,
    build_generator,
)
from colorizer.vision.networks.encoders import build_encoder
from colorizer.vision.networks.generator import Generator
from colorizer.vision.networks.layers import fold_like, fold_norms
from colorizer.vision.networks.vit import positions
from training.export import write_checkpoint

TINY_ENCODER = {
    "fpn_generator": {},
    "lite2_fpn": {},
    "hugging_face_fpn": {
        "config": {
            "model_type": "resnet",
            "embedding_size": 8,
            "hidden_sizes": [8, 8, 16, 16],
            "depths": [1, 1, 1, 1],
            "layer_type": "basic",
        }
    },
    "residual_fpn": {"widths": [8, 8, 16, 16], "depths": [1, 2, 1, 1]},
    "vit_fpn": {"patch": 8, "width": 24, "depth": 2, "heads": 2},
    "paper_unet": {"levels": 6, "base": 4},
}
NAMES = sorted(TINY_ENCODER)


def tiny(name: str, *, folded: bool = False, **more: object) -> Generator:
    """Return a small generator of a kind."""
    torch.manual_seed(0)
    parameters = {"encoder": TINY_ENCODER[name], **more}
    if name != "paper_unet":
        parameters["widths"] = [8, 8, 8, 8]
    return build_generator(name, parameters, folded=folded)


def lived(network: torch.nn.Module) -> torch.nn.Module:
    """Give normalisation statistics that folding must not lose."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 1.5)
    return network.eval()


def test_every_generator_has_a_tiny_one() -> None:
    assert set(TINY_ENCODER) == set(GENERATORS) == set(ENCODER_OF)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bins", [0, 7])
def test_a_generator_gives_what_it_says(name: str, bins: int) -> None:
    network = tiny(name, bins=bins).eval()
    side = max(64, network.encoder.multiple)
    out = network(torch.randn(2, 1, side, 2 * side))
    share = network.share
    assert out.shape == (2, bins or 2, side // share, 2 * side // share)
    assert network.decode(out).shape == (2, 2, side // share, 2 * side // share)


@pytest.mark.parametrize("name", NAMES)
def test_an_encoders_pyramid_has_the_shapes_it_says(name: str) -> None:
    encoder = build_encoder(ENCODER_OF[name], TINY_ENCODER[name], folded=False)
    maps = encoder.eval()(torch.randn(2, 1, 64, 128))
    for stride, found in zip((4, 8, 16, 32), maps[:4], strict=True):
        wanted = (2, encoder.channels[stride], 64 // stride, 128 // stride)
        assert found.shape == wanted
    deep = encoder.deep_stride
    assert maps.deep.shape == (2, encoder.deep_channels, 64 // deep, 128 // deep)


@pytest.mark.parametrize("name", NAMES)
def test_freezing_reaches_from_the_stem_to_a_block(name: str) -> None:
    encoder = build_encoder(ENCODER_OF[name], TINY_ENCODER[name], folded=False)
    encoder.trainable_from(0)
    assert all(p.requires_grad for p in encoder.parameters())
    encoder.trainable_from(1)
    frozen = [*encoder.stem.parameters(), *encoder.blocks[0].parameters()]
    assert not any(p.requires_grad for p in frozen)
    assert sum(not p.requires_grad for p in encoder.parameters()) == len(frozen)
    encoder.trainable_from(None)
    assert not any(p.requires_grad for p in encoder.parameters())


@pytest.mark.parametrize("name", NAMES)
def test_folding_changes_no_output(name: str) -> None:
    network = lived(tiny(name))
    grey = torch.randn(2, 1, 64, 64)
    before = network(grey)
    weights = fold_norms(network).state_dict()
    folded = tiny(name, folded=True).eval()
    folded.load_state_dict(weights)
    assert torch.allclose(folded(grey), before, atol=1e-4)
    likewise = fold_like(tiny(name), weights).eval()
    likewise.load_state_dict(weights)
    assert torch.allclose(likewise(grey), before, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_every_part_of_a_generator_learns(name: str) -> None:
    network = tiny(name).train()
    network(torch.randn(2, 1, 64, 64)).square().mean().backward()
    untouched = [k for k, p in network.named_parameters() if p.grad is None]
    assert untouched == []


@pytest.mark.parametrize("name", NAMES)
def test_any_encoder_can_label(name: str) -> None:
    parameters = {"backbone": ENCODER_OF[name], "encoder": TINY_ENCODER[name]}
    tagger = build("pooled_tagger", {"labels": 5, **parameters}, folded=True).eval()
    grey = torch.randn(2, 1, 64, 128)
    scores = tagger(grey)
    assert scores.shape == (2, 5)
    assert torch.allclose(tagger(grey, torch.ones(2, 1, 2, 4)), scores, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_an_exported_generator_colours_whole_pictures(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = {"encoder": TINY_ENCODER[name]}
    if name != "paper_unet":
        network["widths"] = [8, 8, 8, 8]
    text = {
        "version": "1",
        "task": "colorizer",
        "network": name,
        "parameters": {"working_size": 96, "network": network},
    }
    path = write_checkpoint(tmp_path, "tiny", fold_norms(lived(tiny(name))), text)
    assert json.loads(path.read_text(encoding="utf-8"))["network"] == name
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    greys = [np.full((60, 90), 99, np.uint8), np.full((130, 70), 9, np.uint8)]
    chromas = Colorizer("tiny", "cpu").predict(greys)
    assert [c.cb.shape for c in chromas] == [(16, 24), (24, 13)]


def test_the_paper_unet_is_the_papers() -> None:
    network = build_generator("paper_unet", {}, folded=False)
    assert network.encoder.widths == [64, 128, 256, 512, 512, 512, 512, 512]
    assert network.encoder.multiple == 256
    assert network.share == 1
    count = sum(p.numel() for p in network.parameters())
    assert count == pytest.approx(54.4e6, rel=0.01)  # as pix2pix's own of 8 levels
    assert network.ab_scale == 128


def test_the_unets_dropout_is_for_training_alone() -> None:
    network = tiny("paper_unet")
    grey = torch.randn(1, 1, 64, 64)
    network.train()
    for module in network.modules():  # so that dropout is the only chance
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
    assert not torch.equal(network(grey), network(grey))
    network.eval()
    assert torch.equal(network(grey), network(grey))


@pytest.mark.parametrize("patch", [8, 16])
def test_a_transformer_sees_where_patches_are(patch: int) -> None:
    parameters = {"patch": patch, "width": 24, "depth": 1, "heads": 2}
    encoder = build_encoder("vit", parameters, folded=False).eval()
    flat = torch.zeros(1, 1, 64, 96)  # alike everywhere but for the position
    deep = encoder(flat).s16[0].flatten(1).t()
    assert torch.pdist(deep).min() > 0
    table = positions(4, 6, 24)
    assert table.shape == (24, 24)
    assert torch.pdist(table).min() > 0.1


@pytest.mark.parametrize(
    ("name", "encoder"),
    [
        ("vit_fpn", {"patch": 12}),
        ("vit_fpn", {"width": 50, "heads": 4}),
        ("paper_unet", {"levels": 3}),
        ("residual_fpn", {"depth": 3}),
    ],
)
def test_an_encoder_that_cannot_be_is_refused(
    name: str, encoder: dict[str, int]
) -> None:
    with pytest.raises(TypeError):
        build_generator(name, {"encoder": encoder}, folded=False)


def test_a_tagger_is_no_generator() -> None:
    with pytest.raises(KeyError):
        build_generator("pooled_tagger", {"labels": 3}, folded=False)
