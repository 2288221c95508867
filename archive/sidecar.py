"""Descriptions from a CSV file that lies beside the scans.

One row a file; the first row holds the headings. A column for the file's name is
needed (`filename`, `file`, `name`, …), the others are descriptive fields under the
usual words for them. Case, spaces and punctuation in headings do not matter. Read as
UTF-8 (with or without a byte order mark), UTF-16 with one, else Windows-1252; with
commas, semicolons, tabs or bars between. Nothing here is fatal: what cannot be
meant is left out, and a sentence says so.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Collection as Some
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_noop

from archive import dates
from archive.embedded import LONGEST_TEXT, cleaned, fitting
from archive.vocabularies import Rights

LARGEST_BYTES = 20 * 1024**2
MOST_ROWS = 200_000
_DELIMITERS = ",;\t|"

_HEADINGS = {
    "file": "file filename name image imagefile path filepath scan",
    "collection": "collection series fonds partof ispartof",
    "reference_code": "referencecode reference refcode ref identifier id callnumber "
    "shelfmark signature",
    "title": "title caption headline",
    "creator": "creator photographer author artist maker creators",
    "date_text": "datetext date dates dated datewritten year created datecreated",
    "date_edtf": "dateedtf edtf edtfdate",
    "description": "description scopeandcontent scope content abstract summary",
    "extent_and_medium": "extentandmedium extent medium format material technique "
    "physicaldescription process",
    "place": "place location spatial coverage placename",
    "rights": "rights rightsuri rightsstatement licence license copyright",
    "inscriptions": "inscriptions inscription verso back backofprint transcription",
    "notes": "notes note remarks remark comment comments",
}
COLUMNS = {word: name for name, words in _HEADINGS.items() for word in words.split()}
with translation.override(settings.LANGUAGE_CODE):
    _LABELS = {str(right.label): right.value for right in Rights}
_RIGHTS_BY_WORDS = {
    re.sub(r"\W", "", label).casefold(): value for label, value in _LABELS.items()
} | {
    "cc0": Rights.CC0.value,
    "publicdomain": Rights.PUBLIC_DOMAIN.value,
    "ccby": Rights.CC_BY.value,
    "ccbysa": Rights.CC_BY_SA.value,
}


@dataclass(frozen=True, slots=True)
class Row:
    """What a CSV says of one file.

    Attributes:
        number: the row of the spreadsheet, counted from 1 with the headings.
        file: the name as written.
        values: descriptive field → text that it can take.
        collection: reference code of the collection it belongs into, or "".
        problems: sentences about what was left out.
    """

    number: int
    file: str
    values: dict[str, str]
    collection: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A CSV as read.

    Attributes:
        name: what the curator calls it: its path in the folder.
        folder: the folder that its file names start from, relative; "" for the top.
        rows: one for each file that it names.
        problems: sentences about the whole of it.
    """

    name: str
    folder: str = ""
    rows: tuple[Row, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """The row that describes a file, and the CSV that it stands in."""

    row: Row
    sidecar: Sidecar


@dataclass(slots=True)
class Descriptions:
    """All CSV files of a folder, and which row describes which file.

    A file is described by the nearest CSV at or above it that names it: with its
    path from there, by its bare name, or by its name without the extension, where
    only one row does.
    """

    sidecars: tuple[Sidecar, ...]
    _rows: dict[tuple[str, str], list[Match]] = field(init=False, default_factory=dict)
    _used: set[int] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        """Index the rows by folder and name."""
        for sidecar in self.sidecars:
            for row in sidecar.rows:
                key = sidecar.folder, _key(row.file)
                self._rows.setdefault(key, []).append(Match(row, sidecar))

    def of(self, path: str) -> Match | None:
        """Return the row for a file, by its path relative to the ingested folder."""
        file = PurePosixPath(path)
        for above in file.parents:
            folder = "" if str(above) == "." else str(above)
            for name in (
                str(file.relative_to(above)),
                file.name,
                str(file.relative_to(above).with_suffix("")),
                file.stem,
            ):
                matches = self._rows.get((folder, _key(name)), [])
                if len(matches) == 1:
                    self._used.add(id(matches[0]))
                    return matches[0]
        return None

    def problems(self, paths: Some[str]) -> list[str]:
        """Return what the curator should know, given all files of the folder."""
        for path in paths:
            self.of(path)
        sentences = []
        for sidecar in self.sidecars:
            sentences += [f"{sidecar.name}: {problem}" for problem in sidecar.problems]
            unused = [
                match.row.number
                for matches in self._rows.values()
                for match in matches
                if match.sidecar is sidecar and id(match) not in self._used
            ]
            if unused:
                said = gettext_noop("no file for %(why)s.") % {
                    "why": _lines(sorted(unused))
                }
                sentences.append(f"{sidecar.name}: {said}")
        return sentences


def read(path: Path, name: str, folder: str = "") -> Sidecar:
    """Read a CSV; whatever is wrong with it is said in the result.

    Args:
        path: the file; it is only read.
        name: what the curator calls it.
        folder: the folder that its file names start from.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        said = gettext_noop("It cannot be read (%(why)s).") % {"why": reason}
        return Sidecar(name, folder, problems=(said,))
    if len(content) > LARGEST_BYTES:
        limit = gettext_noop("It has more than %(size)s MiB and was not read.") % {
            "size": LARGEST_BYTES // 1024**2
        }
        return Sidecar(name, folder, problems=(limit,))
    text = _decoded(content)
    heading = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=lambda mark: _known(heading.split(mark)))
    lines = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        return _read(lines, name, folder)
    except csv.Error as problem:
        said = gettext_noop("It is not a sound CSV file (%(why)s).") % {"why": problem}
        return Sidecar(name, folder, problems=(said,))


def _read(lines: Iterator[list[str]], name: str, folder: str) -> Sidecar:
    numbered = enumerate(lines, start=1)
    headings = next((line for _, line in numbered if _filled(line)), [])
    columns = [COLUMNS.get(heading_word(heading)) for heading in headings]
    problems = []
    if "file" not in columns:
        problems.append(
            gettext_noop("It has no column “filename”, so that no row was used.")
        )
        return Sidecar(name, folder, problems=tuple(problems))
    unknown = [
        cleaned(heading, 60)
        for heading, column in zip(headings, columns, strict=True)
        if column is None and heading.strip()
    ]
    if unknown:
        listed = ", ".join(f"“{heading}”" for heading in unknown[:20])
        problems.append(
            gettext_noop("Unknown columns were left out: %(columns)s.")
            % {"columns": listed}
        )
    rows, nameless = [], []
    for number, line in numbered:
        if number > MOST_ROWS:
            problems.append(
                gettext_noop("Only the first %(count)s rows were read.")
                % {"count": f"{MOST_ROWS:,}"}
            )
            break
        if not _filled(line):
            continue
        row = _row(number, columns, line)
        if row.file:
            rows.append(row)
        else:
            nameless.append(number)
    if nameless:
        problems.append(
            gettext_noop("No file is named in %(why)s.") % {"why": _lines(nameless)}
        )
    twice = [file for file, n in Counter(_key(r.file) for r in rows).items() if n > 1]
    if twice:
        numbers = [row.number for row in rows if _key(row.file) in twice]
        problems.append(
            gettext_noop("The same file is named twice: %(why)s; none used.")
            % {"why": _lines(numbers)}
        )
    return Sidecar(name, folder, tuple(rows), tuple(problems))


def _row(number: int, columns: list[str | None], line: list[str]) -> Row:
    cells: dict[str, str] = {}
    for column, cell in zip(columns, line, strict=False):
        if column and column not in cells and (text := cleaned(cell, LONGEST_TEXT)):
            cells[column] = text
    file, collection = cells.pop("file", ""), cells.pop("collection", "")
    problems: list[str] = []
    if _filled(line[len(columns) :]):
        problems.append(gettext_noop("It has more cells than there are headings."))
    values = dict(_understood(cells, problems))
    return Row(number, file, values, collection, tuple(problems))


def _understood(
    cells: dict[str, str], problems: list[str]
) -> Iterator[tuple[str, str]]:
    for name, text in cells.items():
        if name == "rights":
            uri = rights_of(text)
            if uri:
                yield name, uri
            else:
                problems.append(
                    gettext_noop("“%(text)s” is no known rights statement.")
                    % {"text": text[:80]}
                )
        elif name == "date_edtf":
            try:
                dates.span(text)
            except dates.NotADate as problem:
                problems.append(str(problem))
            else:
                yield name, text
        else:
            fits = fitting(name, text)
            if fits.endswith("…") and fits != text:
                problems.append(
                    gettext_noop("“%(text)s…” is too long and was cut.")
                    % {"text": text[:40]}
                )
            yield name, fits
    if "date_text" in cells and "date_edtf" not in cells:
        reading = dates.understand(cells["date_text"])
        if reading.edtf and not reading.doubtful:
            yield "date_edtf", reading.edtf


def rights_of(text: str) -> str:
    uri = text.replace("https://", "http://", 1)
    for candidate in (uri, f"{uri}/"):
        if candidate in Rights.values:
            return candidate
    return _RIGHTS_BY_WORDS.get(heading_word(text), "")


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _known(headings: Iterable[str]) -> int:
    return sum(heading_word(heading) in COLUMNS for heading in headings)


def heading_word(heading: str) -> str:
    return re.sub(r"[\W_]", "", heading).casefold()


def _key(name: str) -> str:
    name = unicodedata.normalize("NFC", name.replace("\\", "/")).casefold()
    return name.removeprefix("./").strip()


def _filled(cells: list[str]) -> bool:
    return any(cell.strip() for cell in cells)


def _lines(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:20])
    if len(numbers) > 20:
        said = gettext_noop("rows %(numbers)s and %(count)s more")
        return said % {"numbers": shown, "count": len(numbers) - 20}
    said = gettext_noop("rows %(numbers)s")
    if len(numbers) == 1:
        said = gettext_noop("row %(numbers)s")
    return said % {"numbers": shown}
