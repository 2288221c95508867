"""The desk: what waits, what failed, what runs, what arrived lately."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from archive import extensions, searches, sheet
from archive.forms import IntoForm
from archive.models import (
    Accession,
    AccessionItem,
    Derivative,
    Photograph,
    Suggestion,
)
from archive.views.access import SignedInRequest, permitted
from archive.views.accessions import LIVE, progress_of
from archive.views.ingest import free_code, look_into
from archive.vocabularies import AccessionState, ItemOutcome

NEWEST = 12
RUNS = 4
SAMPLE = "sample"  # the folder of prints that come with the program


@require_safe
@permitted("archive.view_photograph")
def desk(request: SignedInRequest) -> HttpResponse:
    """Show the desk; to who has nothing of their own here yet, the way to it."""
    newest = list(
        Photograph.objects.order_by("-created_at", "-id").values_list("pk", flat=True)[
            :NEWEST
        ]
    )
    context = {
        "cells": sheet.cells(newest),
        "accessions": accessions_open_to(request.user),
        "runs": [{"accession": run, "progress": progress_of(run)} for run in running()],
        "panels": [
            {"template": panel.template, "context": panel.context(request)}
            for panel in extensions.desk_panels.values()
        ],
        "empty": not newest,
        "welcome": not Accession.objects.exclude(source=SAMPLE).exists(),
    }
    if context["welcome"] or context["empty"]:
        context |= first_ingest(request)
    if newest:
        context |= waiting()
        context["arrivals"] = arrivals()
        context["searches"] = searches.of(request.user)
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
    """Return the runs of ingest that wait for a person, and those that failed."""
    found = Accession.objects.select_related("collection").filter(
        Q(state=AccessionState.EXAMINED, started_by=user)
        | Q(state=AccessionState.FAILED)
    )
    return list(found[:5])


def running() -> list[Accession]:
    """Return the runs of ingest at work, newest first."""
    found = Accession.objects.filter(state__in=LIVE).select_related("collection")
    return list(found[:RUNS])


def arrivals() -> list[dict[str, Any]]:
    """Return the last runs of ingest that brought photographs, with how many."""
    finished = list(
        Accession.objects.filter(state=AccessionState.FINISHED).select_related(
            "collection", "started_by"
        )[:RUNS]
    )
    counted = dict(
        AccessionItem.objects.order_by()
        .filter(accession__in=finished, outcome=ItemOutcome.INGESTED)
        .values_list("accession")
        .annotate(Count("pk"))
    )
    return [
        {"accession": one, "count": counted[one.pk]}
        for one in finished
        if one.pk in counted
    ]


def first_ingest(request: HttpRequest) -> dict[str, Any]:
    """Return what the first ingest needs, with everything filled in beforehand."""
    pictures = Path.home() / "Pictures"
    code = free_code()
    proposal = {"title": _("First photographs"), "reference_code": code}
    return {
        "form": IntoForm(initial=proposal, auto_id="first-%s"),
        "folder": look_into(pictures if pictures.is_dir() else Path.home()),
    }
