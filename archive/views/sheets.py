"""Contact sheets: the photographs of a collection, or of the whole archive."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from archive import columns, extensions, preferences, searches, sheet
from archive.extensions import BulkAction
from archive.facets import FACETS, Sheet
from archive.listing import Listing
from archive.models import Collection, Photograph, Term
from archive.querysets import PhotographQuerySet
from archive.sheet_filter import SheetFilter
from archive.views.access import SignedInRequest, permitted, wants_part

TERMS_OFFERED = 300


@require_safe
@permitted("archive.view_photograph")
def search(request: SignedInRequest) -> HttpResponse:
    """Show photographs of the whole archive that match."""
    context = contents(request, Photograph.objects.all())
    return answer(request, "search/search.html", context)


@require_safe
@permitted("archive.view_photograph")
def facet(request: SignedInRequest, name: str) -> HttpResponse:
    """Show the values of one facet of a contact sheet, each with its count.

    The query is the sheet's own; `of` is the collection whose sheet it is.
    """
    wanted = FACETS.get(name)
    if wanted is None:
        raise Http404("There is no such facet.")
    query = request.GET.copy()
    key = (query.pop("of", None) or [""])[-1]
    collection = None
    if key:
        if not key.isdecimal() or len(key) > 18:
            raise Http404("There is no such collection.")
        collection = get_object_or_404(Collection, pk=key)
    filters = SheetFilter(query)
    filters.is_valid()
    place = collection.get_absolute_url() if collection else reverse("archive:search")
    chosen = {(chip.name, chip.value) for chip in filters.chips()}
    values = [
        {
            "value": value,
            "chosen": chosen.issuperset(value.changes.items()),
            "address": _address(place, query, value.changes),
        }
        for value in wanted.values(Sheet(filters, collection))
    ]
    context = {"facet": wanted, "values": values}
    return render(request, "sheet/facet.html", context)


def answer(
    request: HttpRequest, template: str, context: dict[str, Any]
) -> HttpResponse:
    """Answer with the page, or to htmx with the part of it that changes."""
    shown = "sheet/results.html" if wants_part(request) else template
    response = render(request, shown, context)
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response


def contents(
    request: SignedInRequest,
    photographs: PhotographQuerySet,
    collection: Collection | None = None,
) -> dict[str, Any]:
    """Return what a contact sheet needs: the filter, the page, the bulk actions."""
    filters = SheetFilter(request.GET)
    liked = preferences.of(request.user)
    in_colour, table = liked["show"] == "colour", liked["view"] == "table"
    page = sheet.page_of(
        filters.apply(photographs),
        request.GET.get("page"),
        in_colour=in_colour,
        detailed=table,
        listed=Listing(request.GET, collection).words(),
    )
    shown = columns.chosen(liked["columns"])
    return {
        "filters": filters,
        "chips": _chips(request, filters),
        "facets": facets(request, filters, collection),
        "page": page,
        "collection": collection,
        "size": liked["size"],
        "view": liked["view"],
        "show": liked["show"],
        "columns": shown,
        "all_columns": [(one, one in shown) for one in columns.COLUMNS.values()],
        "rows": [(cell, [one.text(cell) for one in shown]) for cell in page.cells]
        if table
        else [],
        "terms": Term.objects.values_list("label", flat=True)[:TERMS_OFFERED],
        "actions": actions_of(request),
        "may_edit": may_edit(request),
        "matching": request.GET.urlencode(),
        "saved": searches.of(request.user),
    }


def facets(
    request: SignedInRequest, filters: SheetFilter, collection: Collection | None
) -> list[dict[str, Any]]:
    """Return the facets, uncounted, each with the address that counts it."""
    query = request.GET.copy()
    query.pop("page", None)
    if collection is not None:
        query["of"] = str(collection.pk)
    active = {chip.name for chip in filters.chips()}
    return [
        {
            "facet": one,
            "active": bool(active.intersection(one.fields)),
            "fields": [filters[field] for field in one.fields] if one.written else [],
            "address": _with(reverse("archive:facet", args=[one.name]), query),
        }
        for one in FACETS.values()
    ]


def actions_of(request: SignedInRequest) -> list[BulkAction]:
    """Return the bulk actions that the person may use."""
    return [
        action
        for action in extensions.bulk_actions.values()
        if request.user.has_perm(action.permission)
    ]


def may_edit(request: SignedInRequest) -> bool:
    """Say whether the person may change anything of many photographs."""
    return any(
        request.user.has_perm(f"archive.{name}")
        for name in ("change_photograph", "add_assignment", "restrict_photograph")
    )


def _chips(request: SignedInRequest, filters: SheetFilter) -> list[dict[str, Any]]:
    """Return what is filtered by, each with the address of the sheet without it."""
    return [
        {
            "chip": chip,
            "address": _address(request.path, request.GET, {chip.name: chip.value}),
        }
        for chip in filters.chips()
    ]


def _address(place: str, query: QueryDict, changes: dict[str, str]) -> str:
    """Return the address with the changes made; with those taken back that it has.

    A term is one of several; every other field has one value.
    """
    changed = query.copy()
    changed.pop("page", None)
    written = {name: [v.strip() for v in changed.getlist(name)] for name in changes}
    has = all(value in written[name] for name, value in changes.items())
    for name, value in changes.items():
        others = [each for each in written[name] if each and each != value]
        kept = others if name == "term" else []
        changed.setlist(name, kept if has else [*kept, value])
    return _with(place, changed)


def _with(place: str, query: QueryDict) -> str:
    written = query.urlencode()
    return f"{place}?{written}" if written else place
