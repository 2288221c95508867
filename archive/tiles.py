"""The tiles of scans for the zooming viewer: a cache that may be deleted at any time.

A pyramid is one file, a ZIP of JPEGs that are not packed again, named by the scan's
SHA-256: it appears whole or not at all, and goes with one deletion. A worker of the
queue cuts it, since a decoded scan would not fit in the memory of the web process.
Nothing of it is in the catalogue, and no backup needs it.
"""

from __future__ import annotations

import contextlib
import os
import time
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image

from archive import pictures
from archive.background import enqueue
from archive.models import MasterFile
from archive.store import PARTIAL

if TYPE_CHECKING:
    from archive.iiif import Place

#: Part of every file's name: a new way of cutting makes new files.
CUT = "1"
JPEG_QUALITY = 90
_HOUR = 3600.0
_ASKED_FOR = 600.0  # seconds after which a request counts as lost, or may be repeated


class State(StrEnum):
    """How far the tiles of a scan are."""

    READY = "ready"
    MAKING = "making"
    FAILED = "failed"
    ABSENT = "absent"


@dataclass(frozen=True)
class Standing:
    """The state of a scan's tiles, and where they failed a sentence about it."""

    state: State
    sentence: str = ""


def standing(master: MasterFile) -> Standing:
    """Return whether the tiles of a scan can be shown."""
    if _file(master).exists():
        return Standing(State.READY)
    for state in (State.FAILED, State.MAKING):
        note = _note(master, state)
        with contextlib.suppress(OSError):
            if time.time() - note.stat().st_mtime < _ASKED_FOR:
                return Standing(state, note.read_text(encoding="utf-8"))
    return Standing(State.ABSENT)


def request(master: MasterFile) -> Standing:
    """Have a worker make the tiles of a scan, unless they are there or on their way."""
    found = standing(master)
    if found.state in {State.READY, State.MAKING}:
        return found
    _note(master, State.FAILED).unlink(missing_ok=True)
    _write(_note(master, State.MAKING), "")
    enqueue("archive.tiles.make", master.pk)
    return standing(master)


def make(master_key: int) -> None:
    """Cut the tiles of a scan; harmless to repeat. Called by a worker.

    What goes wrong is kept as a sentence for whoever waits for the tiles.
    """
    master = MasterFile.objects.defer("embedded").get(pk=master_key)
    failed = _note(master, State.FAILED)
    try:
        if not _file(master).exists():
            _cut(master)
        failed.unlink(missing_ok=True)
    except pictures.PictureRefused as refusal:
        _write(
            failed,
            _("%(why)s Run a fixity check and restore it from a backup.")
            % {"why": refusal.sentence},
        )
    except OSError as problem:
        _write(failed, _unwritable(problem))
    _note(master, State.MAKING).unlink(missing_ok=True)


def read(master: MasterFile, place: Place) -> bytes | None:
    """Return a tile as a JPEG; None where it is not made, or no longer there."""
    file = _file(master)
    name = _name(place.factor, place.column, place.row)
    try:
        with zipfile.ZipFile(file) as pyramid:
            content = pyramid.read(name)
        if time.time() - file.stat().st_mtime > _HOUR:
            os.utime(file)  # young again: what is looked at is forgotten last
    except (OSError, KeyError, zipfile.BadZipFile):
        return None
    return content


def forget_oldest(*, keep: Path) -> None:
    """Delete the pyramids looked at longest ago until the rest fit in the cache."""
    found = sorted(
        ((kept.stat().st_mtime, kept.stat().st_size, kept) for kept in _all(".zip")),
        reverse=True,
    )
    room = settings.TILE_CACHE_BYTES
    for _age, size, kept in found:
        room -= size
        if room < 0 and kept != keep:
            with contextlib.suppress(OSError):  # Windows: somebody is reading it
                kept.unlink()


def folder() -> Path:
    """Return the folder of the cache."""
    return Path(settings.DATA_DIR) / "cache" / "tiles"


def _cut(master: MasterFile) -> None:
    folder().mkdir(parents=True, exist_ok=True)
    for left in _all(PARTIAL):
        if time.time() - left.stat().st_mtime > 24 * _HOUR:
            left.unlink(missing_ok=True)
    picture = pictures.open_picture(master.path, max_pixels=settings.PICTURE_MAX_PIXELS)
    draft = NamedTemporaryFile(suffix=PARTIAL, dir=folder(), delete=False)  # noqa: SIM115
    place = Path(draft.name)
    try:
        with draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as pyramid:
            for tile in pictures.cut(picture):
                content = jpeg(tile.image)
                pyramid.writestr(_name(tile.factor, tile.column, tile.row), content)
        place.replace(_file(master))
    finally:
        place.unlink(missing_ok=True)
    forget_oldest(keep=_file(master))


def jpeg(image: Image.Image, comment: str = "") -> bytes:
    """Return a tile as a JPEG that keeps colour at full size."""
    content = BytesIO()
    image.save(content, "JPEG", quality=JPEG_QUALITY, subsampling=0, comment=comment)
    return content.getvalue()


def _name(factor: int, column: int, row: int) -> str:
    return f"{factor}/{column}-{row}.jpg"


def _file(master: MasterFile) -> Path:
    return folder() / f"{master.sha256}-{CUT}.zip"


def _note(master: MasterFile, state: State) -> Path:
    return folder() / f"{master.sha256}-{CUT}.{state}"


def _all(suffix: str) -> list[Path]:
    return [each for each in folder().iterdir() if each.name.endswith(suffix)]


def _write(note: Path, sentence: str) -> None:
    with contextlib.suppress(OSError):  # a full disk: then nothing can be said either
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(sentence, encoding="utf-8")


def _unwritable(problem: OSError) -> str:
    return _(
        "The tiles could not be written (%(why)s). Check the disk and the folder's "
        "permissions."
    ) % {"why": problem.strerror or problem}
