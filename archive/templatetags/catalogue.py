"""What the templates of the archive's pages need."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import template
from django.urls import reverse

from archive import extensions
from archive.extensions import NavigationEntry
from archive.vocabularies import AccessionState, ItemOutcome

if TYPE_CHECKING:
    from django.http import HttpRequest

register = template.Library()

OUTCOME_SHAPES = {
    ItemOutcome.NEW: "new",
    ItemOutcome.INGESTED: "done",
    ItemOutcome.DUPLICATE: "stopped",
    ItemOutcome.UNREADABLE: "failed",
    ItemOutcome.FAILED: "failed",
}

ACCESSION_SHAPES = {
    AccessionState.EXAMINING: "running",
    AccessionState.EXAMINED: "waiting",
    AccessionState.INGESTING: "running",
    AccessionState.FINISHED: "done",
    AccessionState.CANCELLED: "stopped",
    AccessionState.FAILED: "failed",
}

PLACES = (
    NavigationEntry("archive:desk", "Desk"),
    NavigationEntry("archive:collections", "Collections"),
    NavigationEntry("archive:ingest", "Ingest"),
    NavigationEntry("archive:review", "Review"),
)
LAST_PLACES = (NavigationEntry("archive:terms", "Terms"),)


@register.inclusion_tag("partials/navigation.html", takes_context=True)
def navigation(context: dict[str, Any]) -> dict[str, Any]:
    """Show the places of the archive and of the applications that joined it."""
    here = context["request"].path
    entries = (*PLACES, *extensions.navigation.values(), *LAST_PLACES)
    addressed = [(reverse(entry.url_name), entry.label) for entry in entries]
    return {
        "places": [
            {
                "address": address,
                "label": label,
                "current": _current(here, address),
            }
            for address, label in addressed
        ]
    }


def _current(here: str, address: str) -> str:
    if here == address:
        return "page"
    return "true" if address != "/" and here.startswith(address) else ""


@register.simple_tag(takes_context=True)
def address_with(context: dict[str, Any], **changes: Any) -> str:
    """Return the address of this page with parts of its query changed.

    A part that becomes empty is left out. Any change but that of the page leads
    back to the first page.
    """
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    if "page" not in changes:
        query.pop("page", None)
    for name, value in changes.items():
        if value in ("", None):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"{request.path}?{query.urlencode()}" if query else request.path


@register.filter
def state_shape(state: str) -> str:
    """Return the shape that stands for the state of a run of ingest."""
    return ACCESSION_SHAPES[AccessionState(state)]


@register.filter
def outcome_shape(outcome: str) -> str:
    """Return the shape that stands for what became of a file."""
    return OUTCOME_SHAPES[ItemOutcome(outcome)]


@register.filter
def in_words(duration: dt.timedelta | None) -> str:
    """Return a duration as one says it: "about 3 minutes"; "" where there is none."""
    if duration is None:
        return ""
    seconds = duration.total_seconds()
    for unit, length in (("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds >= length or length == 1:
            number = max(1, round(seconds / length))
            return f"about {number} {unit}{'' if number == 1 else 's'}"
    return ""
