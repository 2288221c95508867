"""Master files: scans as they were received, sent in and handed out."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django.conf import settings
from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from archive import ingest
from archive.api.accessions import AccessionItemSerializer
from archive.api.contents import CONTENT, AnyRenderer, stored
from archive.api.fields import Document, KeyField
from archive.api.filtering import Filter, Ordering
from archive.api.parsers import BoundedMultiPartParser
from archive.api.problems import STATUS_OF_CODE, problem
from archive.api.throttles import UploadThrottle
from archive.api.views import CatalogueViewSet
from archive.ingest.incoming import client_name
from archive.models import Accession, AccessionItem, Collection, MasterFile, Photograph
from archive.views import files
from archive.vocabularies import ItemOutcome, Side

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.core.files.uploadedfile import UploadedFile

MOST_FILES = 20  # they are ingested while the client waits


class MasterSerializer(serializers.ModelSerializer[Any]):
    """A master: what was measured of it at ingest."""

    content = serializers.HyperlinkedIdentityField(
        view_name="api:master-content", help_text="Where to download it."
    )

    class Meta:
        """All but the embedded metadata."""

        model = MasterFile
        fields: tuple[str, ...] = (
            "id",
            "photograph",
            "side",
            "sha256",
            "size_bytes",
            "width",
            "height",
            "bit_depth",
            "mode",
            "media_type",
            "pages",
            "orientation",
            "icc_profile",
            "original_name",
            "perceptual_hash",
            "ingested_at",
            "content",
        )
        read_only_fields: tuple[str, ...] = fields


class MasterDetailSerializer(MasterSerializer):
    """A master with the metadata that was embedded in it."""

    embedded = Document()

    class Meta(MasterSerializer.Meta):
        """All of it."""

        fields: tuple[str, ...] = (*MasterSerializer.Meta.fields, "embedded")
        read_only_fields: tuple[str, ...] = fields


class UploadSerializer(serializers.Serializer[Any]):
    """Files to ingest, and where their photographs belong."""

    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True, max_length=500),
        min_length=1,
        max_length=MOST_FILES,
        help_text="Scans, and CSV files that describe them.",
    )
    collection = KeyField(queryset=Collection.objects.all(), required=False)
    photograph = KeyField(queryset=Photograph.objects.all(), required=False)
    side = serializers.ChoiceField(choices=Side.choices, default=Side.VERSO)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for a collection, or for a photograph and one file.

        Raises:
            ValidationError: it is not said where the files belong.
        """
        if ("collection" in attrs) == ("photograph" in attrs):
            raise serializers.ValidationError(
                {"collection": "Name a collection, or a photograph that has a side."}
            )
        if "photograph" in attrs and len(attrs["files"]) > 1:
            raise serializers.ValidationError(
                {"files": "A side of a photograph is one file."}
            )
        return attrs


class UploadedSerializer(serializers.Serializer[Any]):
    """What became of the files."""

    accession = serializers.IntegerField(allow_null=True)
    photographs = serializers.ListField(child=serializers.IntegerField())
    items = AccessionItemSerializer(many=True)


class MasterFilter(Filter):
    """Masters by photograph, checksum and name."""

    original_name = django_filters.CharFilter(lookup_expr="icontains", max_length=500)
    ordering = Ordering(fields=["ingested_at", "size_bytes"])

    class Meta:
        """Exact matches."""

        model = MasterFile
        fields: tuple[str, ...] = (
            "photograph",
            "side",
            "sha256",
            "media_type",
            "perceptual_hash",
        )


class MasterViewSet(mixins.RetrieveModelMixin, mixins.ListModelMixin, CatalogueViewSet):
    """The scans of the archive; nothing ever changes one."""

    queryset = MasterFile.objects.order_by("-pk")
    serializer_class = MasterDetailSerializer
    filterset_class = MasterFilter
    reading = "archive.view_masterfile"
    parser_classes = [BoundedMultiPartParser]
    needs: ClassVar = {"create": "archive.ingest_photograph"}

    def get_throttles(self) -> list[Any]:
        """Count uploads apart: each costs disk and decoding."""
        throttles: list[Any] = super().get_throttles()
        return [*throttles, UploadThrottle()] if self.action == "create" else throttles

    def get_queryset(self) -> Any:
        """Leave the embedded metadata out of lists."""
        masters = super().get_queryset()
        return masters.defer("embedded") if self.action == "list" else masters

    def get_serializer_class(self) -> type[MasterSerializer]:
        """Return the short representation for lists."""
        return MasterSerializer if self.action == "list" else MasterDetailSerializer

    @extend_schema(request=UploadSerializer, responses={201: UploadedSerializer})
    def create(self, request: Request) -> Response:
        """Ingest one or several files, and tell what became of each.

        A single file that is not ingested is a problem, with the reason as its code;
        among several it is an item of the report, and the others go on. With
        `photograph`, the one file is another side of that photograph.
        """
        wanted = UploadSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values = wanted.validated_data
        if "photograph" in values:
            photograph = add_side(
                values["files"][0], values["photograph"], values["side"], by=self.person
            )
            return _uploaded(None, [], [photograph.pk])
        accession = ingest.receive_uploads(
            values["files"], values["collection"], by=self.person
        )
        ingest.examine_accession(accession)
        ingest.ingest(accession)
        items = list(accession.items.all())
        if len(values["files"]) == 1 and items[0].outcome != ItemOutcome.INGESTED:
            return _not_ingested(items[0])
        entered = [
            item.photograph_id
            for item in items
            if item.outcome == ItemOutcome.INGESTED and item.photograph_id
        ]
        return _uploaded(accession, items, entered)

    @extend_schema(responses=CONTENT)
    @action(detail=True, renderer_classes=[AnyRenderer])
    def content(self, request: Request, pk: str) -> HttpResponseBase:
        """The scan as it was received, always a download."""
        return stored(files.master, request, self.get_object())


def add_side(
    upload: UploadedFile[bytes], photograph: Photograph, side: Side, *, by: User
) -> Photograph:
    """Ingest an uploaded file as another side of a photograph.

    Raises:
        ArchiveError: as `archive.ingest.ingest_file` does.
    """
    with tempfile.NamedTemporaryFile(dir=settings.INCOMING_DIR) as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        return ingest.ingest_file(
            Path(copy.name),
            photograph.collection,
            by=by,
            side=Side(side),
            photograph=photograph,
            original_name=client_name(upload.name),
        )


def _uploaded(
    accession: Accession | None, items: list[AccessionItem], photographs: list[int]
) -> Response:
    answer = UploadedSerializer(
        {
            "accession": accession.pk if accession else None,
            "photographs": photographs,
            "items": items,
        }
    )
    return Response(answer.data, status.HTTP_201_CREATED)


def _not_ingested(item: AccessionItem) -> Response:
    members: dict[str, Any] = (
        {"photograph": item.photograph_id} if item.photograph_id else {}
    )
    return problem(
        STATUS_OF_CODE.get(item.code, 422), item.code, item.reason, **members
    )
