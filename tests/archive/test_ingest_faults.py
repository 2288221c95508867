"""Ingest through real faults: killed with -9, a full disk, two at once.

The commands run as processes of their own, on a catalogue in a file.
"""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from tests.archive import scans

BASE = Path(django_settings.BASE_DIR)
FILES = 12


def environment(data: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "MONGODB_URI", "DJANGO_SETTINGS_MODULE")
    }
    return kept | {"AUTOCHROME_DATA": str(data)}


def manage(data: Path, *words: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=BASE,
        env=environment(data),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


def said(process: subprocess.Popen[str], status: int = 0) -> str:
    output, _none = process.communicate(timeout=300)
    assert process.returncode == status, output
    return output


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("migrated")
    said(manage(data, "migrate", "-v0"))
    return data


@pytest.fixture
def data(migrated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(migrated, tmp_path / "data"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "scans"
    path.mkdir()
    for number in range(FILES):
        scans.large(path / f"{number:02}.tif", number)
    return path


def ingesting(data: Path, folder: Path, **options: Any) -> subprocess.Popen[str]:
    words = ("ingest", str(folder), "--collection", "GB1", "--create", "Box 1")
    return manage(data, *words, **options)


def rows(data: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data / "catalogue.sqlite3", timeout=20)) as database:
        return database.execute(query).fetchall()


def wait_for_rows(data: Path, count: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while rows(data, "SELECT count(*) FROM archive_masterfile")[0][0] < count:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.01)


def check_whole(data: Path, photographs: int) -> None:
    """Every row has its file, every file its row, and nothing is there twice."""
    masters = rows(data, "SELECT sha256, extension FROM archive_masterfile")
    copies = rows(data, "SELECT sha256, extension FROM archive_derivative")
    codes = rows(data, "SELECT reference_code FROM archive_photograph")
    assert len(masters) == len(codes) == len(set(codes)) == photographs
    assert len(copies) == 2 * photographs
    for name, named in (("masters", masters), ("derivatives", copies)):
        kept = {
            path.name
            for path in (data / name).rglob("*")
            if path.is_file() and path.suffix != ".partial"
        }
        assert kept == {f"{sha256}{extension}" for sha256, extension in named}
    events = rows(
        data,
        "SELECT master_id, count(*) FROM archive_event WHERE type = 'ing' "
        "GROUP BY master_id",
    )
    assert sorted(count for _master, count in events) == [1] * photographs


@pytest.mark.parametrize("entered", [1, 5])
def test_killed_in_the_middle_it_goes_on(
    data: Path, folder: Path, entered: int
) -> None:
    process = ingesting(data, folder)
    wait_for_rows(data, entered, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = rows(data, "SELECT count(*) FROM archive_masterfile")[0][0]
    assert entered <= before < FILES
    assert f"GB1: {FILES} ingested." in said(ingesting(data, folder))
    assert rows(data, "SELECT state FROM archive_accession") == [("finished",)]
    check_whole(data, FILES)
    assert said(manage(data, "fixity")) == f"{FILES} masters checked, {FILES} intact.\n"


def test_two_at_once_make_no_double(data: Path, folder: Path) -> None:
    said(ingesting(data, folder.parent / "nothing"), 1)  # makes the collection
    pair = [ingesting(data, folder), ingesting(data, folder)]
    for process in pair:
        said(process)
    check_whole(data, FILES)


def limit() -> None:
    """No file may grow beyond 8 MB: a larger one meets EFBIG, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000_000, 8_000_000))


def test_a_full_disk_fails_what_is_large_and_keeps_the_rest(
    data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "scans"
    scans.grey(folder / "a.png", 1)
    scans.large(folder / "b.tif", 2, rows=7000)
    scans.grey(folder / "c.png", 3)
    report = said(ingesting(data, folder, preexec_fn=limit), 1)
    assert "a.png: ingested GB1/0001" in report
    assert "b.tif: failed There is no room left on the disk" in report
    assert "c.png: ingested GB1/0002" in report
    assert not list(data.rglob("*.partial"))
    check_whole(data, 2)
    again = said(ingesting(data, folder))  # room has been made
    assert "GB1: 1 ingested, 2 already in the archive." in again
    check_whole(data, 3)


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root mounts a disk"
)
def test_a_disk_that_is_really_full_keeps_what_went_in(
    migrated: Path, tmp_path: Path, folder: Path
) -> None:
    """The masters lie on a disk of their own with room for six scans."""
    data = Path(shutil.copytree(migrated, tmp_path / "data"))
    masters = data / "masters"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=7m", "tmpfs", masters],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        report = said(ingesting(data, folder), 1)
        assert "There is no room left on the disk" in report
        kept = rows(data, "SELECT count(*) FROM archive_masterfile")[0][0]
        assert 1 <= kept <= 6
        assert f"{kept} ingested, {FILES - kept} failed" in report
        assert not list(masters.rglob("*.partial"))
        assert len(list(masters.rglob("*.tif"))) == kept
    finally:
        subprocess.run(["umount", masters], check=True)
