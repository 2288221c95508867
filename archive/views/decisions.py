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
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from archive import alike, review, sentences, together
from archive.errors import ArchiveError
from archive.models import Derivative, Photograph, ReviewBatch, Suggestion
from archive.review_queue import Queue
from archive.views import sitting
from archive.views.access import SignedInRequest, next_address, permitted
from archive.vocabularies import Purpose, ReviewState

_TAG, _COLOUR, _TOGETHER = "suggestion", "colorization", "together"


@require_POST
@permitted("archive.review_photograph")
def accept_suggestion(request: SignedInRequest, pk: int) -> HttpResponse:
    """Accept a suggested term: it becomes part of the record."""
    suggestion = _suggestion(pk)
    return _decide(
        request,
        suggestion.photograph,
        lambda: review.accept_suggestion(suggestion, by=request.user),
        _("Accepted “%(labels)s”") % {"labels": sentences.word(suggestion.term)},
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
        _("Rejected “%(labels)s”") % {"labels": sentences.word(suggestion.term)},
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
        _("Accepted the colours"),
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
        _("Rejected the colours"),
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
def decide_together(request: SignedInRequest) -> HttpResponse:
    """Take one decision for the same word, or the colours, of photographs alike."""
    photograph = get_object_or_404(Photograph, pk=_key(request.POST.get("at", "")))
    accepts = request.POST.get("decision") == ReviewState.ACCEPTED
    state = ReviewState.ACCEPTED if accepts else ReviewState.REJECTED
    keys = [_key(text) for text in request.POST.getlist("each")][: alike.MOST]
    tags = request.POST.get("kind") == _TAG
    words = _told_together(keys, tags=tags, accepts=accepts)
    decide = together.decide_suggestions if tags else together.decide_colorizations
    try:
        batch = decide(keys, state, by=request.user, words=words)
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
        return _back(request, photograph)
    deed = _("%(words)s on %(count)d photographs") % {
        "words": sentences.translated(words),
        "count": batch.size,
    }
    if batch.size < len(keys):
        messages.info(
            request,
            _("%(left)d of them had been decided on meanwhile and stay as they are.")
            % {"left": len(keys) - batch.size},
        )
    decision = sitting.Decision(
        _TOGETHER, batch.pk, photograph.pk, photograph.reference_code, deed
    )
    sitting.remember(request, decision)
    return _onward(request, photograph)


def _told_together(keys: list[int], *, tags: bool, accepts: bool) -> str:
    """Return in English, as it is kept with the batch, what is decided."""
    if not tags:
        return "Accepted the colours" if accepts else "Rejected the colours"
    labels = Suggestion.objects.filter(pk__in=keys).order_by("term__label")
    said = ", ".join(labels.values_list("term__label", flat=True).distinct())
    return f"Accepted “{said}”" if accepts else f"Rejected “{said}”"


@require_POST
@permitted("archive.review_photograph")
def undo_last(request: SignedInRequest) -> HttpResponse:
    """Take back the last decision of this sitting, and show what it was about."""
    last = sitting.last(request)
    if last is None:
        messages.info(request, _("There is no decision of this sitting to take back."))
        return redirect(queue_address(Queue.named_in(request.POST)))
    if last.kind == _TAG:
        return undo_suggestion(request, last.pk)
    if last.kind == _TOGETHER:
        batch = get_object_or_404(ReviewBatch, pk=last.pk)
        return _undo(
            request,
            get_object_or_404(Photograph, pk=last.photograph),
            lambda: together.undo(batch, by=request.user),
            (_TOGETHER, last.pk),
        )
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
    return _onward(request, photograph)


def _onward(request: SignedInRequest, photograph: Photograph) -> HttpResponse:
    """Go on in the queue: stay while anything waits here, then to the next."""
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
            messages.success(request, _("Took the decision back: it waits again."))
    sitting.forget(request, *thing)
    return _back(request, photograph)


def _key(text: str) -> int:
    """Return the primary key that a form names; 0, which is nothing's, where none."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


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
