"""The administration pages of machine vision: jobs and drafts.

The bulk actions on photographs are registered in `colorizer.actions`, so that the
catalogue's pages offer them without knowing of them.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from archive.admin.pages import SENTENCES_SHOWN, ReadOnlyAdmin, person
from colorizer import jobs
from colorizer.models import Job
from colorizer.results import drafts
from colorizer.results.models import ColorizationResult, TaggingResult


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """What models were asked to do, and how it went."""

    list_display = (
        "kind",
        "photograph",
        "state",
        "progress",
        "attempts",
        "reason",
        "checkpoint",
        "requested_by",
        "requested_at",
        "finished_at",
    )
    list_filter = ("state", "kind", "checkpoint", "reason_code", "requested_at")
    list_select_related = ("photograph", "requested_by")
    search_fields = ("photograph__reference_code", "reason")
    actions = ("cancel", "retry")

    def has_request_permission(self, request: HttpRequest) -> bool:
        """Whether the person may ask models for work."""
        return person(request).has_perm("archive.request_machine_vision")

    @admin.action(description=_("Cancel"), permissions=["request"])
    def cancel(self, request: HttpRequest, queryset: Any) -> None:
        """Cancel those that wait or run."""
        self._report(request, _("Cancel"), jobs.cancel(queryset, by=person(request)))

    @admin.action(description=_("Retry"), permissions=["request"])
    def retry(self, request: HttpRequest, queryset: Any) -> None:
        """Put those that failed, errored or were cancelled in the queue again."""
        self._report(request, _("Retry"), jobs.retry(queryset, by=person(request)))

    def _report(
        self, request: HttpRequest, label: object, changed: jobs.Changed
    ) -> None:
        left = len(changed.refusals)
        self.message_user(
            request,
            _("%(action)s: %(done)d done, %(left)d left out.")
            % {"action": label, "done": len(changed.done), "left": left},
            messages.WARNING if left else messages.SUCCESS,
        )
        for sentence in changed.refusals[:SENTENCES_SHOWN]:
            self.message_user(request, sentence, messages.WARNING)


class DraftAdmin(ReadOnlyAdmin):
    """Drafts of machines, in a database of their own that may be away."""

    list_display = ("id", "photograph_id", "model_name", "model_version", "created_at")
    search_fields = ("model_name",)
    ordering = ("-created_at", "pk")

    def has_view_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """Let those look who may look at jobs."""
        return person(request).has_perm("colorizer.view_job")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the section to the same."""
        return self.has_view_permission(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List the drafts, or say that their database is away."""
        try:
            if self.has_view_permission(request):
                drafts.require_database()
        except drafts.ResultsAway as away:
            self.message_user(request, away.sentence, messages.ERROR)
            return HttpResponseRedirect(reverse("admin:index"))
        answer: HttpResponse = super().changelist_view(request, extra_context)
        return answer

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return one draft.

        Raises:
            ResultsAway: their database does not answer.
        """
        drafts.require_database()
        return super().get_object(request, object_id, from_field)


@admin.register(ColorizationResult)
class ColorizationResultAdmin(DraftAdmin):
    """Colours that models predicted."""


@admin.register(TaggingResult)
class TaggingResultAdmin(DraftAdmin):
    """Scores that models gave."""
