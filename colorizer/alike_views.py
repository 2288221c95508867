"""Photographs that look like one: a panel, filled when it is seen, and a page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from archive.models import Photograph
from archive.views.access import SignedInRequest, permitted
from colorizer.alike import asking

IN_PANEL = 6


@require_safe
@permitted("archive.view_photograph")
def alike(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the photographs that look most like one."""
    return _answer(request, pk, "alike/page.html", asking.SHOWN)


@require_safe
@permitted("archive.view_photograph")
def alike_panel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the nearest of them: what fills the panel of a photograph's page."""
    return _answer(request, pk, "alike/found.html", IN_PANEL)


def _answer(
    request: SignedInRequest, pk: int, template: str, count: int
) -> HttpResponse:
    found = get_object_or_404(Photograph.objects.select_related("collection"), pk=pk)
    answer = asking.alike(found, count)
    context = {
        "photograph": found,
        "answer": answer,
        "nearest": [*answer.same, *answer.others][:count],
        "may_request": request.user.has_perm("archive.request_machine_vision"),
    }
    return render(request, template, context)
