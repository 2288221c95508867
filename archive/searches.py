"""Keeping and forgetting searches, each person their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import QueryDict
from django.utils.translation import gettext as _

from archive.errors import InvalidDescription
from archive.models import Collection, SavedSearch
from archive.sheet_filter import SheetFilter

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST = 50


def save(
    name: str, query: str, *, by: User, collection: Collection | None = None
) -> SavedSearch:
    """Keep the query of a contact sheet under a name; the same name replaces it.

    Args:
        name: for people; runs of spaces count as one.
        query: of the address; what means nothing to a sheet is left out.
        by: whose it is.
        collection: whose sheet it narrows.

    Raises:
        InvalidDescription: no name, nothing searched for, or too many kept.
    """
    name = " ".join(name.split())
    if not name or len(name) > 100:
        raise _refused("name", _("Give the search a name of at most 100 letters."))
    asked = QueryDict(query, mutable=True)
    for field in set(asked) - set(SheetFilter.base_fields):
        del asked[field]
    kept = QueryDict(mutable=True)
    for field, values in asked.lists():
        kept.setlist(field, [value for value in values if value.strip()])
    if not SheetFilter(kept).active:
        raise _refused("query", _("Search or filter first; there is nothing to keep."))
    address = kept.urlencode()
    if len(address) > 2000:
        raise _refused("query", _("This search is too long to keep."))
    owned = SavedSearch.objects.filter(owner=by)
    if owned.exclude(name=name).count() >= MOST:
        raise _refused(
            "name",
            _("You keep %(count)s searches already. Forget one first.")
            % {"count": MOST},
        )
    saved, _created = SavedSearch.objects.update_or_create(
        owner=by, name=name, defaults={"query": address, "collection": collection}
    )
    return saved


def of(person: User) -> list[SavedSearch]:
    """Return what a person has kept, by name."""
    return list(SavedSearch.objects.filter(owner=person))


def _refused(field: str, sentence: str) -> InvalidDescription:
    return InvalidDescription(sentence, {field: sentence})
