"""Composing: colour at the scan's size and depth, with the scan's own luma."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from archive import review
from archive.errors import FixityBroken, SourceUnreadable
from archive.models import Derivative
from colorizer import composition, jobs, tasks
from colorizer.vision.colour import luma
from colorizer.vision.disclosure import disclosed_master
from colorizer.vocabularies import Kind
from tests.colorizer import drawn

pytestmark = pytest.mark.results


def colorized(path, curator) -> Derivative:
    taken = drawn.photograph(path, "GB1/1")
    jobs.request([taken], Kind.COLORIZE, by=curator)
    tasks.drain()
    return Derivative.objects.colorizations().get()


@pytest.fixture
def colorization(results_database, data_dir, tmp_path, curator):
    return colorized(drawn.scan(tmp_path, 1, (90, 60)), curator)


def test_a_screen_gets_the_size_it_asks_for(colorization):
    assert composition.compose(colorization).size == (90, 60)
    small = composition.compose(colorization, longest=45)
    assert (small.size, small.mode) == ((45, 30), "RGB")


def test_no_strength_is_grey(colorization):
    grey = np.asarray(composition.compose(colorization, strength=0))
    assert (grey == grey[..., :1]).all()
    coloured = np.asarray(composition.compose(colorization))
    assert (coloured != coloured[..., :1]).any()


def test_the_full_picture_keeps_luma_and_tells_what_it_is(
    colorization, tmp_path, curator
):
    review.accept_colorization(colorization, by=curator)
    written = composition.write_full(colorization, tmp_path / "full.anything")
    assert written.name == "full.png"
    with Image.open(written) as picture, Image.open(colorization.master.path) as scan:
        assert np.array_equal(picture.convert("L"), scan)
        assert b"curator" in picture.info["xmp"]
    assert disclosed_master(written) == colorization.master.sha256


def test_sixteen_bits_stay_sixteen_and_alpha_survives(data_dir, tmp_path, curator):
    rng = np.random.default_rng(2)
    pixels = rng.integers(0, 65536, (30, 40, 2), np.uint16)
    path = tmp_path / "wide.tif"
    tifffile.imwrite(
        path, pixels, photometric="minisblack", extrasamples=["unassalpha"]
    )
    colorization = colorized(path, curator)
    written = composition.write_full(colorization, tmp_path / "full")
    assert written.suffix == ".tif"
    made = tifffile.imread(written)
    assert (made.shape, made.dtype) == ((30, 40, 4), np.uint16)
    assert np.array_equal(luma(made[..., :3]), pixels[..., 0])
    assert np.array_equal(made[..., 3], pixels[..., 1])


def test_lost_colours_are_said_to_be_lost(colorization, tmp_path):
    colorization.path.write_bytes(b"damaged")
    with pytest.raises(FixityBroken, match="Colorize it again"):
        composition.compose(colorization)
    colorization.path.unlink()
    with pytest.raises(FixityBroken):
        composition.write_full(colorization, tmp_path / "full")


def test_a_lost_master_is_said_to_be_lost(colorization, tmp_path):
    place = colorization.master.path
    place.chmod(0o644)
    place.write_bytes(b"not a picture")
    with pytest.raises(SourceUnreadable, match="fixity"):
        composition.compose(colorization)
    place.unlink()
    with pytest.raises(SourceUnreadable, match="fixity"):
        composition.write_full(colorization, tmp_path / "full")


def test_a_place_that_cannot_be_written_is_named(colorization, tmp_path):
    with pytest.raises(composition.NotWritten) as caught:
        composition.write_full(colorization, tmp_path / "nowhere" / "full")
    assert caught.value.code == "unwritable"
    assert "full.png" in caught.value.sentence
