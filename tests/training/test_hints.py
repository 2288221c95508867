"""Colour hints: as a network's input, from simulated points, and from a curator."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.color import rgb2lab

from colorizer.vision.checkpoints import FOLDER_VARIABLE
from colorizer.vision.hinting import AB_SCALE, Hint, hint_planes
from colorizer.vision.inference import Colorizer, HintsUnsuitable
from colorizer.vision.networks.hints import HintAttention, gathered, where
from colorizer.vision.vividness import Vividness
from tests.training.tiny import quiet, tiny
from tests.vision.test_generators import NAMES
from tests.vision.test_generators import tiny as tiny_network
from training import export
from training.chance import Chance
from training.errors import RecipeInvalid
from training.hinting import hints_at, simulated_hints
from training.pack import Pack
from training.pretrain import Pretraining
from training.recipes import Pretrain
from training.starting import fresh_generator

GREEN = (30, 160, 60)


def random_hints(side: int = 64) -> torch.Tensor:
    hints = torch.zeros(2, 3, side, side)
    hints[:, :2, 10:14, 20:24] = torch.randn(2, 2, 1, 1)
    hints[:, 2, 10:14, 20:24] = 1
    return hints


@pytest.mark.parametrize("name", NAMES)
def test_hints_start_without_effect_and_can_be_learnt(name: str) -> None:
    plain, hinted = tiny_network(name).eval(), tiny_network(name, hints=True).eval()
    found = hinted.load_state_dict(plain.state_dict(), strict=False)
    assert found.missing_keys
    assert all(key.startswith("hint_") for key in found.missing_keys)
    grey, hints = torch.randn(2, 1, 64, 64), random_hints()
    assert torch.equal(hinted(grey), plain(grey))
    assert torch.equal(hinted(grey, hints), plain(grey))
    with torch.no_grad():  # whom attention asks matters once it may speak
        for key, weight in hinted.named_parameters():
            if key.endswith("told.weight"):
                weight.normal_(std=1e-3)
    hinted(grey, hints).square().sum().backward()
    for key, weight in hinted.named_parameters():
        if key.startswith("hint_"):
            assert weight.grad is not None, key
            assert weight.grad.abs().sum() > 0, key
    with torch.no_grad():
        for key, weight in hinted.named_parameters():
            if key.startswith("hint_"):
                weight.normal_()
    assert not torch.allclose(hinted(grey, hints), plain(grey))
    assert torch.equal(hinted(grey), hinted(grey, torch.zeros_like(hints)))


def test_a_lone_hint_is_not_thinned_out() -> None:
    hints = torch.zeros(1, 3, 64, 64)
    hints[0, :, 33, 40] = torch.tensor([0.5, -0.25, 1.0])
    for stride in (4, 32):
        coarse = gathered(hints, stride)
        place = coarse[0, :, 33 // stride, 40 // stride]
        assert place.tolist() == pytest.approx([0.5, -0.25, 1.0], rel=1e-4)
        assert coarse[0, 2].sum() == 1


def test_a_hint_is_carried_to_what_looks_alike_however_far() -> None:
    torch.manual_seed(0)
    carry = HintAttention(2, inner=2)
    with torch.no_grad():
        for conv in (carry.asked, carry.asking):  # compares the two channels alone
            conv.weight.zero_()
            conv.bias.zero_()
            conv.weight[:, :2, 0, 0] = 8 * torch.eye(2)
        carry.nobody.fill_(20.0)
        carry.told.weight.fill_(1.0)
    x = torch.zeros(1, 2, 4, 8)
    x[:, 0, :, ::2], x[:, 1, :, 1::2] = 1.0, 1.0  # two kinds of columns
    hints = torch.zeros(1, 3, 64, 128)
    assert not carry(x, hints).any()
    hints[:, :, 3, 3] = 1.0  # at a place of the first kind
    told = carry(x, hints)[0, 0]
    assert told[:, ::2].min() > 10 * told[:, 1::2].max()


def test_places_know_how_far_apart_they_are() -> None:
    column, row, squared = where(torch.zeros(1, 5, 6, 7))[0]
    assert torch.equal(column[:, 1:] - column[:, :-1], torch.full((6, 6), 1 / 8))
    assert torch.equal(row[1:] - row[:-1], torch.full((5, 7), 1 / 8))
    first, second = (2, 3), (5, 1)
    product = column[first] * column[second] + row[first] * row[second]
    apart = squared[first] + squared[second] - 2 * product
    assert float(apart) == pytest.approx((3**2 + 2**2) / 64)


def test_simulated_hints_are_true() -> None:
    rgb = torch.randint(0, 256, (1, 3, 1, 1)).float().expand(4, 3, 64, 64)
    hints = simulated_hints(rgb, Chance.of(0, 0, 0, range(4)), 1.0, 5)
    ab = rgb2lab(rgb[0, :, 0, 0].numpy() / 255)[1:] / AB_SCALE
    for picture in hints:
        shown = picture[2] == 1
        assert shown.any()
        assert torch.allclose(
            picture[:2, shown].t(), torch.tensor(ab).float(), atol=2e-4
        )
        assert (picture[:, ~shown] == 0).all()


def test_so_many_hints_are_simulated_as_asked_for() -> None:
    rgb = torch.rand(200, 3, 32, 32) * 255
    none = simulated_hints(rgb, Chance.of(0, 0, 0, range(200)), 0.0, 9)
    assert not none.any()
    part = simulated_hints(rgb, Chance.of(0, 0, 0, range(200)), 0.6, 9)
    with_hints = part[:, 2].flatten(1).any(1).float().mean()
    assert 0.5 < with_hints < 0.7
    exact = hints_at(rgb[:1], Chance.of(0, 0, 0, range(1)), [3])
    assert 1 <= exact[0, 2].sum() <= 3  # one place each at this size


def test_a_hint_lies_where_it_was_put() -> None:
    vivid = Vividness(2.0)
    planes = hint_planes([Hint(300, 100, GREEN)], (400, 600), (64, 96), (64, 96), vivid)
    rows, columns = np.nonzero(planes[2])
    assert abs(rows.mean() - 16) <= 1
    assert abs(columns.mean() - 48) <= 1
    ab = rgb2lab(np.array([[GREEN]]) / 255)[0, 0, 1:]
    assert planes[:2, rows[0], columns[0]] == pytest.approx(ab / AB_SCALE / 2, rel=1e-5)
    for x, y in ((0, 0), (599, 399)):
        corner = hint_planes([Hint(x, y, GREEN)], (400, 600), (60, 90), (64, 96))
        assert corner[2].any()
        assert not corner[2, 60:].any()
        assert not corner[2, :, 90:].any()


@pytest.fixture(scope="module")
def exported(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain checkpoint, and one that learnt hints by heart from it."""
    root = tmp_path_factory.mktemp("hints")
    Pretraining(tiny(steps=2), pack, root / "plain", quiet).run()
    export.export_colorizer(root / "plain", pack, root / "own", "1", 64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(root / "own"))
        made = tiny(
            name="hinted",
            start_from="tiny",
            hints=True,
            hinted_share=1.0,
            aged_share=0.0,
            steps=40,
            batch=8,
            rate=1e-2,
            encoder_rate=1e-2,
        )
        Pretraining(made, pack, root / "hinted", quiet).run()
        export.export_colorizer(root / "hinted", pack, root / "own", "1", 64)
    return root / "own"


