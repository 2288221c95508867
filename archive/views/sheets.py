"""Contact sheets: the photographs of a collection, or of the whole archive."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from archive import extensions, sheet
from archive.extensions import BulkAction
from archive.forms import SheetFilter
from archive.models import Collection, Photograph, Term
from archive.querysets import PhotographQuerySet
from archive.views.access import SignedInRequest, permitted, wants_part
from archive.views.appearance import chosen

TERMS_OFFERED = 300


@require_safe
@permitted("archive.view_photograph")
def search(request: SignedInRequest) -> HttpResponse:
    """Show photographs of the whole archive that match."""
    context = contents(request, Photograph.objects.all())
    return answer(request, "search/search.html", context)


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
    in_colour = chosen(request, "show", "original") == "colour"
    page = sheet.page_of(
        filters.apply(photographs), request.GET.get("page"), in_colour=in_colour
    )
    return {
        "filters": filters,
        "page": page,
        "collection": collection,
        "size": chosen(request, "size", "m"),
        "view": chosen(request, "view", "sheet"),
        "show": "colour" if in_colour else "original",
        "terms": Term.objects.values_list("label", flat=True)[:TERMS_OFFERED],
        "actions": actions_of(request),
        "matching": request.GET.urlencode(),
    }


def actions_of(request: SignedInRequest) -> list[BulkAction]:
    """Return the bulk actions that the person may use."""
    return [
        action
        for action in extensions.bulk_actions.values()
        if request.user.has_perm(action.permission)
    ]
