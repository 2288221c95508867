"""The merge: luma is exact for every pixel of any picture."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from colorizer.vision.colour import Chroma, luma
from colorizer.vision.merge import Window, merge


def naive_merge(grey: np.ndarray, chroma: Chroma, white: int) -> np.ndarray:
    """One pixel after another, in float64 and exact integers."""
    height, width = grey.shape
    h, w = chroma.cb.shape
    merged = np.zeros((height, width, 3), grey.dtype)
    for y in range(height):
        for x in range(width):
            v = min(max((y + 0.5) * h / height - 0.5, 0), h - 1)
            u = min(max((x + 0.5) * w / width - 0.5, 0), w - 1)
            y0, x0 = int(v), int(u)
            y1, x1 = min(y0 + 1, h - 1), min(x0 + 1, w - 1)
            cb, cr = (
                float(p[y0, x0]) * (1 - v + y0) * (1 - u + x0)
                + float(p[y0, x1]) * (1 - v + y0) * (u - x0)
                + float(p[y1, x0]) * (v - y0) * (1 - u + x0)
                + float(p[y1, x1]) * (v - y0) * (u - x0)
                for p in (chroma.cb, chroma.cr)
            )
            level = int(grey[y, x])
            offsets = [1.402 * cr * white / 255, 0, 1.772 * cb * white / 255]
            offsets[1] = -(19595 * offsets[0] + 7471 * offsets[2]) / 38470
            scale = 1.0
            for offset in offsets:
                if offset > 0:
                    scale = min(scale, (white - level) / offset)
                elif offset < 0:
                    scale = min(scale, level / -offset)
            red = int(level + scale * offsets[0] + 0.5)
            blue = int(level + scale * offsets[2] + 0.5)
            green = round((65536 * level - 19595 * red - 7471 * blue) / 38470)
            merged[y, x] = red, min(max(green, 0), white), blue
    return merged


@st.composite
def pictures(draw: st.DrawFn) -> tuple[np.ndarray, Chroma, float]:
    dtype = draw(st.sampled_from([np.uint8, np.uint16]))
    limit = draw(st.sampled_from([4095, 65535])) if dtype == np.uint16 else 255
    sizes = st.one_of(st.integers(1, 12), st.integers(13, 90))
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    grey = chance.integers(0, limit + 1, (draw(sizes), draw(sizes)), dtype=dtype)
    if draw(st.booleans()):  # mostly near black and white, where gamut is tight
        grey = np.where(grey < limit // 2, grey % 6, limit - grey % 6).astype(dtype)
    spread = draw(st.sampled_from([0.3, 5, 40, 128, 2000]))
    planes = chance.normal(0, spread, (2, draw(sizes), draw(sizes)))
    strength = draw(st.sampled_from([0.0, 0.5, 1.0, 2.0]))
    return grey, Chroma(*planes.astype(np.float32)), strength


@settings(max_examples=200, deadline=None)
@given(pictures())
def test_luma_is_exact(case: tuple[np.ndarray, Chroma, float]) -> None:
    grey, chroma, strength = case
    before = grey.copy()
    merged = merge(grey, chroma, strength=strength)
    assert merged.shape == (*grey.shape, 3)
    assert merged.dtype == grey.dtype
    assert (luma(merged) == before).all()
    assert (grey == before).all()
    if grey.dtype == np.uint8:
        assert (np.asarray(Image.fromarray(merged).convert("L")) == before).all()


@settings(max_examples=40, deadline=None)
@given(pictures())
def test_it_is_the_naive_merge(case: tuple[np.ndarray, Chroma, float]) -> None:
    grey, chroma, _ = case
    grey = grey[:10, :10]
    white = 255 if grey.dtype == np.uint8 else 65535
    twin = naive_merge(grey, chroma, white).astype(int)
    error = np.abs(merge(grey, chroma, white=white).astype(int) - twin)
    # Single precision may round R or B the other way, and G follows.
    assert error.max() <= (1 if white == 255 else 3)
    assert (error > 0).mean() < 0.02 or white > 255


def test_every_grey_with_every_hue_and_strength_is_exact() -> None:
    levels = np.arange(256, dtype=np.uint8)[:, None].repeat(720, 1)
    angle = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    for reach in (0.4, 1, 7, 60, 128, 1e6):
        planes = np.stack([np.cos(angle), np.sin(angle)])[:, None] * reach
        merged = merge(levels, Chroma(*planes.astype(np.float32)))
        assert (luma(merged) == levels).all()


def test_every_level_of_16_bits_is_exact() -> None:
    levels = np.arange(65536, dtype=np.uint16)[:, None].repeat(16, 1)
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    for reach in (1, 60, 1e6):
        planes = np.stack([np.cos(angle), np.sin(angle)])[:, None] * reach
        merged = merge(levels, Chroma(*planes.astype(np.float32)))
        assert (luma(merged) == levels).all()


@pytest.mark.parametrize(
    "shape",
    [(1, 1), (1, 2), (2, 1), (1, 200_001), (200_001, 1), (3, 70_000), (9000, 9)],
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_extreme_shapes_are_exact(shape: tuple[int, int], dtype: type) -> None:
    chance = np.random.default_rng(8)
    grey = chance.integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)
    planes = chance.normal(0, 50, (2, min(shape[0], 64), min(shape[1], 64)))
    merged = merge(grey, Chroma(*planes.astype(np.float32)))
    assert (luma(merged) == grey).all()


def test_blocks_leave_no_seam() -> None:
    """A smooth picture over many blocks has smooth colours."""
    grey = np.full((500, 20_000), 128, np.uint8)
    ramp = np.linspace(-40, 40, 50, dtype=np.float32)
    chroma = Chroma(*(np.add.outer(ramp, ramp) / 2 for _ in range(2)))
    merged = merge(grey, chroma).astype(int)
    assert np.abs(np.diff(merged, axis=0)).max() <= 1
    assert np.abs(np.diff(merged, axis=1)).max() <= 1


def test_the_chroma_lies_where_a_resize_of_the_picture_puts_it() -> None:
    chance = np.random.default_rng(9)
    planes = chance.normal(0, 20, (2, 6, 8)).astype(np.float32)
    grey = np.full((120, 160), 128, np.uint8)
    merged = merge(grey, Chroma(*planes)).astype(float)
    size, kernel = (160, 120), Image.Resampling.BILINEAR
    cr = np.asarray(Image.fromarray(planes[1]).resize(size, kernel))
    assert np.abs(merged[..., 0] - 128 - 1.402 * cr).max() < 1


def test_in_gamut_the_chroma_is_kept() -> None:
    grey = np.full((20, 30), 128, np.uint8)
    plane = np.ones((1, 1), np.float32)
    again = Chroma.from_rgb(merge(grey, Chroma(plane * 20, plane * -15)))
    assert np.abs(again.cb - 20).max() < 0.6
    assert np.abs(again.cr + 15).max() < 0.6


def test_black_and_white_stay_neutral() -> None:
    plane = np.full((2, 2), 90, np.float32)
    for dtype in (np.uint8, np.uint16):
        for level in (0, np.iinfo(dtype).max):
            merged = merge(np.full((5, 5), level, dtype), Chroma(plane, plane))
            assert (merged == level).all()


def test_strength_scales_the_colours() -> None:
    grey = np.full((4, 4), 128, np.uint8)
    plane = np.full((1, 1), 30, np.float32)
    chroma = Chroma(plane, plane)
    spread = [int(np.ptp(merge(grey, chroma, strength=s)[0, 0])) for s in (0, 0.5, 1)]
    assert spread[0] == 0
    assert spread[2] == pytest.approx(2 * spread[1], abs=2)


def test_12_bits_in_a_16_bit_file_are_coloured_like_8_bits() -> None:
    levels = np.linspace(0, 255, 64).astype(np.uint8)[None].repeat(3, 0)
    plane = np.full((1, 1), 25, np.float32)
    narrow = merge(levels, Chroma(plane, plane)).astype(float)
    twelve = merge((levels * 4095.0 / 255).astype(np.uint16), Chroma(plane, plane))
    assert np.abs(twelve / 4095 * 255 - narrow).max() < 2


@pytest.mark.parametrize(
    ("grey", "strength"),
    [
        (np.zeros((2, 2, 3), np.uint8), 1.0),
        (np.zeros((2, 2), np.float32), 1.0),
        (np.zeros((2, 2), np.uint8), -1.0),
        (np.zeros((2, 2), np.uint8), float("nan")),
    ],
)
def test_bad_input_is_refused(grey: np.ndarray, strength: float) -> None:
    plane = np.zeros((1, 1), np.float32)
    with pytest.raises(ValueError, match="must be"):
        merge(grey, Chroma(plane, plane), strength=strength)


def test_memory_hardly_exceeds_the_result() -> None:
    """24 megapixels: 24 MB in, 72 MB out, and little besides."""
    script = """
import resource, numpy as np
from colorizer.vision.colour import Chroma
from colorizer.vision.merge import Window, merge
grey = np.full((4000, 6000), 100, np.uint8)
planes = np.random.default_rng(0).normal(0, 30, (2, 64, 96)).astype(np.float32)
merge(grey[:64], Chroma(*planes))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
merge(grey, Chroma(*planes))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    grown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(grown.stdout) * unit < 110e6


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_part_gets_the_colours_that_it_has_in_the_whole(dtype):
    random = np.random.default_rng(5)
    grey = random.integers(0, np.iinfo(dtype).max, (300, 700)).astype(dtype)
    chroma = Chroma(*random.normal(0, 40, (2, 23, 41)).astype(np.float32))
    whole = merge(grey, chroma)
    white = np.iinfo(dtype).max
    for left, top, right, bottom in ((0, 0, 256, 256), (512, 256, 700, 300)):
        part = grey[top:bottom, left:right]
        window = Window(left, top, 700, 300)
        assert (
            merge(part, chroma, white=white, window=window)
            == whole[top:bottom, left:right]
        ).all()
    with pytest.raises(ValueError, match="window"):
        merge(part, chroma, window=Window(600, 256, 700, 300))
