"""The taggers of this installation, and what another one would change."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive.errors import ArchiveError
from archive.models import Photograph
from archive.views.access import SignedInRequest, permitted
from colorizer import comparison
from colorizer.comparison import Change, Comparison
from colorizer.vision.checkpoints import Card, CheckpointError

SHOWN = 50


@require_safe
@permitted("colorizer.view_job")
def taggers(request: SignedInRequest) -> HttpResponse:
    """Show the taggers, and where two are named, what the second would change."""
    old, new = request.GET.get("old", ""), request.GET.get("new", "")
    context: dict[str, Any] = {"in_use": settings.TAGGERS, "old": old, "new": new}
    try:
        context["taggers"] = comparison.taggers()
        if not (old and new):
            context |= _proposed(context["taggers"])
        if old and new:
            found = comparison.compare(Photograph.objects.all(), old, new)
            context |= _told(found)
    except ArchiveError as problem:
        messages.error(request, problem.sentence)
    except CheckpointError as problem:
        messages.error(request, str(problem))
    return render(request, "taggers/page.html", context)


@require_POST
@permitted("archive.request_machine_vision")
def tagger_trial(request: SignedInRequest) -> HttpResponse:
    """Let the new tagger look where only the old one has; it suggests nothing."""
    old, new = request.POST.get("old", ""), request.POST.get("new", "")
    try:
        found = comparison.compare(Photograph.objects.all(), old, new)
        requested = comparison.request_trial(found, by=request.user)
    except ArchiveError as problem:
        messages.error(request, problem.sentence)
        return redirect("colorizer:taggers")
    messages.success(
        request,
        _(
            "%(tagger)s is asked to look at %(count)s photographs, and will suggest"
            " nothing. Reload this page when the jobs are done."
        )
        % {"tagger": found.new.name, "count": len(requested.jobs)},
    )
    words = urlencode({"old": old, "new": new})
    return redirect(f"{reverse('colorizer:taggers')}?{words}")


def _proposed(cards: Sequence[Card]) -> dict[str, str]:
    """Return which two to compare unasked: alike in labels, the one in use first."""

    def likely(pair: tuple[Card, Card]) -> tuple[bool, int]:
        old, new = pair
        switching = old.name in settings.TAGGERS and new.name not in settings.TAGGERS
        return switching, len({*old.labels} & {*new.labels})

    pair = max(permutations(cards, 2), key=likely, default=())
    return {key: card.name for key, card in zip(("old", "new"), pair, strict=False)}


def _told(found: Comparison) -> dict[str, Any]:
    """Return the report, as its tables are read: contradictions first."""
    order = sorted(Change, key=lambda change: change not in comparison.CONTRADICTIONS)
    sections = [
        {
            "change": change,
            "contradicts": change in comparison.CONTRADICTIONS,
            "count": found.totals[change],
            "shown": [d for d in found.differences if d.change == change][:SHOWN],
        }
        for change in order
        if found.totals[change]
    ]
    rows = [
        (label, [counts[change] for change in order])
        for label, counts in found.by_label.items()
    ]
    return {
        "found": found,
        "heads": order,
        "rows": rows,
        "totals": [found.totals[change] for change in order],
        "sections": sections,
    }
