"""Events: what happened, to be read and never written."""

from __future__ import annotations

from typing import Any

import django_filters
from rest_framework import mixins, serializers

from archive.api.fields import Document, person
from archive.api.filtering import Filter, Ordering
from archive.api.views import CatalogueViewSet
from archive.models import Event
from archive.vocabularies import EventOutcome, EventType


class EventSerializer(serializers.ModelSerializer[Any]):
    """One thing that happened, in PREMIS terms."""

    type_uri = serializers.SerializerMethodField()
    agent = person("agent")
    changes = Document()

    class Meta:
        """All of it."""

        model = Event
        fields: tuple[str, ...] = (
            "id",
            "type",
            "type_uri",
            "outcome",
            "at",
            "agent",
            "software",
            "subject",
            "action",
            "collection",
            "photograph",
            "master",
            "derivative",
            "term",
            "batch",
            "changes",
            "note",
        )
        read_only_fields: tuple[str, ...] = fields

    def get_type_uri(self, event: Event) -> str:
        """Return the address of the type in the PREMIS vocabulary."""
        return EventType(event.type).uri


class EventFilter(Filter):
    """Events by subject, kind, person and time."""

    type = django_filters.ChoiceFilter(choices=EventType.choices)
    outcome = django_filters.ChoiceFilter(choices=EventOutcome.choices)
    collection = django_filters.NumberFilter(field_name="collection_id")
    agent = django_filters.CharFilter(field_name="agent__username", max_length=150)
    since = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")
    ordering = Ordering(fields=["at"])

    class Meta:
        """Exact matches."""

        model = Event
        fields: tuple[str, ...] = (
            "photograph",
            "master",
            "derivative",
            "term",
            "action",
            "subject",
        )


class EventViewSet(mixins.RetrieveModelMixin, mixins.ListModelMixin, CatalogueViewSet):
    """The record of everything that was done, newest first."""

    queryset = Event.objects.select_related("agent")
    serializer_class = EventSerializer
    filterset_class = EventFilter
    reading = "archive.view_event"
