"""The columns that a table of photographs can have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from archive.sheet import Cell
from archive.vocabularies import MEDIA_TYPES, Rights

if TYPE_CHECKING:
    from archive.extensions import Words


@dataclass(frozen=True)
class Column:
    """A column: its name in choices, its heading, and its text for one photograph."""

    name: str
    label: Words
    text: Callable[[Cell], str]


def _front(cell: Cell) -> str:
    kind, size = cell.file
    return f"{MEDIA_TYPES.get(kind, kind)}, {size}" if kind else ""


def _rights(cell: Cell) -> str:
    rights = cell.photograph.rights
    return str(Rights(rights).label) if rights in Rights.values else rights


# The reference code, the picture and the state are always there.
COLUMNS = {
    column.name: column
    for column in (
        Column(
            "title",
            _("Title"),
            lambda cell: cell.photograph.title or gettext("Untitled"),
        ),
        Column("date", _("Date"), lambda cell: cell.photograph.date_text),
        Column("creator", _("Creator"), lambda cell: cell.photograph.creator),
        Column("place", _("Place"), lambda cell: cell.photograph.place),
        Column(
            "collection", _("Collection"), lambda cell: str(cell.photograph.collection)
        ),
        Column("terms", _("Terms"), lambda cell: ", ".join(cell.terms)),
        Column("extent", _("Medium"), lambda cell: cell.photograph.extent_and_medium),
        Column("rights", _("Rights"), _rights),
        Column("file", _("File"), _front),
        Column(
            "added", _("Added"), lambda cell: f"{cell.photograph.created_at:%Y-%m-%d}"
        ),
    )
}
USUAL = ["title", "date", "creator", "place"]


def chosen(names: list[str]) -> list[Column]:
    """Return the columns of those names in their order; the usual ones for none."""
    found = [column for name, column in COLUMNS.items() if name in names]
    return found or [COLUMNS[name] for name in USUAL]
