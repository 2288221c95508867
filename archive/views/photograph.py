"""The page of a photograph, and the verbs for it as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive import edits, extensions, policy, publishing
from archive.date_words import FORMS
from archive.errors import ArchiveError
from archive.listing import Listing
from archive.models import Collection, Photograph, Suggestion
from archive.views import plates, story
from archive.views.access import SignedInRequest, next_address, permitted
from archive.views.description_form import DescriptionForm, reading_of
from archive.vocabularies import Policy, ReviewState, Side


@dataclass(frozen=True)
class Restriction:
    """One kind of restriction, as it stands for a photograph.

    Attributes:
        policy: which.
        own: whether the photograph carries the flag itself.
        above: the collections above it that carry the flag, the highest first.
    """

    policy: Policy
    own: bool
    above: list[Collection]

    @property
    def holds(self) -> bool:
        """Whether it holds, from wherever."""
        return self.own or bool(self.above)


@require_safe
@permitted("archive.view_photograph")
def photograph(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the photograph, its description, and everything that waits and happened."""
    found = get_object_or_404(
        plates.with_plates(
            Photograph.objects.select_related("collection", "publication__published_by")
        ),
        pk=pk,
    )
    return render(request, "photograph/page.html", context(request, found))


def context(
    request: HttpRequest, found: Photograph, form: DescriptionForm | None = None
) -> dict[str, Any]:
    """Return what the page shows of a photograph fetched with its plates.

    Args:
        request: names the side, the colorization and how much of the story.
        found: the photograph.
        form: the description as someone wrote it, where it could not be saved.
    """
    side = Side.VERSO if request.GET.get("side") == Side.VERSO else Side.RECTO
    if side is Side.VERSO and found.verso is None:
        side = Side.RECTO
    plate = plates.plate(
        found,
        side,
        choice=_key(request.GET.get("colour", "")),
        against=_key(request.GET.get("against", "")),
    )
    above = Collection.objects.get_ancestors(found.collection)
    ancestry = [*above, found.collection]
    listing = Listing.of_address(request.GET, found)
    listed = listing.words() if "list" in request.GET else ""
    whole_story = request.GET.get("story") == "whole"
    entries, more = story.told(found, whole=whole_story)
    form = form or DescriptionForm(found)
    return {
        "photograph": found,
        "here": _here(found, plate, listed),
        "listed": f"&{listed}" if listed else "",
        "ancestry": ancestry,
        "neighbours": _neighbours(found, listing, listed),
        "plate": plate,
        "side": side,
        "form": form,
        "date_forms": FORMS,
        "new_term": " ".join(request.GET.get("new_term", "").split())[:200],
        "undoable": _undoable(request, found),
        "reading": reading_of(str(form["date_text"].value() or "")),
        "assignments": found.assignments.select_related(
            "term", "assigned_by", "suggestion"
        ).order_by("term__label"),
        "suggestions": suggestions_of(found),
        "restrictions": _restrictions(found, ancestry),
        "publication": getattr(found, "publication", None),
        "panels": [
            {"template": panel.template, "context": panel.context(request, found)}
            for panel in extensions.photograph_panels.values()
        ],
        "story": entries,
        "more_story": more,
    }


def suggestions_of(found: Photograph) -> list[Suggestion]:
    """Return the machine's suggestions that stand or were decided on, best first."""
    return list(
        found.suggestions.exclude(
            state__in=[ReviewState.SUPERSEDED, ReviewState.BLOCKED]
        )
        .select_related("term__machine_word__stands_for", "decided_by")
        .order_by("-score", "pk")
    )


@require_POST
@permitted("archive.restrict_photograph")
def restrict(request: SignedInRequest, pk: int) -> HttpResponse:
    """Set or lift one of the photograph's own restrictions."""
    found = get_object_or_404(Photograph, pk=pk)
    name, value = request.POST.get("policy", ""), request.POST.get("value") == "on"
    if name not in Policy.values:
        messages.error(request, _("Choose one of the restrictions on the page."))
        return redirect(next_address(request, found.get_absolute_url()))
    chosen = Policy(name)
    changed = policy.restrict(
        Photograph.objects.filter(pk=pk), chosen, value, by=request.user
    )
    if changed:
        said = (
            _("Set the restriction “%(restriction)s”.")
            if value
            else _("Lifted the restriction “%(restriction)s”.")
        )
        messages.success(request, said % {"restriction": chosen.label})
    return redirect(next_address(request, found.get_absolute_url()))


@require_POST
@permitted("archive.publish_photograph")
def publish(request: SignedInRequest, pk: int) -> HttpResponse:
    """Publish the record as it stands."""
    found = get_object_or_404(Photograph.objects.select_related("collection"), pk=pk)
    try:
        publishing.publish(found, by=request.user)
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
    else:
        said = _("Published %(code)s.") % {"code": found.reference_code}
        messages.success(request, said)
    return redirect(next_address(request, found.get_absolute_url()))


@require_POST
@permitted("archive.publish_photograph")
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the photograph out of publication."""
    found = get_object_or_404(Photograph, pk=pk)
    try:
        publishing.withdraw(
            found, by=request.user, reason=request.POST.get("reason", "")
        )
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
    else:
        said = _("Withdrew %(code)s from publication.")
        messages.success(request, said % {"code": found.reference_code})
    return redirect(next_address(request, found.get_absolute_url()))


def _undoable(request: HttpRequest, found: Photograph) -> dict[str, Any] | None:
    """Return what the person may undo, in words, and when it was saved."""
    if not request.user.is_authenticated:
        return None
    step = edits.undoable(found, request.user)
    if step is None:
        return None
    # The words of a date and how they are understood are one thing to their writer.
    named = [
        n for n in step.changes if n != "date_edtf" or "date_text" not in step.changes
    ]
    return {"fields": [story.field_label(name) for name in named], "at": step.at}


def _key(text: str) -> int | None:
    """Return the primary key that an address names, if it names one."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _here(found: Photograph, plate: plates.Plate | None, listed: str) -> str:
    """Return the address that shows the same side in the same colours again."""
    words = {}
    if plate is not None and plate.master.side != Side.RECTO:
        words["side"] = plate.master.side
    if plate is not None and plate.chosen:
        words["colour"] = str(plate.chosen.colorization.pk)
    if plate is not None and plate.against:
        words["against"] = str(plate.against.colorization.pk)
    written = "&".join(part for part in (urlencode(words), listed) if part)
    address = found.get_absolute_url()
    return f"{address}?{written}" if written else address


def _neighbours(found: Photograph, listing: Listing, listed: str) -> dict[str, Any]:
    """Return the previous and next photograph of the list, and the place in it."""
    place = listing.position(found)
    return {
        "previous": listing.neighbour(found, backwards=True),
        "next": listing.neighbour(found, backwards=False),
        "place": place,
        "count": listing.count(),
        "listed": f"?{listed}" if listed else "",
        "back": listing.address(place, found),
    }


def _restrictions(found: Photograph, ancestry: list[Collection]) -> list[Restriction]:
    return [
        Restriction(
            each,
            getattr(found, each.value),
            [above for above in ancestry if getattr(above, each.value)],
        )
        for each in Policy
    ]
