"""Finding what there is to ingest in a folder, and which scans are backs of which.

Names only. What a file is, its content says: see `archive.pictures`.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from archive.embedded import cleaned
from archive.errors import SourceUnreadable
from archive.pictures.sniffing import accepted_signature

LONGEST_PATH = 1000
SIDECAR_SUFFIX = ".csv"

_PICTURE_SUFFIXES = {
    *(".tif", ".tiff", ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp"),
    *(".heic", ".heif", ".gif", ".bmp", ".jp2", ".jxl", ".avif", ".psd", ".dng"),
    *(".svg", ".raw", ".nef", ".cr2", ".arw"),
}
_PASSED_OVER = {"thumbs.db", "desktop.ini", "@eadir", "__macosx", "$recycle.bin"}

# The back of a print by the name of its scan. Words always count; single letters
# only where nothing suggests that they are a series (a, b, c, …).
_BACK = re.compile(r"^(?P<stem>.+?)[-_ .](?:verso|back)$", re.IGNORECASE)
_BACK_LETTER = re.compile(r"^(?P<stem>.+?)[-_](?P<letter>[bv])$", re.IGNORECASE)
_FRONT_ENDINGS = ("", *(f"{s}{w}" for w in ("recto", "front") for s in "-_ ."))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be a scan.

    Attributes:
        path: relative to the folder, with `/`, and fit to be stored and shown.
        size_bytes: its length.
        code: why it cannot be taken, by its name alone; "" where it can.
        sentence: the same for the curator.
    """

    path: str
    size_bytes: int
    code: str = ""
    sentence: str = ""


def discover(folder: Path) -> Iterator[Candidate]:
    """Yield what may be scans in a folder and below, in the order of their names.

    Files that neither are named like pictures nor begin like one are passed over, so
    are hidden ones and what operating systems leave about. Links are never followed:
    they are yielded with a reason. The archive's own data folder is passed over.

    Raises:
        SourceUnreadable: the folder itself cannot be listed.
    """
    try:
        yield from _walk(folder, "")
    except OSError as problem:
        raise SourceUnreadable(
            _(
                "The folder %(folder)s cannot be read (%(why)s). Check the name and "
                "the permissions."
            )
            % {"folder": cleaned(str(folder)), "why": problem.strerror or problem}
        ) from problem


def sidecars(folder: Path) -> list[str]:
    """Return the CSV files in a folder and below, relative to it."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _passed_over(name))
        found += [
            PurePosixPath(Path(place, name).relative_to(folder).as_posix()).as_posix()
            for name in sorted(names)
            if name.lower().endswith(SIDECAR_SUFFIX)
            and not _passed_over(name)
            and not Path(place, name).is_symlink()
        ]
    return found


def backs(paths: Collection[str]) -> dict[str, str]:
    """Return the backs of prints among the paths, each with its front.

    `x_verso`, `x-back` (also with space or dot) is the back of `x`, `x_recto` or
    `x_front` in the same folder, whatever the case and the extension. `x_b` and
    `x_v` are only where the front is `x_a` or `x_r`, or plain `x`, and neither
    `x_c` nor another candidate says that the letters count something. Where two
    files could be the front, the one with the same extension is, else none.
    """
    by_stem: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in paths:
        name = PurePosixPath(path)
        by_stem[str(name.parent), name.stem.casefold()].append(path)
    found = {}
    for path in paths:
        name = PurePosixPath(path)
        for stems in _front_stems(name, by_stem):
            fronts = [
                front
                for stem in stems
                for front in by_stem.get((str(name.parent), stem), ())
            ]
            if len(fronts) > 1:
                fronts = [f for f in fronts if PurePosixPath(f).suffix == name.suffix]
            if len(fronts) == 1:
                found[path] = fronts[0]
                break
    return found


def _front_stems(
    name: PurePosixPath, by_stem: dict[tuple[str, str], list[str]]
) -> Iterator[list[str]]:
    back = _BACK.match(name.stem)
    if back:
        stem = back["stem"].casefold()
        yield [f"{stem}{ending}" for ending in _FRONT_ENDINGS]
        return
    letter = _BACK_LETTER.match(name.stem)
    if letter is None:
        return
    stem, sign = letter["stem"].casefold(), name.stem[-2]
    front = {"b": "a", "v": "r"}[letter["letter"].casefold()]
    following = {"b": "c", "v": "w"}[letter["letter"].casefold()]
    folder = str(name.parent)
    present = {s for s in (stem, f"{stem}{sign}{front}") if (folder, s) in by_stem}
    if len(present) == 1 and (folder, f"{stem}{sign}{following}") not in by_stem:
        yield list(present)


def _walk(folder: Path, prefix: str) -> Iterator[Candidate]:
    own = Path(settings.DATA_DIR)
    with os.scandir(folder) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    for entry in entries:
        if _passed_over(entry.name):
            continue
        path = f"{prefix}{entry.name}"
        if entry.is_symlink():
            yield from _link(entry, path)
        elif entry.is_dir(follow_symlinks=False):
            if own.exists() and os.path.samestat(entry.stat(), own.stat()):
                continue
            if len(path) >= LONGEST_PATH:
                yield _named(path, 0)
                continue
            try:
                yield from _walk(Path(entry.path), f"{path}/")
            except OSError as problem:
                yield _refused(path, 0, "source_unreadable", _cannot_list(problem))
        elif entry.is_file(follow_symlinks=False) and _may_be_picture(entry):
            yield _named(path, entry.stat(follow_symlinks=False).st_size)


def _link(entry: os.DirEntry[str], path: str) -> Iterator[Candidate]:
    if Path(entry.name).suffix.lower() in _PICTURE_SUFFIXES or entry.is_dir():
        yield _refused(
            path,
            0,
            "link",
            gettext_noop(
                "This is a link, and links are not followed. Ingest what it points to."
            ),
        )


def _named(path: str, size_bytes: int) -> Candidate:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return _refused(
            path,
            size_bytes,
            "unreadable_name",
            gettext_noop(
                "The name of the file or of its folder is not valid Unicode. Rename it."
            ),
        )
    if len(path) >= LONGEST_PATH:
        return _refused(
            path,
            size_bytes,
            "path_too_long",
            gettext_noop(
                "The path has %(count)s characters or more. Shorten the names."
            )
            % {"count": LONGEST_PATH},
        )
    return Candidate(path, size_bytes)


def _refused(path: str, size_bytes: int, code: str, sentence: str) -> Candidate:
    shown = path.encode("utf-8", "backslashreplace").decode("utf-8")
    if len(shown) > LONGEST_PATH:
        shown = f"…{shown[1 - LONGEST_PATH :]}"
    return Candidate(shown, size_bytes, code, sentence)


def _cannot_list(problem: OSError) -> str:
    return gettext_noop(
        "The folder cannot be read (%(why)s). Change its permissions."
    ) % {"why": problem.strerror or problem}


def _passed_over(name: str) -> bool:
    return name.startswith(".") or name.casefold() in _PASSED_OVER


def _may_be_picture(entry: os.DirEntry[str]) -> bool:
    suffix = Path(entry.name).suffix.lower()
    if suffix in _PICTURE_SUFFIXES:
        return True
    if suffix == SIDECAR_SUFFIX:
        return False
    try:
        with Path(entry.path).open("rb") as file:
            return accepted_signature(file.read(16)) is not None
    except OSError:
        return False
