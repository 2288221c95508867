"""Accessions: runs of ingest, from a folder of the server or from what is sent in."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from archive import ingest
from archive.api.fields import KeyField, person
from archive.api.filtering import Filter, Ordering
from archive.api.views import CatalogueViewSet
from archive.models import Accession, AccessionItem, Collection
from archive.vocabularies import AccessionState, ItemOutcome


class OutcomeCountsSerializer(serializers.Serializer[Any]):
    """How many files there are of each outcome."""

    new = serializers.IntegerField()
    ingested = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    unreadable = serializers.IntegerField()
    failed = serializers.IntegerField()


class AccessionSerializer(serializers.ModelSerializer[Any]):
    """A run of ingest, and how far it has come."""

    started_by = person("started_by")
    counts = serializers.SerializerMethodField()

    class Meta:
        """All of it."""

        model = Accession
        fields: tuple[str, ...] = (
            "id",
            "collection",
            "source",
            "uploaded",
            "state",
            "reason",
            "started_by",
            "started_at",
            "finished_at",
            "counts",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(OutcomeCountsSerializer)
    def get_counts(self, accession: Any) -> dict[str, int]:
        """Return how many files there are of each outcome."""
        return {
            outcome.value: getattr(accession, f"items_{outcome.value}")
            for outcome in ItemOutcome
        }


class AccessionItemSerializer(serializers.ModelSerializer[Any]):
    """One file: what it is, and what became of it."""

    class Meta:
        """All but the accession."""

        model = AccessionItem
        fields: tuple[str, ...] = (
            "id",
            "path",
            "size_bytes",
            "sha256",
            "outcome",
            "code",
            "reason",
            "note",
            "photograph",
        )
        read_only_fields: tuple[str, ...] = fields


class FolderSerializer(serializers.Serializer[Any]):
    """A folder to examine, and where its photographs belong."""

    collection = KeyField(queryset=Collection.objects.all())
    folder = serializers.CharField(
        max_length=1000, help_text="On the machine that the archive runs on."
    )


class AccessionFilter(Filter):
    """Accessions by collection and state."""

    state = django_filters.ChoiceFilter(choices=AccessionState.choices)
    ordering = Ordering(fields=["started_at"])

    class Meta:
        """Exact matches."""

        model = Accession
        fields = ("collection", "uploaded")


class ItemFilter(Filter):
    """Files by outcome."""

    outcome = django_filters.ChoiceFilter(choices=ItemOutcome.choices)
    code = django_filters.CharFilter(max_length=60)


class AccessionViewSet(
    mixins.RetrieveModelMixin, mixins.ListModelMixin, CatalogueViewSet
):
    """Ingest: examine first, read the report, then ingest."""

    queryset = Accession.objects.select_related("started_by")
    serializer_class = AccessionSerializer
    filterset_class = AccessionFilter
    reading = "archive.view_accession"
    needs: ClassVar = dict.fromkeys(
        ("create", "ingest", "cancel"), "archive.ingest_photograph"
    )

    def get_queryset(self) -> Any:
        """Count the files of each outcome."""
        return (
            super()
            .get_queryset()
            .annotate(**{f"items_{o.value}": counted(o) for o in ItemOutcome})
        )

    @extend_schema(request=FolderSerializer, responses={202: AccessionSerializer})
    def create(self, request: Request) -> Response:
        """Have a folder of the server examined: a dry run, whose report are the items.

        Nothing enters the archive before it is told to ingest.
        """
        wanted = FolderSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        accession = ingest.open_folder(
            wanted.validated_data["folder"],
            wanted.validated_data["collection"],
            by=self.person,
        )
        ingest.start_examination(accession)
        return self._as_it_stands(accession, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: AccessionSerializer})
    @action(detail=True, methods=["post"])
    def ingest(self, request: Request, **_kwargs: Any) -> Response:
        """Ingest every file that is new; again for those that failed."""
        accession = self.get_object()
        ingest.start_ingest(accession)
        return self._as_it_stands(accession, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=AccessionSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **_kwargs: Any) -> Response:
        """Stop; what has been ingested stays."""
        accession = self.get_object()
        ingest.cancel(accession)
        return self._as_it_stands(accession)

    @extend_schema(responses=AccessionItemSerializer(many=True))
    @action(detail=True, filterset_class=ItemFilter)
    def items(self, request: Request, pk: str) -> Response:
        """The report: each file and what became of it."""
        accession = get_object_or_404(Accession, pk=pk)
        files = self.filter_queryset(accession.items.all())
        page = self.paginate_queryset(files)
        answer = AccessionItemSerializer(page, many=True)
        return self.get_paginated_response(answer.data)

    def _as_it_stands(self, accession: Accession, code: int = 200) -> Response:
        fresh = self.get_queryset().get(pk=accession.pk)
        return Response(self.get_serializer(fresh).data, status=code)


def counted(outcome: ItemOutcome) -> Any:
    """Return the number of an accession's files of an outcome, as a subquery."""
    same = AccessionItem.objects.filter(accession=OuterRef("pk"), outcome=outcome)
    return Coalesce(
        Subquery(
            same.order_by().values("accession").annotate(n=Count("pk")).values("n")
        ),
        0,
    )
