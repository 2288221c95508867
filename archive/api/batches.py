"""Batches: many changes of photographs, previewed, applied and undone as one."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from archive import batches, spreadsheets
from archive.api.fields import Document, KeyField, person
from archive.api.filtering import Filter, Ordering
from archive.api.parsers import BoundedMultiPartParser
from archive.api.throttles import UploadThrottle
from archive.api.views import CatalogueViewSet
from archive.batches.operations import HOW, Operations, TextChange
from archive.batches.selections import Selection
from archive.batches.values import TEXTS
from archive.models import Batch, BatchItem, Collection
from archive.permissions import RolePermission
from archive.spreadsheets.reading import LARGEST_BYTES
from archive.vocabularies import BatchKind, BatchOutcome, BatchState

MOST_KEYS = 10_000


class BatchSerializer(serializers.ModelSerializer[Any]):
    """What was asked for, and how far it has come."""

    started_by = person("started_by")
    counts = Document(help_text="Changes by field, as previewed.")
    needs = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="Permissions that applying and undoing need.",
    )
    notes = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="Sentences about the whole of it.",
    )

    class Meta:
        """All but the file and the selection."""

        model = Batch
        fields: tuple[str, ...] = (
            "id",
            "kind",
            "state",
            "title",
            "counts",
            "needs",
            "notes",
            "total",
            "reverts",
            "started_by",
            "started_at",
            "applied_at",
            "finished_at",
        )
        read_only_fields: tuple[str, ...] = fields


class BatchItemSerializer(serializers.ModelSerializer[Any]):
    """One photograph or row: from what to what, and what became of it."""

    changes = Document(help_text="Field to [from, to]; terms as those gone and new.")

    class Meta:
        """All but the batch."""

        model = BatchItem
        fields: tuple[str, ...] = (
            "id",
            "row",
            "photograph",
            "code",
            "action",
            "outcome",
            "changes",
            "reason",
            "done_at",
        )
        read_only_fields: tuple[str, ...] = fields


class TextChangeSerializer(serializers.Serializer[Any]):
    """What is to be done with one descriptive field."""

    field = serializers.ChoiceField(choices=[(name, name) for name in TEXTS])
    how = serializers.ChoiceField(choices=[(how, how) for how in HOW])
    value = serializers.CharField(
        required=False, allow_blank=True, default="", trim_whitespace=False
    )
    find = serializers.CharField(
        required=False, allow_blank=True, default="", trim_whitespace=False
    )


class FlagChangesSerializer(serializers.Serializer[Any]):
    """Restrictions to set (true) or to lift (false)."""

    do_not_colorize = serializers.BooleanField(required=False)
    do_not_tag = serializers.BooleanField(required=False)
    sensitive = serializers.BooleanField(required=False)


class EditSerializer(serializers.Serializer[Any]):
    """Which photographs, by number or as a contact sheet finds them, and what to do."""

    photographs = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        default=list,
        max_length=MOST_KEYS,
    )
    everything = serializers.BooleanField(required=False, default=False)
    matching = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=2000,
        help_text="With everything: the query of a contact sheet, words=bridge&…",
    )
    within = KeyField(queryset=Collection.objects.all(), required=False, default=None)
    texts = TextChangeSerializer(many=True, required=False, default=list)
    move_to = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=120,
        help_text="Reference code of a collection.",
    )
    add_terms = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, default=list
    )
    remove_terms = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, default=list
    )
    flags = FlagChangesSerializer(required=False, default=dict)

    def selection(self) -> Selection:
        """Return which photographs are meant; call when valid."""
        given = self.validated_data
        within = given["within"]
        return Selection(
            keys=() if given["everything"] else tuple(given["photographs"]),
            everything=given["everything"],
            matching=given["matching"],
            collection=within.pk if within else None,
        )

    def operations(self) -> Operations:
        """Return what is asked for; call when valid."""
        given = self.validated_data
        return Operations(
            texts={
                one["field"]: TextChange(one["how"], one["value"], one["find"])
                for one in given["texts"]
            },
            collection=given["move_to"],
            add_terms=tuple(given["add_terms"]),
            remove_terms=tuple(given["remove_terms"]),
            flags=dict(given["flags"]),
        )


class ImportSerializer(serializers.Serializer[Any]):
    """A CSV file, and what a code means that is not here yet."""

    file = serializers.FileField()
    new_records = serializers.BooleanField(
        required=False,
        default=True,
        help_text="Make a record, without a picture, for each new code.",
    )


class BatchFilter(Filter):
    """Batches by kind, state and time."""

    kind = django_filters.ChoiceFilter(choices=BatchKind.choices)
    state = django_filters.ChoiceFilter(choices=BatchState.choices)
    ordering = Ordering(fields=["started_at"])

    class Meta:
        """Exact matches."""

        model = Batch
        fields: tuple[str, ...] = ("kind", "state")


class BatchItemFilter(Filter):
    """Items by outcome."""

    outcome = django_filters.ChoiceFilter(choices=BatchOutcome.choices)


class BatchPermission(RolePermission):
    """Beside the role's permission: those that the changes of the batch need.

    A preview is applied and dropped by whoever made it, and by nobody else.
    """

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        """Say whether the person may do this with the batch."""
        if view.action in {"apply", "discard"}:
            allowed = obj.started_by_id == request.user.pk
            return bool(allowed and request.user.has_perms(obj.needs))
        return view.action != "undo" or bool(request.user.has_perms(obj.needs))


class BatchViewSet(mixins.RetrieveModelMixin, mixins.ListModelMixin, CatalogueViewSet):
    """Bulk edits and imports: preview first, look at the items, then apply."""

    queryset = Batch.objects.select_related("started_by").order_by("-started_at", "-pk")
    serializer_class = BatchSerializer
    filterset_class = BatchFilter
    permission_classes = [BatchPermission]
    reading = "archive.view_batch"
    needs: ClassVar = {
        "create": "archive.add_assignment",
        "import_csv": "archive.change_photograph",
        "apply": "archive.view_batch",
        "discard": "archive.view_batch",
        "undo": "archive.view_batch",
    }

    def get_throttles(self) -> list[Any]:
        """Count uploads apart."""
        throttles: list[Any] = super().get_throttles()
        if self.action == "import_csv":
            throttles.append(UploadThrottle())
        return throttles

    @extend_schema(request=EditSerializer, responses={201: BatchSerializer})
    def create(self, request: Request) -> Response:
        """Preview an edit; a large one is previewed in the background."""
        wanted = EditSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        batch = batches.propose_edit(
            wanted.selection(), wanted.operations(), by=self.person
        )
        return self._as_it_stands(batch, status.HTTP_201_CREATED)

    @extend_schema(request=ImportSerializer, responses={201: BatchSerializer})
    @action(
        detail=False,
        methods=["post"],
        url_path="import",
        url_name="import",
        parser_classes=[BoundedMultiPartParser],
    )
    def import_csv(self, request: Request) -> Response:
        """Preview an import of a CSV file: the dry run."""
        wanted = ImportSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        file = wanted.validated_data["file"]
        if file.size > LARGEST_BYTES:
            raise ValidationError({"file": "Larger than 100 MiB; import it in parts."})
        batch = spreadsheets.propose_import(
            file, file.name, create=wanted.validated_data["new_records"], by=self.person
        )
        return self._as_it_stands(batch, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=BatchSerializer)
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, **_kwargs: Any) -> Response:
        """Make the changes that the preview shows; what changed since is left alone."""
        return self._as_it_stands(batches.apply(self.get_object()))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, **_kwargs: Any) -> Response:
        """Drop a preview."""
        batches.discard(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=BatchSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, **_kwargs: Any) -> Response:
        """Put back what the batch changed, as a batch of its own."""
        return self._as_it_stands(batches.undo(self.get_object(), by=self.person))

    @extend_schema(responses=BatchItemSerializer(many=True))
    @action(detail=True, filterset_class=BatchItemFilter)
    def items(self, request: Request, pk: str) -> Response:
        """Each photograph or row: from what to what, and why not."""
        batch = get_object_or_404(Batch, pk=pk)
        found = self.filter_queryset(batch.items.all())
        page = self.paginate_queryset(found)
        return self.get_paginated_response(BatchItemSerializer(page, many=True).data)

    def _as_it_stands(self, batch: Batch, code: int = 200) -> Response:
        fresh = self.get_queryset().get(pk=batch.pk)
        return Response(self.get_serializer(fresh).data, status=code)
