"""Saved searches: kept under a name, followed, forgotten."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive import searches
from archive.errors import InvalidDescription
from archive.models import Collection, SavedSearch
from archive.views.access import SignedInRequest, next_address, permitted


@require_safe
@permitted("archive.view_photograph")
def saved_search(request: SignedInRequest, pk: int) -> HttpResponse:
    """Lead to the photographs of a saved search, whoever saved it."""
    return redirect(get_object_or_404(SavedSearch, pk=pk).address)


@require_POST
@permitted("archive.view_photograph")
def search_save(request: SignedInRequest) -> HttpResponse:
    """Keep the query of the sheet that is looked at."""
    key = request.POST.get("collection", "")
    collection = None
    if key:
        number = int(key) if key.isdecimal() and len(key) < 19 else 0
        collection = get_object_or_404(Collection, pk=number)
    try:
        saved = searches.save(
            request.POST.get("name", ""),
            request.POST.get("query", ""),
            by=request.user,
            collection=collection,
        )
    except InvalidDescription as problem:
        messages.error(request, problem.sentence)
        return redirect(next_address(request, "archive:search"))
    messages.success(
        request, _("“%(search)s” is kept; it is on your desk too.") % {"search": saved}
    )
    return redirect(saved.address)


@require_POST
@permitted("archive.view_photograph")
def search_forget(request: SignedInRequest, pk: int) -> HttpResponse:
    """Forget a search of one's own."""
    doomed = get_object_or_404(SavedSearch, pk=pk, owner=request.user)
    doomed.delete()
    messages.success(request, _("“%(search)s” is forgotten.") % {"search": doomed})
    return redirect(next_address(request, "archive:search"))
