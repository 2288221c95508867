"""Where transfer starts from, in one architecture."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from colorizer.vision.checkpoints import CheckpointNotFound
from tests.training.conftest import VOC
from tests.training.test_runs import WIDTHS, quiet, recipe
from training.errors import RecipeInvalid
from training.pack import Entry, Pack
from training.pretrain import Pretraining
from training.recipes import Transfer
from training.shares import labelled_share
from training.starting import remind
from training.starts import load_start, settle_norms, unfold_norms
from training.transfer import Transferring, tagger_of


def layers(network: nn.Module) -> list[tuple[str, torch.Size]]:
    return [(name, value.shape) for name, value in network.state_dict().items()]


def test_every_start_has_the_same_layers_once_unfolded() -> None:
    scratch, supervised = load_start("scratch", 1), load_start("lite0", 1)
    shipped = load_start("lite0-fpn", 1)
    grey = torch.randn(4, 1, 64, 64)
    before = shipped.generator.eval().encoder(grey)
    unfold_norms(shipped.generator, grey)
    assert layers(shipped.generator.encoder) == layers(scratch.generator.encoder)
    assert layers(supervised.generator.encoder) == layers(scratch.generator.encoder)
    assert layers(shipped.generator.decoder) == layers(scratch.generator.decoder)
    for old, new in zip(before, shipped.generator.eval().encoder(grey), strict=True):
        assert torch.allclose(old, new, atol=1e-3)
    # In training the batch's own statistics are those that were written down.
    for old, new in zip(before, shipped.generator.train().encoder(grey), strict=True):
        assert (old - new).abs().max() < 0.05 * old.abs().max()
    assert (scratch.track, supervised.track, shipped.track) == ("S", "P", "P")


def test_scratch_depends_on_the_seed() -> None:
    one, same, other = (
        load_start("scratch", seed, widths=WIDTHS).generator.encoder.stem.conv.weight
        for seed in (1, 1, 2)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_random_features_are_normalised() -> None:
    encoder = load_start("scratch", 1, widths=WIDTHS).generator.encoder
    grey = torch.randn(16, 1, 96, 96)
    assert encoder.eval()(grey).deep.std() < 0.01
    settle_norms(encoder, grey)
    settled = encoder.eval()(grey).deep
    assert settled.std() > 0.3
    both = torch.stack([settled.flatten(), encoder.train()(grey).deep.flatten()])
    assert torch.corrcoef(both)[0, 1] > 0.95
    assert encoder.stem.norm.momentum == 0.1


def reminded(share: float) -> Transfer:
    """Return a recipe that says how far an encoder goes back."""
    return Transfer("tiny", 1, {}, reminded=share)


def test_an_encoder_goes_back_towards_what_was_published() -> None:
    grey = torch.randn(1, 1, 64, 64)
    published = load_start("lite0", 1).generator.encoder.eval()
    coloured = load_start("lite0-fpn", 1).generator.encoder.eval()
    weight = "blocks.14.project.conv.weight"
    before = coloured.state_dict()[weight].clone()
    remind(coloured, reminded(0.75))
    after = coloured.state_dict()[weight].clone()
    remind(coloured, reminded(1.0))
    whole = coloured.state_dict()[weight]
    assert torch.allclose(after, before + 0.75 * (whole - before), atol=1e-6)
    for one, other in zip(coloured(grey), published(grey), strict=True):
        assert torch.allclose(one, other, atol=1e-3)
    with pytest.raises(RecipeInvalid, match="exported"):
        remind(published, reminded(0.5))
    with pytest.raises(RecipeInvalid, match="not published"):
        remind(
            load_start("scratch", 1, "residual_fpn").generator.encoder, reminded(0.5)
        )


def test_nothing_label_free_is_reminded(tmp_path: Path, pack: Pack) -> None:
    made = Transfer("tiny", 1, {"voc": 1.0}, track="S", reminded=0.5)
    with pytest.raises(RecipeInvalid, match="never belong to track S"):
        Transferring(made, pack, tmp_path, "lite0-fpn", quiet)


def test_any_generator_becomes_a_segmenter() -> None:
    start = load_start("scratch", 1, "residual_fpn", WIDTHS)
    segmenter = start.segmenter(5, seed=2)
    assert segmenter(torch.randn(1, 1, 64, 96)).shape == (1, 5, 16, 24)
    ours, theirs = segmenter.state_dict(), start.generator.state_dict()
    assert torch.equal(
        ours["decoder.merge4.conv.weight"], theirs["decoder.merge4.conv.weight"]
    )
    usual = Transfer("tiny", 1, {})
    for made in (usual, replace(usual, read=("s4", "s8", "deep"))):
        tagger = tagger_of(start, made)
        assert tagger(torch.randn(2, 1, 64, 64)).shape == (2, 26)
        assert tagger.layers == made.read
    with pytest.raises(RecipeInvalid, match="not one of"):
        load_start("scratch", 1, "magic_fpn")
    with pytest.raises(RecipeInvalid, match="not published"):
        load_start("lite0", 1, "residual_fpn")


def test_a_run_keeps_its_normalisation(tmp_path: Path, pack: Pack) -> None:
    learning = Pretraining(recipe(steps=1), pack, tmp_path, quiet)
    learning.run()
    start = load_start(str(tmp_path), 1)
    assert (start.name, start.track) == ("drawn at step 1", "S")
    averaged = learning.average.state
    found = start.generator.state_dict()
    assert all(torch.equal(averaged[key], found[key]) for key in averaged)


def test_what_is_no_generator_is_refused() -> None:
    with pytest.raises(CheckpointNotFound, match="nothing-there"):
        load_start("nothing-there", 1)
    with pytest.raises(RecipeInvalid, match="not a colour generator"):
        load_start("lite2-tags", 1)


def entries() -> list[Entry]:
    return [
        Entry("voc", f"{i}", "fit", True, 0, 1, 1, [VOC[0 if i % 10 else 1 + i % 3]])
        for i in range(400)
    ]


def test_shares_are_nested_stratified_and_seeded() -> None:
    whole = entries()
    tenth, third = (labelled_share(whole, share, 5) for share in (0.1, 0.3))
    assert {e.file for e in tenth} < {e.file for e in third}
    assert labelled_share(whole, 1.0, 5) == whole
    assert tenth == labelled_share(whole, 0.1, 5)
    assert tenth != labelled_share(whole, 0.1, 6)
    counts = Counter(e.present[0] for e in tenth)
    assert counts == {"dog": 36, "person": 2, "car": 2, "sheep": 2}
    assert tenth == sorted(tenth, key=whole.index)


def test_no_label_is_lost_to_a_small_share() -> None:
    least = labelled_share(entries(), 0.001, 1)
    assert {e.present[0] for e in least} == set(VOC)
