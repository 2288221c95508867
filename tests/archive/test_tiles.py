"""The cache of tiles."""

import os
import time

import pytest

from archive import tiles
from archive.iiif import Place
from archive.tiles import State
from tests.web import drawn

pytestmark = pytest.mark.django_db
FIRST = Place(1, 0, 0)


@pytest.fixture
def master(data_dir, tmp_path):
    return drawn.photograph(tmp_path, size=(700, 600)).masters.get()


def test_tiles_are_made_on_request_and_once(master, monkeypatch):
    assert tiles.standing(master).state is State.ABSENT
    assert tiles.read(master, FIRST) is None
    assert tiles.request(master).state is State.READY
    assert tiles.read(master, FIRST).startswith(b"\xff\xd8")
    assert tiles.read(master, Place(1, 9, 9)) is None
    monkeypatch.setattr(tiles, "_cut", pytest.fail)
    tiles.request(master)
    tiles.make(master.pk)


def test_one_request_is_enough_until_it_counts_as_lost(master, monkeypatch):
    asked = []
    monkeypatch.setattr(tiles, "enqueue", lambda *words: asked.append(words))
    assert tiles.request(master).state is State.MAKING
    assert tiles.request(master).state is State.MAKING
    assert asked == [("archive.tiles.make", master.pk)]
    (note,) = tiles.folder().iterdir()
    long_ago = time.time() - 3600
    os.utime(note, (long_ago, long_ago))
    tiles.request(master)
    assert len(asked) == 2


def test_the_cache_may_be_deleted_at_any_time(master, data_dir):
    tiles.request(master)
    for each in tiles.folder().iterdir():
        each.unlink()
    tiles.folder().rmdir()
    assert tiles.read(master, FIRST) is None
    assert tiles.request(master).state is State.READY


def test_a_lost_master_is_said_in_words_and_asked_for_again(master):
    content = master.path.read_bytes()
    master.path.unlink()
    found = tiles.request(master)
    assert found.state is State.FAILED
    assert "fixity check" in found.sentence
    master.path.write_bytes(content)
    assert tiles.request(master).state is State.READY


def test_a_full_disk_leaves_nothing_half_written(master, monkeypatch):
    def full(*_words, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tiles, "jpeg", full)
    found = tiles.request(master)
    assert found.state is State.FAILED
    assert "No space left" in found.sentence
    assert [each.suffix for each in tiles.folder().iterdir()] == [".failed"]


def test_a_damaged_pyramid_shows_nothing(master):
    tiles.request(master)
    (file,) = tiles.folder().iterdir()
    file.write_bytes(b"PK nothing")
    assert tiles.read(master, FIRST) is None


def test_what_was_looked_at_longest_ago_makes_room(data_dir, tmp_path, settings):
    masters = [
        drawn.photograph(tmp_path, number, size=(700, 600)).masters.get()
        for number in (1, 2, 3)
    ]
    for age, master in enumerate(masters[:2]):
        tiles.request(master)
        (file,) = tiles.folder().glob(f"{master.sha256}*")
        os.utime(file, (time.time() - 9000 + age, time.time() - 9000 + age))
    tiles.read(masters[0], FIRST)  # looked at now
    settings.TILE_CACHE_BYTES = round(2.5 * file.stat().st_size)
    tiles.request(masters[2])
    standing = [tiles.standing(master).state for master in masters]
    assert standing == [State.READY, State.ABSENT, State.READY]
