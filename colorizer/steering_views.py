"""The page on which a person steers the colours of a photograph."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from http import HTTPStatus
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive import dyes
from archive import steering as hints
from archive.errors import ArchiveError, EditedMeanwhile
from archive.models import Derivative, Photograph, Steering
from archive.models.steering import STRONGEST
from archive.views.access import SignedInRequest, permitted, wants_part
from archive.vocabularies import Purpose
from colorizer import queues, steering
from colorizer.steering import View

_STEER = "archive.request_machine_vision"
_LOOK = "archive.view_photograph"


@require_safe
@permitted(_LOOK)
def steer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the picture with its hints, the palette and the strength."""
    found = _photograph(pk)
    try:
        seen = steering.view(found)
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
        return redirect(found)
    return render(request, "steering/page.html", _context(request, found, seen))


@require_safe
@permitted(_LOOK)
def picture(request: SignedInRequest, pk: int) -> HttpResponse:
    """Answer with the stage once the colours are there, or after a moment."""
    found = _photograph(pk)
    try:
        seen = steering.wait(steering.view(found))
    except ArchiveError as refusal:
        return HttpResponse(refusal.sentence, status=HTTPStatus.CONFLICT)
    context = _context(request, found, seen)
    context["only_picture"] = request.GET.get("number") == str(seen.state.number)
    return _parts(request, context)


@require_POST
@permitted(_STEER)
def ready(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have the worker load its model while the person looks at the picture."""
    _photograph(pk)
    queues.warm_vision_up()
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@require_POST
@permitted(_STEER)
def look(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for the colours of the state that stands."""
    return _steered(
        request, pk, lambda found, _words: hints.current(hints.front(found))
    )


@require_POST
@permitted(_STEER)
def place(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a hint at a point, or change the one that is named."""

    def verb(found: Photograph, words: dict[str, Any]) -> Steering:
        steering.require_hints(steering.model())
        named = _whole(request.POST.get("hint", ""))
        point: dict[str, Any] = {
            "x": _share(request.POST.get("x")),
            "y": _share(request.POST.get("y")),
        }
        for name in ("colour", "why"):
            if named is None or name in request.POST:
                point[name] = request.POST.get(name, "")
        if named is None:
            return hints.place(found, **point, **words)
        return hints.change(found, named, **point, **words)

    return _steered(request, pk, verb)


@require_POST
@permitted(_STEER)
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a hint away."""
    named = _whole(request.POST.get("hint", "")) or 0
    return _steered(
        request, pk, lambda found, words: hints.remove(found, named, **words)
    )


@require_POST
@permitted(_STEER)
def clear(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take every hint away."""
    return _steered(request, pk, lambda found, words: hints.clear(found, **words))


@require_POST
@permitted(_STEER)
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Go one change back."""
    return _steered(request, pk, lambda found, words: hints.undo(found, **words))


@require_POST
@permitted(_STEER)
def restore(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the last undoing back."""
    return _steered(request, pk, lambda found, words: hints.restore(found, **words))


@require_POST
@permitted(_STEER)
def strength(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make all colours weaker or stronger."""
    wanted = _whole(request.POST.get("strength", ""))
    return _steered(
        request,
        pk,
        lambda found, words: hints.set_strength(
            found, STRONGEST + 1 if wanted is None else wanted, **words
        ),
    )


@require_POST
@permitted(_STEER)
def propose(request: SignedInRequest, pk: int) -> HttpResponse:
    """Save the colours as they stand as a version, which then waits for review."""

    def verb(found: Photograph, words: dict[str, Any]) -> Steering:
        saved = steering.save(found, **words)
        messages.success(
            request,
            _("Saved as “%(name)s”; it awaits review.") % {"name": saved.name},
        )
        return hints.current(saved.master)

    return _steered(request, pk, verb, ask=False)


def _steered(
    request: SignedInRequest,
    pk: int,
    verb: Callable[[Photograph, dict[str, Any]], Steering],
    *,
    ask: bool = True,
) -> HttpResponse:
    """Do a verb, ask for the colours that it makes different, and show them."""
    found = _photograph(pk)
    number = _whole(request.POST.get("number", ""))
    words = {"number": -1 if number is None else number, "by": request.user}
    status = HTTPStatus.OK
    try:
        state = verb(found, words)
        if ask:
            steering.ask(state, steering.model(), by=request.user)
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
        overtaken = isinstance(refusal, EditedMeanwhile)
        status = HTTPStatus.CONFLICT if overtaken else HTTPStatus.UNPROCESSABLE_ENTITY
    if not wants_part(request):
        return redirect("colorizer:steer", pk)
    try:
        context = _context(request, found, steering.view(found))
    except ArchiveError as refusal:
        return HttpResponse(refusal.sentence, status=HTTPStatus.CONFLICT)
    return _parts(request, context, status)


def _parts(
    request: SignedInRequest, context: dict[str, Any], status: int = HTTPStatus.OK
) -> HttpResponse:
    response = render(request, "steering/parts.html", context, status=status)
    response["X-Steering-Number"] = str(context["view"].state.number)
    return response


def _context(request: SignedInRequest, found: Photograph, seen: View) -> dict[str, Any]:
    screens = Derivative.objects.filter(master=seen.state.master).order_by("-pk")
    original = screens.filter(purpose=Purpose.DISPLAY).first()
    # While the new colours are on their way the last ones stay.
    shown = seen.picture or screens.filter(purpose=Purpose.COLOUR_DISPLAY).first()
    return {
        "photograph": found,
        "view": seen,
        "state": seen.state,
        "hints": [
            {
                **hint,
                "name": dyes.name_of(hint["colour"]) or hint["colour"],
                "at": dt.datetime.fromisoformat(hint["at"]),
            }
            for hint in seen.state.hints
        ],
        "original": original,
        "shown": shown,
        "picture_colours": steering.palette(shown),
        "dyes": [
            (kind, list(same))
            for kind, same in groupby(dyes.DYES, key=lambda dye: dye.kind)
        ],
        "strongest": STRONGEST,
        "refusal": _refusal(found),
        "may_steer": request.user.has_perm(_STEER),
    }


def _refusal(found: Photograph) -> str:
    try:
        hints.require_permitted(found)
    except hints.Forbidden as refusal:
        return refusal.sentence
    return ""


def _photograph(pk: int) -> Photograph:
    found: Photograph = get_object_or_404(
        Photograph.objects.select_related("collection"), pk=pk
    )
    return found


def _share(text: str | None) -> float:
    """Return per cent of a side as a share; -1, which is refused, for no number."""
    try:
        return float((text or "").replace(",", ".")) / 100
    except ValueError:
        return -1.0


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None
