"""The desk: what waits, what failed, what runs, what arrived lately."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from archive import extensions, sheet
from archive.models import Accession, Collection, Derivative, Photograph, Suggestion
from archive.views.access import SignedInRequest, permitted
from archive.vocabularies import AccessionState

NEWEST = 12
OPEN_STATES = [
    AccessionState.EXAMINING,
    AccessionState.EXAMINED,
    AccessionState.INGESTING,
    AccessionState.FAILED,
]


@require_safe
@permitted("archive.view_photograph")
def desk(request: SignedInRequest) -> HttpResponse:
    """Show the desk; to an empty archive, the way to its first photographs."""
    newest = list(
        Photograph.objects.order_by("-created_at", "-id").values_list("pk", flat=True)[
            :NEWEST
        ]
    )
    context = {
        "cells": sheet.cells(newest),
        "accessions": accessions_open_to(request.user),
        "panels": [
            {"template": panel.template, "context": panel.context(request)}
            for panel in extensions.desk_panels.values()
        ],
    }
    if newest:
        context |= waiting()
    else:
        context["welcome"] = True
        context["collections"] = Collection.objects.exists()
    return render(request, "desk/desk.html", context)


def waiting() -> dict[str, Any]:
    """Return how many decisions and descriptions wait."""
    suggestions = Suggestion.objects.awaiting()
    return {
        "colorizations": Derivative.objects.colorizations().awaiting().count(),
        "suggestions": suggestions.count(),
        "suggested": suggestions.order_by().values("photograph").distinct().count(),
        "undescribed": Photograph.objects.filter(title="").order_by().count(),
    }


def accessions_open_to(user: User) -> list[Accession]:
    """Return the runs of ingest that someone must see to: a person's own, or failed."""
    found = Accession.objects.filter(state__in=OPEN_STATES).select_related("collection")
    return list(found.filter(started_by=user)[:5])
