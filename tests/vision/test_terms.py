"""The tagger of the wider vocabulary: log-odds of merged classes, shipped and whole."""

import pytest
import torch

from colorizer.vision import checkpoints
from colorizer.vision.inference import Tagger
from colorizer.vision.networks import build
from tests.vision.test_inference import scene

TERMS = [[0], [1, 2], [4]]


def _network() -> torch.nn.Module:
    torch.manual_seed(3)
    parameters = {"classes": 5, "terms": TERMS}
    return build("term_classifier", parameters, folded=True).eval()


def test_a_term_gets_the_log_odds_of_its_classes_together() -> None:
    network = _network()
    network.last.weight.data *= 20
    grey = torch.randn(2, 1, 64, 64)
    chances = network.classify(grey).softmax(1)
    found = network(grey)
    assert found.shape == (2, 3)
    for column, places in enumerate(TERMS):
        share = chances[:, places].sum(1)
        expected = torch.log(share / (1 - share))
        assert torch.allclose(found[:, column], expected, atol=1e-4)


def test_padding_has_no_say() -> None:
    network = _network()
    grey = torch.randn(1, 1, 64, 96)
    whole = network(grey, torch.ones(1, 1, 2, 3))
    assert torch.allclose(whole, network(grey), atol=1e-5)
    inside = torch.tensor([[[[1.0, 1.0, 0.0], [1.0, 1.0, 0.0]]]])
    deep = network.encoder(grey).deep[..., :2].mean((2, 3))
    expected = network.last(deep)
    assert torch.allclose(network.classify(grey, inside), expected, atol=1e-5)


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger("lite0-terms", device="cpu")


def test_the_shipped_one_says_what_it_is(tagger: Tagger) -> None:
    card = tagger.card
    assert "ImageNet-supervised" in card.text["backbone"]
    assert card.text["track"] == "P"
    assert set(card.thresholds) == set(card.labels)
    assert len(set(card.thresholds.values())) == 1
    classes = [c for term in card.text["vocabulary"].values() for c in term["classes"]]
    assert 100 <= len(classes) <= 200
    [counted, *_] = card.text["figures"]["counted by eye"]
    assert counted["right"] <= counted["suggestions"]
    for key in ("licence", "recipe", "commit", "limits", "intended_use", "data"):
        assert card.text[key]


def test_the_two_taggers_never_speak_of_the_same_term(tagger: Tagger) -> None:
    other = checkpoints.default("tagger")
    assert not set(tagger.card.labels) & set(other.labels)


def test_its_scores_are_independent_probabilities(tagger: Tagger) -> None:
    first, again = tagger.predict([scene(120, 160), scene(120, 160)])
    assert list(first) == list(tagger.card.labels)
    assert first == pytest.approx(again, abs=1e-5)
    assert all(0 <= score <= 1 for score in first.values())
