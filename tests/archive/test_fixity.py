"""Checking that masters are what was ingested."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from archive import ingest
from archive.errors import FixityBroken
from archive.fixity import verify, verify_each
from archive.models import Event, MasterFile
from archive.vocabularies import EventOutcome, EventType
from tests import catalogue
from tests.archive import scans

pytestmark = pytest.mark.django_db


@pytest.fixture
def master(tmp_path: Path, data_dir: Path) -> MasterFile:
    path = scans.grey(tmp_path / "x.png", 1)
    ingest.ingest_file(path, catalogue.collection("GB1"), by=None)
    return MasterFile.objects.get()


def checks() -> list[tuple[str, str]]:
    events = Event.objects.filter(type=EventType.FIXITY_CHECK).order_by("id")
    return list(events.values_list("outcome", "note"))


def damage(master: MasterFile, content: bytes) -> None:
    master.path.chmod(0o600)
    master.path.write_bytes(content)


def test_an_intact_master_is_recorded_as_such(
    master: MasterFile, curator: User
) -> None:
    verify(master, by=curator)
    assert checks() == [(EventOutcome.SUCCESS, f"SHA-256 {master.sha256}")]
    assert Event.objects.get(type=EventType.FIXITY_CHECK).agent == curator


def test_one_changed_bit_is_found(master: MasterFile) -> None:
    content = bytearray(master.path.read_bytes())
    content[-1] ^= 1
    damage(master, bytes(content))
    with pytest.raises(FixityBroken, match="not what was ingested") as broken:
        verify(master)
    assert "GB1/0001 (x.png)" in broken.value.sentence
    assert f"masters/{master.sha256[:2]}/" in broken.value.sentence
    assert checks() == [(EventOutcome.FAILURE, broken.value.sentence)]


def test_a_shortened_master_is_found(master: MasterFile) -> None:
    damage(master, b"rot")
    with pytest.raises(FixityBroken, match="3 bytes instead of"):
        verify(master)


def test_a_missing_master_is_found(master: MasterFile) -> None:
    master.path.unlink()
    with pytest.raises(FixityBroken, match="is missing"):
        verify(master)


def test_a_master_that_became_a_link_is_found(
    master: MasterFile, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    master.path.rename(elsewhere)
    master.path.symlink_to(elsewhere)
    with pytest.raises(FixityBroken, match="cannot be read"):
        verify(master)


def test_a_broken_one_does_not_stop_the_others(
    master: MasterFile, tmp_path: Path
) -> None:
    path = scans.grey(tmp_path / "y.png", 2)
    ingest.ingest_file(path, master.photograph.collection, by=None)
    master.path.unlink()
    verdicts = list(verify_each(MasterFile.objects.order_by("id")))
    assert [verdict.intact for verdict in verdicts] == [False, True]
    assert len(checks()) == 2
