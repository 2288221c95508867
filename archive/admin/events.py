"""Events: the record of everything that was done."""

from __future__ import annotations

from django.contrib import admin

from archive.admin.pages import ReadOnlyAdmin
from archive.models import Event


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Read, never written."""

    list_display = ("at", "type", "action", "subject", "agent", "software", "outcome")
    list_display_links = ("at", "action")
    list_filter = ("type", "outcome", "at")
    list_select_related = ("agent",)
    search_fields = ("subject", "action", "note")
