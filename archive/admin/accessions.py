"""Accessions: runs of ingest and their reports."""

from __future__ import annotations

from django.contrib import admin

from archive.admin.pages import ReadOnlyAdmin
from archive.models import Accession, AccessionItem


@admin.register(Accession)
class AccessionAdmin(ReadOnlyAdmin):
    """Runs of ingest, started on the pages or by command."""

    list_display = (
        "source",
        "collection",
        "state",
        "uploaded",
        "started_by",
        "started_at",
        "finished_at",
    )
    list_filter = ("state", "uploaded", "started_at")
    list_select_related = ("collection", "started_by")
    search_fields = ("source", "collection__reference_code")


@admin.register(AccessionItem)
class AccessionItemAdmin(ReadOnlyAdmin):
    """Each file of each run, and what became of it."""

    list_display = ("path", "accession", "outcome", "code", "photograph")
    list_filter = ("outcome", "code")
    list_select_related = ("accession", "photograph")
    search_fields = ("path", "sha256")
    ordering = ("-pk",)
