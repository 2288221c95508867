"""Recipes: what they may say, and that the shipped ones can be followed."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from colorizer.vision.checkpoints import card, load_weights
from tests.training.test_runs import quiet, recipe
from tests.vision.test_generators import NAMES, TINY_ENCODER
from training import export
from training.errors import RecipeInvalid
from training.losses.bins import AbBins
from training.pack import Pack
from training.pretrain import Pretraining, fresh_generator
from training.recipes import Pretrain, Transfer, load

PRETRAIN = [
    "lite0-fpn",
    "lite0-fpn-first",
    "lite0-fpn-gan",
    "lite0-fpn-l1",
    "lite0-fpn-s",
    "lite2-fpn-backdrops",
    "lite2-fpn-hints",
    "lite2-fpn-longer",
    "lite2-fpn-unsteered",
    "paper-unet",
    "residual-fpn",
    "vit-fpn",
]


@pytest.mark.parametrize("name", PRETRAIN)
def test_a_shipped_recipe_describes_a_generator(name: str) -> None:
    shipped = load(Path(name), Pretrain)
    assert shipped.name == name
    if shipped.backbone == "none":  # others need weights that may not be installed
        network = fresh_generator(shipped, None)
        assert shipped.first_trained_block == 0
        assert shipped.size % network.encoder.multiple == 0


def test_a_hinting_recipe_may_start_from_the_shipped_colorizer() -> None:
    made = load(Path("lite0-fpn"), Pretrain)
    recipe = replace(made, start_from="lite0-fpn", hints=True)
    weights = load_weights(card("lite0-fpn"))
    bins = AbBins(weights["centres"], torch.ones(len(weights["centres"])), 0.0)
    network = fresh_generator(recipe, bins)
    assert network.takes_hints
    assert all(torch.equal(network.state_dict()[k], v) for k, v in weights.items())


@pytest.mark.parametrize("name", NAMES)
def test_any_generator_is_trained_and_exported(
    tmp_path: Path, pack: Pack, name: str
) -> None:
    made = recipe(
        generator=name,
        encoder=TINY_ENCODER[name],
        size=64,
        first_trained_block=0,
        steps=2,
        rate=1e-3,
        encoder_rate=1e-3,
        aged_share=0.5,
    )
    learning = Pretraining(made, pack, tmp_path / "run", quiet)
    before = {k: v.clone() for k, v in learning.network.named_parameters()}
    assert learning.run()
    unchanged = [
        k for k, v in learning.network.named_parameters() if v.equal(before[k])
    ]
    assert unchanged == []
    card = export.export_colorizer(tmp_path / "run", pack, tmp_path / "out", "1", 64)
    assert f'"network": "{name}"' in card.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"generator": "crayon"}, "'crayon' is not one of"),
        ({"encoder": {"depth": 3}}, "encoder: .*depth"),
        ({"generator": "paper_unet"}, "multiples of 256"),
        ({"backbone": "oil"}, "'oil' is not known"),
        ({"backbone": "efficientnet-lite0"}, "track S"),
        (
            {
                "backbone": "efficientnet-lite0",
                "track": "P",
                "generator": "residual_fpn",
            },
            "none of that name",
        ),
    ],
)
def test_a_generator_that_cannot_be_is_refused(
    changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(RecipeInvalid, match=reason):
        fresh_generator(recipe(**changes), None)


def test_transfer_keeps_its_own_defaults() -> None:
    plain = Transfer("drawn", 1, {"voc": 1.0})
    assert (plain.size, plain.average, plain.keep_every) == (160, 0.998, 200)
