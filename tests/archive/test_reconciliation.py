"""Setting the stores right against the catalogue."""

import os
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from archive import derivatives, ingest, store
from archive.models import Derivative, MasterFile
from archive.reconciliation import reconcile
from archive.vocabularies import Purpose
from tests import catalogue
from tests.archive import scans

pytestmark = pytest.mark.django_db


@pytest.fixture
def master(tmp_path: Path, data_dir: Path) -> MasterFile:
    path = tmp_path / "x.tif"
    ingest.ingest_file(scans.large(path, 1), catalogue.collection("GB1"), by=None)
    return MasterFile.objects.get()


def aged(path: Path) -> Path:
    os.utime(path, (0, 0))
    return path


def place(data_dir: Path, store_name: str, stored: store.StoredFile) -> Path:
    (path,) = (data_dir / store_name).glob(f"*/*/{stored.sha256}.*")
    return path


def test_nothing_is_done_where_all_is_well(master: MasterFile, data_dir: Path) -> None:
    for path in data_dir.rglob("*.*"):
        aged(path)
    found = reconcile()
    assert found.swept == found.unnamed_masters == found.remade == []
    assert found.missing_masters == found.missing_derivatives == []
    assert master.path.exists()
    assert all(copy.path.exists() for copy in master.derivatives.all())


def test_old_derived_files_that_no_row_names_are_swept(
    master: MasterFile, data_dir: Path
) -> None:
    old = place(data_dir, "derivatives", store.keep_derivative(b"old", ".png"))
    young = place(data_dir, "derivatives", store.keep_derivative(b"young", ".png"))
    aged(old)
    assert reconcile(dry_run=True).swept == [old]
    assert old.exists()
    found = reconcile()
    assert (found.swept, found.swept_bytes) == ([old], 3)
    assert not old.exists()
    assert young.exists()


def test_old_partial_files_are_swept(master: MasterFile, data_dir: Path) -> None:
    halves = [data_dir / name / "p.partial" for name in ("masters", "derivatives")]
    for half in halves:
        half.write_bytes(b"half of a scan")
        aged(half)
    fresh = data_dir / "masters" / "q.partial"
    fresh.touch()
    assert reconcile().swept == halves
    assert fresh.exists()


def test_a_master_without_a_row_is_told_and_kept(
    master: MasterFile, tmp_path: Path, data_dir: Path
) -> None:
    stored = store.keep_master(scans.grey(tmp_path / "y.png", 2), ".png")
    orphan = aged(place(data_dir, "masters", stored))
    assert reconcile().unnamed_masters == [orphan]
    assert orphan.exists()


def test_a_master_without_a_row_is_adopted_by_ingest(
    master: MasterFile, tmp_path: Path
) -> None:
    path = scans.grey(tmp_path / "y.png", 2)
    store.keep_master(path, ".png")
    ingest.ingest_file(path, master.photograph.collection, by=None)
    assert reconcile().unnamed_masters == []


def test_lost_screen_copies_are_made_again(master: MasterFile) -> None:
    lost = master.derivatives.get(purpose=Purpose.DISPLAY)
    lost.path.unlink()
    assert reconcile(dry_run=True).missing_derivatives == [lost]
    found = reconcile()
    assert (found.remade, found.missing_derivatives) == ([lost], [])
    assert lost.path.exists()


def test_what_cannot_be_made_again_is_told(master: MasterFile) -> None:
    stored = store.keep_derivative(b"chroma", ".png")
    chroma = derivatives.attach(
        master,
        Purpose.COLORIZATION,
        stored,
        recipe={},
        width=28,
        height=28,
        media_type="image/png",
        extension=".png",
        made_by="drawn 1",
    )
    chroma.path.unlink()
    copy = master.derivatives.get(purpose=Purpose.THUMBNAIL)
    copy.path.unlink()
    master.path.unlink()
    found = reconcile()
    assert found.missing_masters == [master]
    assert set(found.missing_derivatives) == {chroma, copy}
    assert Derivative.objects.count() == 3


def test_uploads_that_nobody_awaits_are_swept(
    master: MasterFile, data_dir: Path
) -> None:
    within = master.photograph.collection
    scan = SimpleUploadedFile("x.png", b"not one")
    awaited = ingest.receive_uploads([scan], within, by=None)
    kept = aged(data_dir / "incoming" / str(awaited.pk))
    unknown = data_dir / "incoming" / "999999"
    unknown.mkdir()
    (unknown / "1.upload").write_bytes(b"left")
    spooled = data_dir / "incoming" / "tmpabc.upload.png"
    spooled.touch()
    assert reconcile().swept == []
    assert set(map(aged, (unknown, spooled))) == set(reconcile().swept)
    assert kept.exists()
    assert not unknown.exists()


def test_uploads_of_a_finished_accession_are_swept(
    master: MasterFile, data_dir: Path
) -> None:
    scan = SimpleUploadedFile("x.png", b"not one")
    accession = ingest.receive_uploads([scan], master.photograph.collection, by=None)
    ingest.examine_accession(accession)
    ingest.ingest(accession)
    left = data_dir / "incoming" / str(accession.pk)
    left.mkdir()
    aged(left)
    assert reconcile().swept == [left]