def test_a_run_starts_from_a_checkpoint(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(exported))
    start = fresh_generator(tiny(start_from="tiny", hints=True), None).eval()
    grey = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    [chroma] = Colorizer("tiny", "cpu").predict([grey])
    given = (torch.from_numpy(grey).float()[None, None] - 127) / 128
    ab = start.decode(start(given, random_hints()[:1]))
    assert ab.shape[2:] == chroma.cb.shape
    plain, hinted = (
        json.loads((exported / f"{name}.json").read_text("utf-8"))
        for name in ("tiny", "hinted")
    )
    assert hinted["parameters"]["network"]["hints"]
    assert set(hinted["limits"]) - set(plain["limits"]) == {export.LIMIT_OF_HINTS}
    for changes, reason in (
        ({"bins": True}, "opposite"),
        ({"generator": "vit_fpn", "encoder": {}}, "not a vit_fpn"),
        ({"widths": (8, 8, 8, 16)}, "built otherwise"),
        ({"encoder": {"widths": [8, 8, 16, 16], "depths": [1, 1, 1, 2]}}, "other"),
    ):
        with pytest.raises(RecipeInvalid, match=reason):
            fresh_generator(tiny(start_from="tiny", **changes), None)
    label_free = Pretrain("x", 1, {}, track="S", start_from="lite0-fpn")
    with pytest.raises(RecipeInvalid, match="track S"):
        fresh_generator(label_free, None)


def test_a_hint_steers_the_colours_near_it(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(exported))
    colorizer = Colorizer("hinted", "cpu")
    assert colorizer.takes_hints
    greys = [np.full((120, 200), 120, np.uint8), np.full((80, 80), 90, np.uint8)]
    plain = colorizer.predict(greys)
    red = [[Hint(20, 20, (220, 40, 40))], []]
    green = [[Hint(20, 20, GREEN)], []]
    first, second = colorizer.predict(greys, red), colorizer.predict(greys, green)
    near = (slice(0, 3), slice(0, 3))
    assert (first[0].cr[near] - second[0].cr[near]).mean() > 1.0
    # A picture without hints is not touched by its neighbour's.
    assert np.allclose(first[1].cr, plain[1].cr, atol=1e-4)
    again = colorizer.predict(greys, [[], []])
    assert np.array_equal(again[0].cb, plain[0].cb)


def test_hints_that_cannot_be_followed_are_refused(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(exported))
    grey = np.full((40, 60), 120, np.uint8)
    plain, hinted = Colorizer("tiny", "cpu"), Colorizer("hinted", "cpu")
    assert not plain.takes_hints
    with pytest.raises(HintsUnsuitable, match="takes no colour hints"):
        plain.predict([grey], [[Hint(1, 1, GREEN)]])
    assert plain.predict([grey], [[]])
    with pytest.raises(HintsUnsuitable, match="2 pictures"):
        hinted.predict([grey], [[Hint(1, 1, GREEN)], []])
    for wrong in (Hint(60, 0, GREEN), Hint(0, -1, GREEN), Hint(0, 0, (0, 256, 0))):
        with pytest.raises(HintsUnsuitable, match="60 × 40"):
            hinted.predict([grey], [[wrong]])
