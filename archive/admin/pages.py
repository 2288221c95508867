"""What administration pages share: refusals as messages, and pages only to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from archive.errors import ArchiveError, Refusal
from archive.extensions import Outcome
from archive.vocabularies import Purpose

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from archive.models import Derivative, MasterFile

SENTENCES_SHOWN = 10
THUMBNAIL_HEIGHT = 72


class CatalogueAdmin(admin.ModelAdmin[Any]):
    """A page whose refusals are sentences, not errors."""

    show_full_result_count = False
    list_per_page = 50

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form or store it; a verb's refusal is told on the same page."""
        try:
            answer: HttpResponse = super().changeform_view(
                request, object_id, form_url, extra_context
            )
        except ArchiveError as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
            shown = request.get_full_path()
            return HttpResponseRedirect(
                shown if request.method == "POST" else reverse("admin:index")
            )
        return answer

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Ask or delete; a verb's refusal is told on the thing's page."""
        try:
            answer: HttpResponse = super().delete_view(
                request, object_id, extra_context
            )
        except ArchiveError as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
            return HttpResponseRedirect("../change/")
        return answer

    def tell(self, request: HttpRequest, label: object, outcome: Outcome) -> None:
        """Report how many were done, and the reasons for those that were not."""
        refused = len(outcome.refusals)
        self.message_user(
            request,
            _("%(action)s: %(done)d done, %(left)d left out.")
            % {"action": label, "done": outcome.done, "left": refused},
            messages.WARNING if refused else messages.SUCCESS,
        )
        for refusal in outcome.refusals[:SENTENCES_SHOWN]:
            self.message_user(request, refusal.sentence, messages.WARNING)
        if refused > SENTENCES_SHOWN:
            self.message_user(
                request,
                _("… and %(count)d more left out.")
                % {"count": refused - SENTENCES_SHOWN},
                messages.WARNING,
            )


class ReadOnlyAdmin(CatalogueAdmin):
    """A page about things that nobody adds, changes or deletes by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Any | None = None
    ) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Any | None = None
    ) -> bool:
        """Refuse."""
        return False


def person(request: HttpRequest) -> User:
    """Return who asks; nobody reaches the administration without signing in."""
    user: User = request.user  # type: ignore[assignment]
    return user


def each(things: Iterable[Any], verb: Callable[[Any], object]) -> Outcome:
    """Do something to each of many; those that refuse are left out and told of."""
    done, refusals = 0, []
    for thing in things:
        try:
            verb(thing)
        except ArchiveError as refusal:
            refusals.append(Refusal(thing.pk, refusal.code, refusal.sentence))
        else:
            done += 1
    return Outcome(done, refusals)


def thumbnail(master: MasterFile | None) -> SafeString | str:
    """Return a small picture of a master, whose derivatives should be prefetched."""
    copies = list(master.derivatives.all()) if master else []
    shown = next((c for c in copies if c.purpose == Purpose.THUMBNAIL), None)
    return picture(shown) if shown else "–"


def picture(shown: Derivative) -> SafeString:
    """Return a derivative as a small picture of known size."""
    height = min(THUMBNAIL_HEIGHT, shown.height)
    return format_html(
        '<img src="{}" width="{}" height="{}" alt="{}" loading="lazy">',
        reverse("archive:derivative", args=[shown.pk]),
        max(1, round(shown.width * height / shown.height)),
        height,
        _("%(purpose)s of %(name)s")
        % {
            "purpose": shown.get_purpose_display(),
            "name": shown.master.original_name,
        },
    )
