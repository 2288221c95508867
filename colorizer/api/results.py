"""Results: the machine's drafts, read from their own database and never written."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import django_filters
from django.db.models import Model
from rest_framework import mixins, serializers
from rest_framework.request import Request

from archive.api.fields import Document
from archive.api.filtering import Filter, Ordering
from archive.api.problems import STATUS_OF_CODE
from archive.api.views import CatalogueViewSet
from colorizer.results import drafts
from colorizer.results.models import ColorizationResult, TaggingResult

STATUS_OF_CODE[drafts.ResultsAway.code] = HTTPStatus.SERVICE_UNAVAILABLE

FACTS = (
    "id",
    "machine_made",
    "job_id",
    "photograph_id",
    "master_id",
    "input_sha256",
    "model_name",
    "model_version",
    "model_sha256",
    "parameters",
    "device",
    "attempt",
    "seconds",
    "operator",
    "created_at",
)


class DraftSerializer(serializers.ModelSerializer[Any]):
    """What a model made of a picture, before anyone looked at it."""

    machine_made = serializers.SerializerMethodField()
    parameters = Document()
    seconds = serializers.DictField(child=serializers.FloatField())

    def get_machine_made(self, draft: Model) -> bool:
        """Say so: every draft is a machine's."""
        return True


class ColorizationResultSerializer(DraftSerializer):
    """Colours that a model predicted, in figures."""

    statistics = serializers.DictField(child=serializers.FloatField())

    class Meta:
        """All of it."""

        model = ColorizationResult
        fields = (*FACTS, "chroma_sha256", "width", "height", "statistics")
        read_only_fields = fields


class TaggingResultSerializer(DraftSerializer):
    """The score of every label, and where those come from that are suggested."""

    scores = serializers.DictField(child=serializers.FloatField())
    thresholds = serializers.DictField(child=serializers.FloatField())
    regions = serializers.DictField(
        allow_null=True,
        child=serializers.ListField(
            child=serializers.ListField(child=serializers.IntegerField())
        ),
        help_text="Rows of 0-255 over the picture, 255 where most speaks for it.",
    )

    class Meta:
        """All of it."""

        model = TaggingResult
        fields = (*FACTS, "scores", "thresholds", "regions")
        read_only_fields = fields


class DraftFilter(Filter):
    """Drafts by what they were made of, and by which model."""

    photograph = django_filters.NumberFilter(field_name="photograph_id")
    job = django_filters.UUIDFilter(field_name="job_id")
    model_sha256 = django_filters.CharFilter(max_length=64)
    ordering = Ordering(fields=["created_at"])


class DraftViewSet(mixins.RetrieveModelMixin, mixins.ListModelMixin, CatalogueViewSet):
    """Drafts of one kind."""

    filterset_class = DraftFilter
    reading = "colorizer.view_job"
    lookup_value_regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Look whether the results database is there, once the person may ask.

        Raises:
            ResultsAway: it is not.
        """
        super().initial(request, *args, **kwargs)
        drafts.require_database()


class ColorizationResultViewSet(DraftViewSet):
    """What colorizers predicted."""

    queryset = ColorizationResult.objects.order_by("-created_at", "pk")
    serializer_class = ColorizationResultSerializer


class TaggingResultViewSet(DraftViewSet):
    """What taggers predicted."""

    queryset = TaggingResult.objects.defer("features").order_by("-created_at", "pk")
    serializer_class = TaggingResultSerializer
