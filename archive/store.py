"""The two content-addressed stores on disk: masters and derivatives.

A file lies at `ab/cd/<sha256><extension>`. It is written under another name, synced
and then renamed, so that a name in a store always stands for the whole content;
after a crash at most a `*.partial` file is left, which `reconcile` removes.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from archive.errors import CopyDiffers, SourceUnreadable, StoreFull, StoreUnwritable
from archive.models.files import sharded

PARTIAL = ".partial"
_CHUNK = 1024**2
_NO_ROOM = {
    number
    for name in ("ENOSPC", "EDQUOT", "EFBIG")
    if (number := getattr(errno, name, None)) is not None
}
# Windows opens files as text unless told; only POSIX knows links and read-ahead.
_READ_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Content that lies in a store: its SHA-256 in hexadecimal, and its length."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class MasterDraft:
    """A verified copy of a source, not yet under its final name.

    Attributes:
        path: where the copy lies for now.
        stored: its digest and length.
    """

    path: Path
    stored: StoredFile

    def keep(self, extension: str) -> StoredFile:
        """Give the copy its final, read-only place; harmless if it is there already.

        Args:
            extension: by content, with its dot, such as `.tif`.

        Raises:
            StoreFull: no room for the folder entry.
            StoreUnwritable: the store refuses for another reason.
        """
        place = Path(settings.MASTERS_DIR) / sharded(self.stored.sha256, extension)
        with _writing():
            if place.exists() and digest(place) == self.stored:
                return self.stored  # left by an ingest that was interrupted
            self.path.chmod(0o444)
            for folder in _put(self.path, place):
                _sync_folder(folder)
        return self.stored


def digest(path: Path) -> StoredFile:
    """Return the SHA-256 and the length of a file, read once and never all at once.

    Raises:
        SourceUnreadable: the file cannot be read, or is a link.
    """
    try:
        with _opened(path) as file:
            found = hashlib.file_digest(file, "sha256")
            return StoredFile(found.hexdigest(), file.tell())
    except OSError as problem:
        raise _unreadable(problem) from problem


@contextmanager
def master_draft(source: Path, expected: StoredFile) -> Iterator[MasterDraft]:
    """Copy a source beside the store and verify the copy; it goes unless it is kept.

    The copy is synced, dropped from the cache where the system can do that, and read
    back. The source is only read, and never through a link.

    Args:
        source: the file.
        expected: its digest, as `digest` found it.

    Raises:
        SourceUnreadable: the source cannot be read.
        CopyDiffers: it changed meanwhile, or the disk does not return what it took.
        StoreFull: no room.
        StoreUnwritable: the store refuses for another reason.
    """
    with _partial(Path(settings.MASTERS_DIR)) as (file, path):
        if free_space() < expected.size_bytes:
            raise _full()
        _copy(source, file)
        with _writing():
            file.flush()
            os.fsync(file.fileno())
            _forget_cached(file)
        copied = digest(path)
        if copied != expected:
            raise CopyDiffers(
                _(
                    "The copy is not the same as the file: it was changed while it "
                    "was read, or the disk is failing. Nothing was kept. Ingest it "
                    "again when nothing else writes to it."
                )
            )
        yield MasterDraft(path, copied)


def keep_master(source: Path, extension: str) -> StoredFile:
    """Copy a file into the store of masters, verified and read-only.

    Args:
        source: the file; it is only read.
        extension: by content, with its dot, such as `.tif`.

    Raises:
        ArchiveError: as `master_draft`.
    """
    with master_draft(source, digest(source)) as draft:
        return draft.keep(extension)


def keep_derivative(content: bytes, extension: str) -> StoredFile:
    """Write a derived file into its store; the same content twice is one file.

    The content is synced, its name is left to the system: a derivative that a power
    cut takes away can be made again, a master cannot.

    Args:
        content: the whole file.
        extension: with its dot, such as `.jpg`.

    Raises:
        StoreFull: no room; nothing is left behind.
        StoreUnwritable: the store refuses for another reason.
    """
    stored = StoredFile(hashlib.sha256(content).hexdigest(), len(content))
    place = Path(settings.DERIVATIVES_DIR) / sharded(stored.sha256, extension)
    with _writing():
        if place.exists() and digest(place) == stored:
            os.utime(place)  # young again, so that no sweep takes it from its new row
            return stored
    with _partial(Path(settings.DERIVATIVES_DIR)) as (file, path), _writing():
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        _put(path, place)
    return stored


def free_space() -> int:
    """Return how many bytes the disk of the masters has left for this account."""
    return shutil.disk_usage(settings.MASTERS_DIR).free


def _opened(path: Path) -> BufferedReader:
    return os.fdopen(os.open(path, _READ_FLAGS), "rb")


def _copy(source: Path, file: BinaryIO) -> None:
    try:
        reading = _opened(source)
    except OSError as problem:
        raise _unreadable(problem) from problem
    with reading:
        while True:
            try:
                chunk = reading.read(_CHUNK)
            except OSError as problem:
                raise _unreadable(problem) from problem
            if not chunk:
                return
            with _writing():
                file.write(chunk)


@contextmanager
def _partial(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Open a new file that is gone afterwards unless it was renamed meanwhile."""
    with _writing():
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(PARTIAL, "", folder)
    file, path = os.fdopen(descriptor, "wb"), Path(name)
    try:
        yield file, path
    finally:
        with suppress(OSError):  # it was flushed and synced, or it failed already
            file.close()
        path.unlink(missing_ok=True)


def _put(path: Path, place: Path) -> list[Path]:
    """Rename into the store; return the folders whose entries are new by that."""
    above, shard = place.parent.parent, place.parent
    changed = [shard]
    changed += [folder.parent for folder in (above, shard) if not folder.exists()]
    shard.mkdir(parents=True, exist_ok=True)
    path.replace(place)
    return changed


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return  # there a folder cannot be opened, and renames are journalled
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forget_cached(file: BinaryIO) -> None:
    """Let the next reading come from the disk, where the system can be asked to."""
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise _told(problem) from problem


def _told(problem: OSError) -> StoreFull | StoreUnwritable:
    if problem.errno in _NO_ROOM:
        return _full()
    return StoreUnwritable(
        _(
            "The archive's folder cannot be written (%(why)s). Check the disk and the "
            "folder's permissions."
        )
        % {"why": problem.strerror or problem}
    )


def _full() -> StoreFull:
    return StoreFull(
        _(
            "There is no room left on the disk that holds the archive. Nothing of this "
            "file was kept. Make room, then ingest again."
        )
    )


def _unreadable(problem: OSError) -> SourceUnreadable:
    if problem.errno == errno.ELOOP:
        reason = _("it is a link, which is never followed")
    else:
        reason = problem.strerror or str(problem)
    return SourceUnreadable(
        _(
            "The file cannot be read (%(why)s). Check that it is still there and that "
            "this account may read it."
        )
        % {"why": reason}
    )
