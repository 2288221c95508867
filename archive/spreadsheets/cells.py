"""Columns and cells of a spreadsheet of photographs, the same for writing and reading.

A text that a spreadsheet program would take for a formula gets an apostrophe before
it, which reading takes away again: what is written is what is read. An empty cell
leaves what is there; `[clear]` empties it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from archive.sidecar import COLUMNS as SIDECAR_WORDS
from archive.sidecar import heading_word
from archive.vocabularies import Policy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CLEAR = "[clear]"
_GUARDED = re.compile(r"'*(?:[=+\-@\t\r\n＝＋－＠]|\[clear\]$)")
_TERMS = re.compile(r"((?:\\.|[^\\|])*)(?:\||$)", re.DOTALL)
_WORDS = {
    "terms": "terms term tags tag keywords keyword subjects subject",
    Policy.DO_NOT_COLORIZE.value: "donotcolorize",
    Policy.DO_NOT_TAG.value: "donottag",
    Policy.SENSITIVE.value: "sensitive",
}
YES = {"yes", "true", "1", "y", "x", "ja", "oui", "si"}
NO = {"no", "false", "0", "n", "nein", "non"}


@dataclass(frozen=True)
class Column:
    """A column: its heading in what is written, and what it holds."""

    name: str
    meaning: _StrPromise | str


COLUMNS = [
    Column(name, meaning)
    for name, meaning in (
        ("reference_code", _("Which photograph a row is; never changed by an import.")),
        ("filename", _("The scan's own name; for reading only.")),
        ("collection", _("Reference code of the collection that it is in.")),
        ("title", _("Title.")),
        ("creator", _("Who took it.")),
        ("date_text", _("The date as one writes it.")),
        ("date_edtf", _("How the date is meant: 1923~. Empty, it follows date_text.")),
        ("description", _("Scope and content.")),
        ("extent_and_medium", _("Extent and medium.")),
        ("place", _("Where it was taken.")),
        ("rights", _("Address of a rights statement, or its words.")),
        ("inscriptions", _("What is written or stamped on the print.")),
        ("notes", _("Notes.")),
        ("terms", _("All terms with a bar between: bridge|river.")),
        ("do_not_colorize", _("yes or no.")),
        ("do_not_tag", _("yes or no.")),
        ("sensitive", _("yes or no.")),
    )
]
CANNOT_TELL = _("Write yes or no.")


def column_of(heading: str) -> str:
    """Return the field that a heading means; "" for none.

    Case, spaces and punctuation do not matter, and the words of sidecar files are
    known. `file` is known and only for reading.
    """
    word = heading_word(heading)
    for name, words in _WORDS.items():
        if word in words.split():
            return name
    return SIDECAR_WORDS.get(word, "")


def written(text: str) -> str:
    """Return a text as its cell holds it."""
    return f"'{text}" if _GUARDED.match(text) else text


def read(cell: str) -> str:
    """Return the text of a cell."""
    return cell[1:] if cell.startswith("'") and _GUARDED.match(cell) else cell


def joined(labels: list[str]) -> str:
    """Return terms as one cell holds them."""
    return "|".join(re.sub(r"([\\|])", r"\\\1", label) for label in labels)


def split(cell: str) -> list[str]:
    """Return the terms of a cell, each once."""
    parts = (re.sub(r"\\(.)", r"\1", part) for part in _TERMS.findall(cell))
    labels = (" ".join(part.split()) for part in parts)
    return list({label.casefold(): label for label in labels if label}.values())
