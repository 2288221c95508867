"""Masters and derivatives: to look at, and colorizations to decide on."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from archive import review
from archive.admin.pages import ReadOnlyAdmin, each, person, picture, thumbnail
from archive.models import Derivative, MasterFile, Steering
from archive.vocabularies import Purpose


@admin.register(MasterFile)
class MasterFileAdmin(ReadOnlyAdmin):
    """Scans as they were received."""

    list_display = (
        "picture",
        "original_name",
        "photograph",
        "side",
        "media_type",
        "width",
        "height",
        "bit_depth",
        "mode",
        "ingested_at",
    )
    list_display_links = ("picture", "original_name")
    list_filter = ("side", "media_type", "bit_depth", "mode", "ingested_at")
    list_select_related = ("photograph",)
    search_fields = ("original_name", "sha256", "photograph__reference_code")
    ordering = ("-pk",)

    @admin.display(description=_("picture"))
    def picture(self, master: MasterFile) -> SafeString | str:
        """Return it, small."""
        return thumbnail(master)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Fetch the screen copies too."""
        copies = Derivative.objects.for_screens().select_related("master")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("derivatives", copies))
        )


@admin.register(Derivative)
class DerivativeAdmin(ReadOnlyAdmin):
    """What was made from masters; machines' interpretations are decided on."""

    list_display = (
        "picture",
        "master",
        "purpose",
        "made_by",
        "machine_interpretation",
        "review_state",
        "decided_by",
        "decided_at",
    )
    list_display_links = ("picture", "master")
    list_filter = ("purpose", "review_state", "machine_interpretation", "made_by")
    list_select_related = ("master", "decided_by")
    search_fields = ("sha256", "master__photograph__reference_code")
    ordering = ("-pk",)
    actions = ("accept", "reject", "undo")

    @admin.display(description=_("picture"))
    def picture(self, derivative: Derivative) -> SafeString | str:
        """Return it, small; a chroma plane alone shows nothing to a person."""
        if derivative.purpose == Purpose.COLORIZATION:
            composed = next(iter(derivative.compositions.all()), None)
            return picture(composed) if composed else "–"
        return picture(derivative)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Fetch what was composed from colorizations too."""
        composed = Derivative.objects.filter(
            purpose=Purpose.COLOUR_THUMBNAIL
        ).select_related("master")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("compositions", composed))
        )

    def has_review_permission(self, request: HttpRequest) -> bool:
        """Whether the person may decide."""
        return person(request).has_perm("archive.review_photograph")

    @admin.action(description=_("Accept"), permissions=["review"])
    def accept(self, request: HttpRequest, queryset: Any) -> None:
        """Accept the colorizations that wait."""
        outcome = each(
            queryset, lambda one: review.accept_colorization(one, by=person(request))
        )
        self.tell(request, _("Accept"), outcome)

    @admin.action(description=_("Reject"), permissions=["review"])
    def reject(self, request: HttpRequest, queryset: Any) -> None:
        """Reject the colorizations that wait."""
        outcome = each(
            queryset, lambda one: review.reject_colorization(one, by=person(request))
        )
        self.tell(request, _("Reject"), outcome)

    @admin.action(description=_("Undo the decision"), permissions=["review"])
    def undo(self, request: HttpRequest, queryset: Any) -> None:
        """Let decided colorizations wait again."""
        outcome = each(
            queryset, lambda one: review.undo_colorization(one, by=person(request))
        )
        self.tell(request, _("Undo the decision"), outcome)


@admin.register(Steering)
class SteeringAdmin(ReadOnlyAdmin):
    """What people said about the colours, state by state."""

    list_display = ("master", "number", "action", "strength", "by", "at")
    list_filter = ("action", "at")
    list_select_related = ("master", "by")
    search_fields = ("master__photograph__reference_code",)
    ordering = ("-pk",)
