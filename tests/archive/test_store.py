"""The content-addressed stores: verified copies, whole files or none."""

import errno
import hashlib
import os
import stat
from pathlib import Path

import pytest

from archive import store
from archive.errors import CopyDiffers, SourceUnreadable, StoreFull, StoreUnwritable

CONTENT = bytes(range(256)) * 400


@pytest.fixture
def source(tmp_path: Path, data_dir: Path) -> Path:
    path = tmp_path / "box 3" / "plate.tif"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    return path


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_master_lies_where_its_checksum_says(source: Path, data_dir: Path) -> None:
    stored = store.keep_master(source, ".tif")
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    assert stored == store.StoredFile(sha256, len(CONTENT))
    place = data_dir / "masters" / sha256[:2] / sha256[2:4] / f"{sha256}.tif"
    assert files(data_dir / "masters") == [place]
    assert place.read_bytes() == CONTENT


def test_a_master_is_read_only(source: Path, data_dir: Path) -> None:
    store.keep_master(source, ".tif")
    (place,) = files(data_dir / "masters")
    assert stat.S_IMODE(place.stat().st_mode) == 0o444


def test_the_same_master_twice_is_one_file(source: Path, data_dir: Path) -> None:
    assert store.keep_master(source, ".tif") == store.keep_master(source, ".tif")
    assert len(files(data_dir / "masters")) == 1


def test_a_damaged_file_left_in_the_way_is_replaced(
    source: Path, data_dir: Path
) -> None:
    store.keep_master(source, ".tif")
    (place,) = files(data_dir / "masters")
    place.chmod(0o600)
    place.write_bytes(b"rot")
    store.keep_master(source, ".tif")
    assert place.read_bytes() == CONTENT


def test_the_source_is_only_read(source: Path) -> None:
    source.chmod(0o444)
    before = source.stat()
    store.keep_master(source, ".tif")
    after = source.stat()
    assert (before.st_mtime_ns, before.st_mode) == (after.st_mtime_ns, after.st_mode)


def test_a_source_that_changes_meanwhile_is_refused(
    source: Path, data_dir: Path
) -> None:
    seen = store.digest(source)
    source.write_bytes(CONTENT + b"more")
    with pytest.raises(CopyDiffers) as refused, store.master_draft(source, seen):
        pytest.fail("the draft must not be handed out")
    assert refused.value.code == "copy_differs"
    assert files(data_dir / "masters") == []


def test_a_draft_that_is_not_kept_leaves_nothing(source: Path, data_dir: Path) -> None:
    with store.master_draft(source, store.digest(source)) as draft:
        assert draft.path.read_bytes() == CONTENT
    assert files(data_dir / "masters") == []


def test_a_link_is_never_followed(source: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.tif"
    link.symlink_to(source)
    with pytest.raises(SourceUnreadable, match="link"):
        store.keep_master(link, ".tif")


def test_a_missing_source_is_told(data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="still there"):
        store.keep_master(tmp_path / "gone.tif", ".tif")


def test_a_derivative_is_written_once(data_dir: Path) -> None:
    first = store.keep_derivative(CONTENT, ".jpg")
    assert store.keep_derivative(CONTENT, ".jpg") == first
    assert [path.read_bytes() for path in files(data_dir / "derivatives")] == [CONTENT]


def test_a_derivative_used_again_is_young_again(data_dir: Path) -> None:
    store.keep_derivative(CONTENT, ".jpg")
    (place,) = files(data_dir / "derivatives")
    os.utime(place, (0, 0))
    store.keep_derivative(CONTENT, ".jpg")
    assert place.stat().st_mtime > 0


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EDQUOT])
def test_a_full_disk_is_told_and_leaves_nothing(
    source: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(number, "no room")

    monkeypatch.setattr(store.os, "fsync", fail)
    with pytest.raises(StoreFull, match="Make room"):
        store.keep_master(source, ".tif")
    with pytest.raises(StoreFull):
        store.keep_derivative(CONTENT, ".jpg")
    assert files(data_dir) == []


def test_no_copy_is_begun_without_room(
    source: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "free_space", lambda: len(CONTENT) - 1)
    with pytest.raises(StoreFull):
        store.keep_master(source, ".tif")
    assert files(data_dir / "masters") == []


def test_a_store_that_cannot_be_written_is_told(
    source: Path, data_dir: Path, settings
) -> None:
    settings.MASTERS_DIR = source  # a file, where a folder should be
    with pytest.raises(StoreUnwritable, match="permissions"):
        store.keep_master(source, ".tif")


def test_free_space_is_that_of_the_disk(data_dir: Path) -> None:
    assert store.free_space() > 0
