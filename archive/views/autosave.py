"""Saving a description while it is being written, and undoing what was saved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from archive import edits
from archive.errors import ArchiveError
from archive.models import Photograph
from archive.views import story
from archive.views.access import SignedInRequest, next_address, permitted
from archive.views.description_form import DescriptionForm


@require_POST
@permitted("archive.change_photograph")
def autosave(request: SignedInRequest, pk: int) -> JsonResponse:
    """Save the fields that are sent, each beside what the person saw in it.

    One answer may say that some fields are saved and others not; so it is always 200.
    """
    found = get_object_or_404(Photograph, pk=pk)
    form = DescriptionForm(found, request.POST.dict())
    form.is_valid()
    sent = [name for name in Photograph.DESCRIPTIVE_FIELDS if name in request.POST]
    typed = {name: form.text(name) for name in sent if name in form.cleaned_data}
    seen = {name: form.seen(name) for name in typed}
    told: dict[str, Any] = {"saved": {}, "refused": {}, "conflicts": {}}
    told["refused"] = {
        name: " ".join(map(str, form.errors[name]))
        for name in sent
        if name not in typed
    }
    try:
        outcome = edits.save(found, typed, seen, by=request.user)
    except ArchiveError as refusal:
        told["refused"] |= dict.fromkeys(typed, refusal.sentence)
        return JsonResponse(told)
    current = found.descriptive_values()
    told["saved"] = {name: current[name] for name in outcome.saved}
    told["refused"] |= outcome.refused
    told["conflicts"] = {
        name: {"theirs": conflict.theirs, "said": _said(conflict)}
        for name, conflict in outcome.conflicts.items()
    }
    told["at"] = date_format(timezone.localtime(), "H:i")
    return JsonResponse(told)


@require_POST
@permitted("archive.change_photograph")
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back what the person changed last."""
    found = get_object_or_404(Photograph, pk=pk)
    try:
        step = edits.undo(found, by=request.user)
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
    else:
        names = story.listed([story.field_label(name) for name in step.changes])
        messages.success(
            request, _("Undid your change of: %(what)s.") % {"what": names}
        )
    return redirect(next_address(request, found.get_absolute_url()))


def _said(conflict: edits.Conflict) -> str:
    event = conflict.event
    if event is None:
        return _("Someone else changed this while you were writing.")
    who = story.named(event.agent) if event.agent else event.software
    when = date_format(timezone.localtime(event.at), "H:i")
    return _("%(who)s saved this at %(when)s while you were writing:") % {
        "who": who,
        "when": when,
    }
