"""What the templates of the archive's pages need."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import template
from django.conf import settings
from django.template.defaultfilters import stringfilter
from django.urls import reverse
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext_lazy as _

from archive import batches, extensions, gallery, sentences
from archive.extensions import NavigationEntry
from archive.vocabularies import (
    AccessionState,
    BatchOutcome,
    BatchState,
    ItemOutcome,
)

if TYPE_CHECKING:
    from django.http import HttpRequest

    from archive.models import Batch, Collection, Photograph, Term
    from archive.tree import Branch

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

BATCH_SHAPES = {
    BatchState.PLANNING: "running",
    BatchState.PLANNED: "waiting",
    BatchState.APPLYING: "running",
    BatchState.APPLIED: "done",
    BatchState.FAILED: "failed",
}

BATCH_OUTCOME_SHAPES = {
    BatchOutcome.WAITING: "waiting",
    BatchOutcome.DONE: "done",
    BatchOutcome.UNCHANGED: "new",
    BatchOutcome.REFUSED: "failed",
    BatchOutcome.LEFT: "stopped",
}

PLACES = (
    NavigationEntry("archive:desk", _("Desk")),
    NavigationEntry("archive:collections", _("Collections")),
    NavigationEntry("archive:ingest", _("Ingest")),
    NavigationEntry("archive:review", _("Review")),
)
LAST_PLACES = (
    NavigationEntry("archive:terms", _("Terms")),
    NavigationEntry("archive:batches", _("Batches")),
)


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


@register.simple_tag
def language_tag() -> str:
    """Return the language of the page as HTML names it: `en-GB`, `de`."""
    return to_locale(_spoken()).replace("_", "-")


@register.simple_tag
def script_words() -> str:
    """Return the address of the scripts' words in the language of the page."""
    return reverse("archive:script_words", args=[_spoken()])


@register.inclusion_tag("partials/language.html", takes_context=True)
def language_choice(context: dict[str, Any]) -> dict[str, Any]:
    """Show the languages, each by its own name."""
    return {
        "languages": settings.LANGUAGES,
        "spoken": _spoken(),
        "here": context["request"].get_full_path(),
        "csrf_token": context.get("csrf_token", ""),
    }


def _spoken() -> str:
    return get_language() or settings.LANGUAGE_CODE


@register.filter
def share_cells(branch: Branch) -> SafeString:
    """Return the cells that say how far a collection's photographs have come.

    A whole tree has a thousand: as a template they took half of the page's time.
    """
    total = branch.counts["photographs"]
    cells = []
    # Digits and what groups them: there is nothing to escape.
    for count, words in branch.numbers:
        none = "" if count else " none"
        bar = f'<progress max="{total}" value="{count}" aria-hidden="true">'
        cell = f"{words} {bar}</progress>" if total else words
        cells.append(f'<td class="number share{none}">{cell}</td>')
    return SafeString("\n".join(cells))


@register.simple_tag
def tree_words(create: str) -> dict[str, str]:
    """Return what `tree_verbs` says of every collection, translated once.

    Args:
        create: the address at which a collection is created; empty where it may not.
    """
    words = {"edit": _("Edit"), "move": _("Move"), "add": _("Add below")}
    return {key: escape(word) for key, word in words.items()} | {"create": create}


@register.simple_tag
def tree_verbs(branch: Branch, place: str, words: dict[str, str]) -> SafeString:
    """Return the links by which a collection of the tree is changed."""
    name = escape(branch.name)
    to = '<a class="button quiet small"'
    of = f'<span class="hidden-visually"> {name}</span></a>'
    links = [
        f'{to} href="{place}edit/">{words["edit"]}{of}',
        f'{to} data-carry data-name="{name}" href="{place}move/">{words["move"]}{of}',
    ]
    if words["create"]:
        below = f"{words['create']}?below={branch.key}"
        links.append(f'{to} href="{below}">{words["add"]}{of}')
    return SafeString("\n".join(links))


@register.filter
@stringfilter
def translated(sentence: str) -> str:
    """Return a sentence that is stored in English in the language of the page."""
    return sentences.translated(sentence)


@register.filter
def term_label(term: Term) -> str:
    """Return a term as the page says it: a machine's word in the page's language."""
    return sentences.word(term)


@register.filter
def machine_label(label: str) -> str:
    """Return a tagger's word in the language of the page; as it is if not known."""
    return sentences.machine_word(label)


@register.filter
def batch_title(batch: Batch) -> str:
    """Return what a batch does in the language of the page."""
    return batches.title_of(batch)


@register.filter
def linked(collections: list[Collection]) -> str:
    """Return the reference codes of collections, each leading to its page."""
    return format_html_join(
        ", ",
        '<a href="{}" hx-boost="false">{}</a>',
        ((each.get_absolute_url(), each.reference_code) for each in collections),
    )


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


@register.simple_tag
def gallery_address(photograph: Photograph) -> str:
    """Return where strangers see a published photograph; "" while they do not."""
    if gallery.opened() is None:
        return ""
    if not gallery.publications().filter(photograph=photograph).exists():
        return ""
    return reverse("archive:gallery_plate", args=[photograph.pk])


@register.filter
def state_shape(state: str) -> str:
    """Return the shape that stands for the state of a run of ingest."""
    return ACCESSION_SHAPES[AccessionState(state)]


@register.filter
def outcome_shape(outcome: str) -> str:
    """Return the shape that stands for what became of a file."""
    return OUTCOME_SHAPES[ItemOutcome(outcome)]


@register.filter
def batch_shape(state: str) -> str:
    """Return the shape that stands for the state of a batch."""
    return BATCH_SHAPES[BatchState(state)]


@register.filter
def batch_outcome_shape(outcome: str) -> str:
    """Return the shape that stands for what became of an item of a batch."""
    return BATCH_OUTCOME_SHAPES[BatchOutcome(outcome)]


@register.filter
def in_words(duration: dt.timedelta | None) -> str:
    """Return a duration as one says it: "about 3 minutes"; "" where there is none."""
    if duration is None:
        return ""
    seconds = duration.total_seconds()
    if seconds >= 3600:
        hours = max(1, round(seconds / 3600))
        return ngettext("about %(n)d hour", "about %(n)d hours", hours) % {"n": hours}
    if seconds >= 60:
        minutes = max(1, round(seconds / 60))
        return ngettext("about %(n)d minute", "about %(n)d minutes", minutes) % {
            "n": minutes
        }
    left = max(1, round(seconds))
    return ngettext("about %(n)d second", "about %(n)d seconds", left) % {"n": left}
