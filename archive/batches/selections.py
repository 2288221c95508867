"""Which photographs are meant: those ticked, or all that match a search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import get_language

from archive.models import Collection, Photograph
from archive.querysets import PhotographQuerySet
from archive.sheet_filter import SheetFilter

MOST_KEYS = 200_000


@dataclass(frozen=True)
class Selection:
    """Photographs by primary key, or everything that a contact sheet shows.

    Attributes:
        keys: those that were ticked.
        everything: not the keys but all that match.
        matching: the query of the contact sheet.
        collection: primary key of the collection whose sheet it is.
        language: in which the query was written, for its words of the machine.
    """

    keys: tuple[int, ...] = ()
    everything: bool = False
    matching: str = ""
    collection: int | None = None
    language: str = ""

    @classmethod
    def from_form(cls, data: QueryDict, *, everything: bool | None = None) -> Self:
        """Read the fields of a form.

        They are `photograph`, once each, `photographs` with commas between, or with
        `everything` the sheet's query in `matching` and its collection.
        """
        written = [*data.getlist("photograph"), *data.get("photographs", "").split(",")]
        keys = dict.fromkeys(
            int(key)
            for key in written[:MOST_KEYS]
            if key.isascii() and key.isdecimal() and len(key) < 19
        )
        place = data.get("collection", "")
        wanted = "everything" in data if everything is None else everything
        return cls(
            keys=() if wanted else tuple(keys),
            everything=wanted,
            matching=data.get("matching", "") if wanted else "",
            collection=_key(place) if place else None,
            language=(get_language() or "") if wanted else "",
        )

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Read what `as_json` wrote."""
        return cls(
            keys=tuple(kept.get("keys", ())),
            everything=bool(kept.get("everything")),
            matching=kept.get("matching", ""),
            collection=kept.get("collection"),
            language=kept.get("language", ""),
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        if not self.everything:
            return {"keys": list(self.keys)}
        return {
            "everything": True,
            "matching": self.matching,
            "collection": self.collection,
            "language": self.language,
        }

    def photographs(self) -> PhotographQuerySet:
        """Return the photographs as they match now, in the order shown.

        Raises:
            Collection.DoesNotExist: its collection is gone.
        """
        if not self.everything:
            chosen: PhotographQuerySet = Photograph.objects.filter(pk__in=self.keys)
            return chosen
        photographs: PhotographQuerySet = Photograph.objects.all()
        if self.collection is not None:
            photographs = photographs.within(Collection.objects.get(pk=self.collection))
        with translation.override(self.language or settings.LANGUAGE_CODE):
            return SheetFilter(QueryDict(self.matching)).apply(photographs)

    def primary_keys(self) -> list[int]:
        """Return the keys of the photographs, in order."""
        if self.everything:
            return list(self.photographs().values_list("pk", flat=True))
        found: list[tuple[str, int]] = []
        for start in range(0, len(self.keys), 500):  # databases bound parameters
            part = self.keys[start : start + 500]
            rows = Photograph.objects.filter(pk__in=part)
            found += rows.values_list("reference_code", "pk")
        return [key for _code, key in sorted(found)]

    def count(self) -> int:
        """Return how many photographs are meant."""
        if self.everything or len(self.keys) < 1000:
            return int(self.photographs().count())
        return len(self.keys)


def _key(written: str) -> int:
    """Return a primary key; 0, which nothing has, for what is none."""
    return int(written) if written.isdecimal() and len(written) < 19 else 0
