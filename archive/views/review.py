"""The review queue: one photograph at a time, with everything that waits on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from archive.models import Collection, Photograph, Suggestion
from archive.review_queue import Queue, Show
from archive.views import plates, sitting
from archive.views.access import SignedInRequest, permitted
from archive.views.decisions import queue_address
from archive.views.photograph import suggestions_of
from archive.views.plates import Plate, Version
from archive.vocabularies import ReviewState

_AHEAD = 2


@dataclass(frozen=True)
class Numbered:
    """A suggestion and the key that toggles it; no key beyond nine."""

    suggestion: Suggestion
    key: int | None

    @property
    def waits(self) -> bool:
        """Whether nobody has decided on it."""
        return self.suggestion.state == ReviewState.AWAITING


@require_safe
@permitted("archive.review_photograph")
def review(request: SignedInRequest) -> HttpResponse:
    """Show the photograph that the address names, else the first that waits."""
    queue = Queue.named_in(request.GET)
    asked = request.GET.get("at", "")
    at = int(asked) if asked.isdecimal() and len(asked) < 19 else 0
    found = _photograph(at) if at else None
    if found is None:
        waiting = queue.following(at) or queue.following(0)
        found = _photograph(waiting[0]) if waiting else None
    return render(request, "review/page.html", _context(request, queue, found))


def _context(
    request: SignedInRequest, queue: Queue, found: Photograph | None
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "queue": queue,
        "choices": Show.choices,
        "collections": Collection.objects.all(),
        "counts": queue.counts(),
        "last": sitting.last(request),
        "photograph": found,
    }
    if found is None:
        return shown
    plate = plates.plate(found, order=plates.AS_REVIEWED)
    ahead = queue.following(found.pk, _AHEAD)
    before = _before(request, queue, found.pk)
    numbered = [
        Numbered(suggestion, number if number <= 9 else None)
        for number, suggestion in enumerate(suggestions_of(found), start=1)
    ]
    version = plate.chosen if plate and queue.asks_for_colour else None
    numbered = numbered if queue.asks_for_tags else []
    return shown | {
        "plate": plate,
        "version": version,
        "numbered": numbered,
        "current": _current(version, numbered),
        "next_address": queue_address(queue, ahead[0]) if ahead else "",
        "previous_address": queue_address(queue, before) if before else "",
        "preload": _pictures(ahead),
        "assignments": found.assignments.select_related("term")
        .filter(suggestion=None)
        .order_by("term__label"),
    }


def _current(version: Version | None, numbered: list[Numbered]) -> str:
    """Return the element that A and X decide on: the first thing that waits."""
    if version and version.waits:
        return f"colorization-{version.colorization.pk}"
    first = next((each for each in numbered if each.waits), None)
    return f"suggestion-{first.suggestion.pk}" if first else ""


def _before(request: SignedInRequest, queue: Queue, pk: int) -> int | None:
    """Return the photograph before: one that waits, or that was just decided on."""
    decided = {d.photograph for d in sitting.decisions(request) if d.photograph < pk}
    waiting = queue.preceding(pk)
    return max({*decided, waiting} - {None}, default=None)  # type: ignore[type-var]


def _pictures(keys: list[int]) -> list[int]:
    """Return the pictures that the next photographs will need, nearest first."""
    found = plates.with_plates(Photograph.objects.filter(pk__in=keys).order_by("pk"))
    lying: list[Plate | None] = [
        plates.plate(each, order=plates.AS_REVIEWED) for each in found
    ]
    return [picture.pk for plate in lying if plate for picture in plate.pictures]


def _photograph(pk: int) -> Photograph | None:
    found = Photograph.objects.select_related("collection").filter(pk=pk)
    return plates.with_plates(found).first()
