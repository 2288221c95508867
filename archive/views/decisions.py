"""Decisions on what a machine suggests: accept, reject, take back.

Each is one POST that calls one verb. They are made on the photograph's page and in
the review queue; whoever asks goes back where they were, or on to the next.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from archive import review
from archive.errors import ArchiveError
from archive.models import Derivative, Photograph, Suggestion
from archive.review_queue import Queue
from archive.views import sitting
from archive.views.access import SignedInRequest, next_address, permitted
from archive.vocabularies import Purpose

_TAG, _COLOUR = "suggestion", "colorization"


@require_POST
@permitted("archive.review_photograph")
def accept_suggestion(request: SignedInRequest, pk: int) -> HttpResponse:
    """Accept a suggested term: it becomes part of the record."""
    suggestion = _suggestion(pk)
    return _decide(
        request,
        suggestion.photograph,
        lambda: review.accept_suggestion(suggestion, by=request.user),
        f"Accepted “{suggestion.term.label}”",
        (_TAG, pk),
    )


@require_POST
@permitted("archive.review_photograph")
def reject_suggestion(request: SignedInRequest, pk: int) -> HttpResponse:
    """Reject a suggested term; no later run revives it."""
    suggestion = _suggestion(pk)
    return _decide(
        request,
        suggestion.photograph,
        lambda: review.reject_suggestion(
            suggestion, by=request.user, reason=request.POST.get("reason", "")
        ),
        f"Rejected “{suggestion.term.label}”",
        (_TAG, pk),
    )


@require_POST
@permitted("archive.review_photograph")
def undo_suggestion(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the decision on a suggested term back."""
    suggestion = _suggestion(pk)
    return _undo(
        request,
        suggestion.photograph,
        lambda: review.undo_suggestion(suggestion, by=request.user),
        (_TAG, pk),
    )


@require_POST
@permitted("archive.review_photograph")
def accept_colorization(request: SignedInRequest, pk: int) -> HttpResponse:
    """Accept a colorization as the archive's interpretation."""
    colorization = _colorization(pk)
    return _decide(
        request,
        colorization.master.photograph,
        lambda: review.accept_colorization(
            colorization, by=request.user, reason=request.POST.get("reason", "")
        ),
        "Accepted the colours",
        (_COLOUR, pk),
    )


@require_POST
@permitted("archive.review_photograph")
def reject_colorization(request: SignedInRequest, pk: int) -> HttpResponse:
    """Reject a colorization; the same recipe is never offered again."""
    colorization = _colorization(pk)
    return _decide(
        request,
        colorization.master.photograph,
        lambda: review.reject_colorization(
            colorization, by=request.user, reason=request.POST.get("reason", "")
        ),
        "Rejected the colours",
        (_COLOUR, pk),
    )


@require_POST
@permitted("archive.review_photograph")
def undo_colorization(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the decision on a colorization back."""
    colorization = _colorization(pk)
    return _undo(
        request,
        colorization.master.photograph,
        lambda: review.undo_colorization(colorization, by=request.user),
        (_COLOUR, pk),
    )


@require_POST
@permitted("archive.review_photograph")
def undo_last(request: SignedInRequest) -> HttpResponse:
    """Take back the last decision of this sitting, and show what it was about."""
    last = sitting.last(request)
    if last is None:
        messages.info(request, "There is no decision of this sitting to take back.")
        return redirect(queue_address(Queue.named_in(request.POST)))
    if last.kind == _TAG:
        return undo_suggestion(request, last.pk)
    return undo_colorization(request, last.pk)


def queue_address(queue: Queue, at: int | None = None) -> str:
    """Return the address of the queue, opened at a photograph."""
    words = queue.words | ({"at": at} if at else {})
    address = reverse("archive:review")
    return f"{address}?{urlencode(words)}" if words else address


def _decide(
    request: SignedInRequest,
    photograph: Photograph,
    verb: Callable[[], Any],
    deed: str,
    thing: tuple[str, int],
) -> HttpResponse:
    try:
        verb()
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
        return _back(request, photograph)
    sitting.remember(
        request,
        sitting.Decision(*thing, photograph.pk, photograph.reference_code, deed),
    )
    if not _in_queue(request):
        messages.success(request, f"{deed}.")
        return _back(request, photograph)
    queue = Queue.named_in(request.POST)
    if queue.still_asks(photograph.pk):
        return redirect(queue_address(queue, photograph.pk))
    # Past the end the queue begins again with what was skipped.
    onward = queue.following(photograph.pk) or queue.following(0)
    return redirect(queue_address(queue, onward[0] if onward else None))


def _undo(
    request: SignedInRequest,
    photograph: Photograph,
    verb: Callable[[], Any],
    thing: tuple[str, int],
) -> HttpResponse:
    try:
        verb()
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
    else:
        if not _in_queue(request):
            messages.success(request, "Took the decision back: it waits again.")
    sitting.forget(request, *thing)
    return _back(request, photograph)


def _in_queue(request: SignedInRequest) -> bool:
    return "queue" in request.POST


def _back(request: SignedInRequest, photograph: Photograph) -> HttpResponse:
    if _in_queue(request):
        return redirect(queue_address(Queue.named_in(request.POST), photograph.pk))
    return redirect(next_address(request, photograph.get_absolute_url()))


def _suggestion(pk: int) -> Suggestion:
    found: Suggestion = get_object_or_404(
        Suggestion.objects.select_related("photograph", "term"), pk=pk
    )
    return found


def _colorization(pk: int) -> Derivative:
    found: Derivative = get_object_or_404(
        Derivative.objects.select_related("master__photograph"),
        pk=pk,
        purpose=Purpose.COLORIZATION,
    )
    return found
