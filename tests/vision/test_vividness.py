"""Predicted colours made vivid, and hints as they are before that."""

import numpy as np
import pytest

from colorizer.vision.vividness import UNIT, Vividness

VIVID = Vividness(scale=1.3, power=0.4)


def plane(*colours: tuple[float, float]) -> np.ndarray:
    """Return a (1, 2, 1, N) batch of colours."""
    return np.array(colours, np.float32).T[None, :, None, :]


def test_without_a_power_every_chroma_grows_alike() -> None:
    ab = plane((3, -4), (30, 40), (0, 0))
    found = Vividness(1.4).applied(ab)
    assert found.dtype == np.float32
    assert found == pytest.approx(1.4 * ab)


def test_a_power_enlarges_what_is_coloured_and_leaves_what_is_nearly_grey() -> None:
    pale, middling, strong = VIVID.applied(plane((1, 0), (UNIT, 0), (40, 0)))[0, 0, 0]
    assert pale < 1
    assert middling == pytest.approx(1.3 * UNIT)
    assert strong > 1.3 * 40


def test_the_hue_stays() -> None:
    ab = plane((3, -4), (30, 40), (-12, 5))
    found = VIVID.applied(ab)
    assert np.arctan2(found[:, 1], found[:, 0]) == pytest.approx(
        np.arctan2(ab[:, 1], ab[:, 0])
    )


def test_grey_stays_grey() -> None:
    assert not VIVID.applied(np.zeros((2, 2, 3, 4), np.float32)).any()


@pytest.mark.parametrize("vividness", [Vividness(), Vividness(1.4), VIVID])
def test_a_colour_before_becomes_that_colour(vividness: Vividness) -> None:
    wanted = np.array([-25.0, 14.0])
    before = vividness.undone(wanted)
    found = vividness.applied(before.astype(np.float32)[None, :, None, None])
    assert found[0, :, 0, 0] == pytest.approx(wanted, abs=1e-4)


def test_no_colour_has_nothing_before_it() -> None:
    assert not VIVID.undone(np.zeros(2)).any()
    assert Vividness(scale=0.0).undone(np.array([5.0, 5.0])) == pytest.approx([5, 5])


def test_a_card_says_how_vivid() -> None:
    card = {"chroma_scale": 1.2, "chroma_power": 0.3, "working_size": 224}
    assert Vividness.of(card) == Vividness(1.2, 0.3)
    assert Vividness.of({}) == Vividness(1.0, 0.0)
