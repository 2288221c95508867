"""The review queue: one photograph at a time, with everything that waits on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from archive import alike, preferences
from archive.models import Collection, Photograph, Suggestion
from archive.review_queue import Order, Queue, Show
from archive.views import plates, sitting
from archive.views.access import SignedInRequest, permitted
from archive.views.decisions import queue_address
from archive.views.photograph import suggestions_of
from archive.views.plates import Plate, Version
from archive.vocabularies import ReviewState

_AHEAD = 2


@dataclass(frozen=True)
class Numbered:
    """A suggestion and the key that toggles it; no key beyond nine.

    `together` are the suggestions of the same word on photographs that look alike,
    itself among them; empty where there is no other.
    """

    suggestion: Suggestion
    key: int | None
    together: list[int]

    @property
    def waits(self) -> bool:
        """Whether nobody has decided on it."""
        return self.suggestion.state == ReviewState.AWAITING


@require_safe
@permitted("archive.review_photograph")
def review(request: SignedInRequest) -> HttpResponse:
    """Show the photograph that the address names, else the first that waits."""
    queue = Queue.named_in(request.GET, _usual(request))
    asked = request.GET.get("at", "")
    at = int(asked) if asked.isdecimal() and len(asked) < 19 else 0
    found = _photograph(at) if at else None
    if found is None:
        waiting = queue.following(at) or queue.following(0)
        found = _photograph(waiting[0]) if waiting else None
    return render(request, "review/page.html", _context(request, queue, found))


@require_POST
@permitted("archive.review_photograph")
def review_order(request: SignedInRequest) -> HttpResponse:
    """Remember in which order a person reviews, and begin again in it."""
    chosen = request.POST.get("review_order", "")
    preferences.remember(request.user, {"review_order": chosen})
    words = {**request.POST.dict(), "order": chosen}
    return redirect(queue_address(Queue.named_in(words, _usual(request))))


def _usual(request: SignedInRequest) -> Order:
    return Order(preferences.of(request.user)["review_order"])


def _context(
    request: SignedInRequest, queue: Queue, found: Photograph | None
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "queue": queue,
        "choices": Show.choices,
        "orders": Order.choices,
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
    group = alike.group_of(found) if queue.order is Order.ALIKE else None
    numbered = [
        Numbered(
            suggestion,
            number if number <= 9 else None,
            group.of_word(suggestion.term_id) if group else [],
        )
        for number, suggestion in enumerate(suggestions_of(found), start=1)
    ]
    version = plate.chosen if plate and queue.asks_for_colour else None
    numbered = numbered if queue.asks_for_tags else []
    return shown | {
        "plate": plate,
        "version": version,
        "group": group,
        "numbered": numbered,
        "current": _current(version, numbered),
        "next_address": queue_address(queue, ahead[0]) if ahead else "",
        "previous_address": queue_address(queue, before) if before else "",
        "preload": _pictures(ahead),
        # Asked for by SQL, SQLite would look through all that nobody suggested.
        "assignments": [
            each
            for each in found.assignments.select_related("term").order_by("term__label")
            if each.suggestion_id is None
        ],
    }


def _current(version: Version | None, numbered: list[Numbered]) -> str:
    """Return the element that A and X decide on: the first thing that waits."""
    if version and version.waits:
        return f"colorization-{version.colorization.pk}"
    first = next((each for each in numbered if each.waits), None)
    return f"suggestion-{first.suggestion.pk}" if first else ""


def _before(request: SignedInRequest, queue: Queue, pk: int) -> int | None:
    """Return the photograph before: one that waits, or that was just decided on."""
    return queue.preceding(pk, {d.photograph for d in sitting.decisions(request)})


def _pictures(keys: list[int]) -> list[int]:
    """Return the pictures that the next photographs will need, nearest first."""
    found = plates.with_plates(Photograph.objects.filter(pk__in=keys))
    by_key = {each.pk: each for each in found}
    lying: list[Plate | None] = [
        plates.plate(by_key[key], order=plates.AS_REVIEWED)
        for key in keys
        if key in by_key
    ]
    return [picture.pk for plate in lying if plate for picture in plate.pictures]


def _photograph(pk: int) -> Photograph | None:
    found = Photograph.objects.select_related("collection").filter(pk=pk)
    return plates.with_plates(found).first()
