"""Terms that people put on photographs."""

from __future__ import annotations

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers

from archive.api.fields import person
from archive.api.filtering import Filter, Ordering
from archive.api.machine import MachineMadeSerializer, of_suggestion
from archive.api.terms import TermStubSerializer
from archive.api.views import CatalogueViewSet
from archive.models import Assignment


class AssignmentSerializer(serializers.ModelSerializer[Any]):
    """A term of the record, and whether a machine had suggested it."""

    term = TermStubSerializer()
    assigned_by = person("assigned_by")
    machine_suggested = serializers.SerializerMethodField()
    suggested_by = serializers.SerializerMethodField()

    class Meta:
        """All of it."""

        model = Assignment
        fields: tuple[str, ...] = (
            "id",
            "photograph",
            "term",
            "assigned_by",
            "assigned_at",
            "machine_suggested",
            "suggested_by",
        )
        read_only_fields: tuple[str, ...] = fields

    def get_machine_suggested(self, assignment: Assignment) -> bool:
        """Whether the person accepted a machine's suggestion."""
        return assignment.suggestion_id is not None

    @extend_schema_field(MachineMadeSerializer(allow_null=True))
    def get_suggested_by(self, assignment: Assignment) -> dict[str, Any] | None:
        """Return the model that suggested it, if one did."""
        suggestion = assignment.suggestion
        return of_suggestion(suggestion) if suggestion else None


class AssignmentFilter(Filter):
    """Assignments by photograph, term and person."""

    assigned_by = django_filters.CharFilter(
        field_name="assigned_by__username", max_length=150
    )
    machine_suggested = django_filters.BooleanFilter(
        field_name="suggestion", lookup_expr="isnull", exclude=True
    )
    ordering = Ordering(fields=["assigned_at"])

    class Meta:
        """Exact matches."""

        model = Assignment
        fields: tuple[str, ...] = ("photograph", "term")


class AssignmentViewSet(
    mixins.RetrieveModelMixin, mixins.ListModelMixin, CatalogueViewSet
):
    """What people decided that photographs show; changed through photographs."""

    queryset = Assignment.objects.select_related(
        "term", "assigned_by", "suggestion"
    ).order_by("-id")
    serializer_class = AssignmentSerializer
    filterset_class = AssignmentFilter
    reading = "archive.view_assignment"
