"""Rows for derived files, and the copies that screens show."""

from pathlib import Path

import pytest

from archive import derivatives, ingest, pictures, store
from archive.models import Event, MasterFile
from archive.vocabularies import EventType, Purpose, ReviewState
from tests import catalogue
from tests.archive import scans

pytestmark = pytest.mark.django_db


@pytest.fixture
def master(tmp_path: Path, data_dir: Path) -> MasterFile:
    path = scans.grey(tmp_path / "x.png")
    ingest.ingest_file(path, catalogue.collection("GB1"), by=None)
    return MasterFile.objects.get()


def attached(master: MasterFile, content: bytes = b"chroma", **values: object):
    stored = store.keep_derivative(content, ".png")
    given = {
        "recipe": {"model": "a", "size": 224},
        "width": 28,
        "height": 28,
        "media_type": "image/png",
        "extension": ".png",
        "made_by": "drawn 1",
        "machine_interpretation": True,
        "review_state": ReviewState.AWAITING,
    }
    return derivatives.attach(master, Purpose.COLORIZATION, stored, **(given | values))


def test_a_file_becomes_a_derivative_with_an_event(master: MasterFile) -> None:
    made = attached(master)
    assert made.path.read_bytes() == b"chroma"
    assert made.review_state == ReviewState.AWAITING
    event = Event.objects.get(derivative=made)
    assert (event.type, event.software) == (EventType.CREATION, "drawn 1")


def test_the_same_recipe_twice_is_one_derivative(master: MasterFile) -> None:
    first = attached(master)
    again = attached(master, recipe={"size": 224, "model": "a"})
    assert again == first
    assert Event.objects.filter(derivative=first).count() == 1


def test_another_recipe_is_another_derivative(master: MasterFile) -> None:
    assert attached(master) != attached(master, recipe={"model": "b", "size": 224})


def test_a_row_whose_file_is_there_keeps_it(master: MasterFile) -> None:
    first = attached(master)
    assert attached(master, b"another").sha256 == first.sha256


def test_a_row_whose_file_is_gone_takes_the_new_one(master: MasterFile) -> None:
    first = attached(master)
    first.path.unlink()
    again = attached(master, b"another")
    assert (again.pk, again.path.read_bytes()) == (first.pk, b"another")
    event = Event.objects.get(derivative=first, action="remade")
    assert event.changes == {"sha256": [first.sha256, again.sha256]}


def test_the_order_of_a_recipe_does_not_matter() -> None:
    one = derivatives.recipe_digest({"a": 1, "b": [1, 2]})
    assert one == derivatives.recipe_digest({"b": [1, 2], "a": 1})
    assert one != derivatives.recipe_digest({"a": 1, "b": [2, 1]})


def test_screen_copies_can_be_made_of_decoded_pixels(master: MasterFile) -> None:
    picture = pictures.open_picture(master.path)
    made = derivatives.make_screen_copies(master, picture)
    assert {copy.purpose for copy in made} == set(derivatives.SCREEN_LENGTHS)
    assert {(copy.width, copy.height) for copy in made} == {(48, 32)}


def test_a_lost_master_is_told(master: MasterFile) -> None:
    master.path.unlink()
    with pytest.raises(derivatives.NotMade, match="fixity check"):
        derivatives.make_screen_copies(master)
