"""Publications: what the archive has published, apart from the working record."""

from __future__ import annotations

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers

from archive.api.fields import Document, person
from archive.api.filtering import Filter, Ordering
from archive.api.machine import MachineMadeSerializer, of_derivative
from archive.api.views import CatalogueViewSet
from archive.models import Publication


class PublicationSerializer(serializers.ModelSerializer[Any]):
    """A published record, frozen as it was."""

    record = Document(help_text="Dublin Core.")
    published_by = person("published_by")
    colorization_made_by = serializers.SerializerMethodField()

    class Meta:
        """All of it."""

        model = Publication
        fields: tuple[str, ...] = (
            "id",
            "photograph",
            "record",
            "colorization",
            "colorization_made_by",
            "published_at",
            "published_by",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(MachineMadeSerializer(allow_null=True))
    def get_colorization_made_by(self, publication: Publication) -> Any:
        """Return the model that made the published colours."""
        colorization = publication.colorization
        return of_derivative(colorization) if colorization else None


class PublicationFilter(Filter):
    """Publications by photograph and time."""

    since = django_filters.IsoDateTimeFilter(
        field_name="published_at", lookup_expr="gte"
    )
    ordering = Ordering(fields=["published_at"])

    class Meta:
        """Exact matches."""

        model = Publication
        fields: tuple[str, ...] = ("photograph",)


class PublicationViewSet(
    mixins.RetrieveModelMixin, mixins.ListModelMixin, CatalogueViewSet
):
    """What the public may see; published and withdrawn through photographs."""

    queryset = Publication.objects.select_related(
        "published_by", "colorization__source"
    ).order_by("-published_at", "-pk")
    serializer_class = PublicationSerializer
    filterset_class = PublicationFilter
    reading = "archive.view_publication"
