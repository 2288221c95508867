"""Weights in eight bits: small on disk, close when they are read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.vision.storage import LARGE, SCALE, narrowed, widened


@given(st.integers(0, 2**32 - 1), st.floats(-30, 30))
def test_a_large_weight_comes_back_within_half_a_step(seed: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    rows = np.exp(rng.normal(size, 2, (50, 1, 1, 1)))
    weight = (rng.normal(size=(50, LARGE // 50, 1, 1)) * rows).astype(np.float32)
    weight[3] = 0  # a channel that says nothing
    kept = narrowed({"large": weight})
    assert kept["large"].dtype == np.int8
    assert sum(each.nbytes for each in kept.values()) < weight.nbytes * 0.26
    off = np.abs(widened(kept)["large"] - weight).max((1, 2, 3))
    assert (off <= np.abs(weight).max((1, 2, 3)) / 254 * 1.001).all()


def test_small_weights_and_offsets_keep_sixteen_bits() -> None:
    rng = np.random.default_rng(0)
    weights = {
        "small": rng.normal(size=(8, 4, 3, 3)).astype(np.float32),
        "offset": rng.normal(size=LARGE).astype(np.float32),
    }
    kept = narrowed(weights)
    assert {each.dtype for each in kept.values()} == {np.dtype(np.float16)}
    for name, found in widened(kept).items():
        assert found.dtype == np.float32
        assert found == pytest.approx(weights[name], rel=1e-3, abs=1e-6)


def test_what_was_stored_before_is_read_as_it_was() -> None:
    half = np.linspace(-1, 1, LARGE, dtype=np.float16).reshape(100, -1)
    assert np.array_equal(widened({"w": half})["w"], half.astype(np.float32))


def test_eight_bits_without_a_scale_are_refused() -> None:
    kept = narrowed({"w": np.ones((100, LARGE // 100), np.float32)})
    del kept[f"w{SCALE}"]
    with pytest.raises(KeyError):
        widened(kept)
