"""Features and regions: what the last layer is given, and where scores come from."""

import numpy as np
import pytest
import torch

from colorizer.vision import checkpoints
from colorizer.vision.engines import onnx_engine
from colorizer.vision.inference import Tagger
from colorizer.vision.networks import build
from tests.vision.test_inference import scene

TAGGERS = [c.name for c in checkpoints.available() if c.task == "tagger"]
BACKBONES = ("efficientnet_lite0", "unet")


def pooled(backbone, **further):
    torch.manual_seed(4)
    encoder = {"levels": 6, "base": 4} if backbone == "unet" else {}
    made = build(
        "pooled_tagger",
        {"labels": 3, "backbone": backbone, "encoder": encoder, **further},
        folded=True,
    ).eval()
    with torch.no_grad():
        for value in (made.norm.weight, made.norm.bias, made.last.bias):
            value.add_(torch.randn_like(value))
    return made


@pytest.mark.parametrize("backbone", BACKBONES)
def test_a_score_is_the_mean_of_its_region_over_what_is_picture(backbone):
    network = pooled(backbone)
    grey = torch.randn(2, 1, 128, 192)
    inside = torch.ones(2, 1, 4, 6)
    if network.encoder.deep_stride <= 32:  # beyond, a place is shared by four
        inside[..., -1] = 0.25
    with torch.inference_mode():
        seen = network.seen(grey, inside)
        expected = network(grey, inside)
        features = network.norm(network.pooled(grey, inside))
    means = (seen.regions * inside).sum((2, 3)) / inside.sum((2, 3))
    assert torch.allclose(seen.scores, expected, atol=1e-5)
    assert torch.allclose(means, expected, atol=1e-3)
    assert torch.allclose(seen.features, features, atol=1e-5)
    assert seen.regions.shape == (2, 3, 4, 6)


@pytest.mark.parametrize("padded", [False, True])
def test_attention_moves_a_score_towards_where_its_label_speaks_loudest(padded):
    network = pooled("efficientnet_lite0", attention=0.3)
    network.last.weight.data *= 40
    grey = torch.randn(1, 1, 96, 160)
    inside = torch.ones(1, 1, 3, 5)
    if padded:
        inside[..., 3], inside[..., 4] = 0.5, 0.0
    with torch.inference_mode():
        seen = network.seen(grey, inside)
        if not padded:
            assert torch.allclose(network(grey), seen.scores, atol=1e-5)
    for region, score in zip(seen.regions[0], seen.scores[0], strict=True):
        places = list(zip(region.flatten(), inside.flatten(), strict=True))
        mean = sum(r * s for r, s in places) / sum(s for _, s in places)
        speaking = sum(s * r.exp() for r, s in places)
        loudest = sum(r * s * r.exp() for r, s in places) / speaking
        assert loudest > mean + 0.1
        expected = 0.7 * mean + 0.3 * loudest
        assert score.item() == pytest.approx(expected.item(), abs=1e-3)


def test_a_region_tells_how_a_merged_score_moves():
    torch.manual_seed(3)
    parameters = {"classes": 5, "terms": [[0], [1, 2], [4]]}
    network = build("term_classifier", parameters, folded=True).eval()
    network.last.weight.data *= 20
    grey, inside = torch.randn(1, 1, 64, 96), torch.ones(1, 1, 2, 3)
    seen = network.seen(grey, inside)
    assert torch.allclose(seen.scores, network(grey, inside), atol=1e-5)
    logits = network.classify(grey, inside).detach().requires_grad_()
    within, without = network._apart(logits)
    moved = (within.logsumexp(2) - without.logsumexp(2))[0, 1]
    [gradient] = torch.autograd.grad(moved, logits)
    deep = network.encoder(grey).deep
    maps = network.last(deep.permute(0, 2, 3, 1))  # (1, h, w, classes)
    assert torch.allclose(seen.regions[0, 1], (maps @ gradient[0])[0], atol=1e-4)


@pytest.mark.parametrize("name", TAGGERS)
def test_both_engines_give_the_same_features_and_regions(name):
    greys = [scene(120, 160), scene(64, 300), scene(33, 31)]
    torch_, exported = (
        Tagger(name, "cpu", engine=engine).look(greys)
        for engine in ("torch", "onnxruntime")
    )
    for one, two in zip(torch_, exported, strict=True):
        assert one.features.dtype == np.float16
        assert np.linalg.norm(one.features.astype(np.float32)) == pytest.approx(1, 1e-2)
        assert np.abs(one.features - two.features).max() < 2e-3
        assert one.scores == pytest.approx(two.scores, abs=1e-3)
        assert set(one.regions) == set(one.scores)
        for label, region in one.regions.items():
            assert region.dtype == np.uint8
            assert np.abs(region.astype(int) - two.regions[label]).max() < 8


@pytest.mark.parametrize("name", TAGGERS)
def test_looking_gives_the_scores_of_predicting(name):
    greys = [scene(120, 160), scene(200, 90)]
    tagger = Tagger(name, "cpu")
    for looked, scores in zip(tagger.look(greys), tagger.predict(greys), strict=True):
        assert looked.scores == pytest.approx(scores, abs=1e-5)


def test_a_region_lies_over_the_picture_and_not_over_its_padding():
    tagger = Tagger("lite2-tags", "cpu")
    side = tagger.card.parameters["working_size"]
    [wide] = tagger.look([scene(side // 4, side)])
    assert {region.shape for region in wide.regions.values()} == {(2, side // 32)}
    assert {int(region.max()) for region in wide.regions.values()} == {255}


def test_a_graph_exported_earlier_gives_scores_alone(monkeypatch):
    tagger = Tagger("lite2-tags", "cpu", engine="onnxruntime")
    monkeypatch.setattr(
        onnx_engine.OnnxEngine,
        "_names",
        staticmethod(lambda arguments: _known(arguments)),
    )
    [looked] = tagger.look([scene(60, 80)])
    assert looked.features.size == 0
    assert looked.regions == {}
    assert set(looked.scores) == set(tagger.card.labels)


def _known(arguments):
    return {each.name for each in arguments} - {"features", "regions"}
