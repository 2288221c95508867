"""Collections: the tree above the photographs."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import Q
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from archive import describing, policy
from archive.api.fields import (
    CollectionStubSerializer,
    KeyField,
    RestrictionChangeSerializer,
    RestrictionsSerializer,
)
from archive.api.filtering import Filter, Ordering
from archive.api.views import DescribedViewSet
from archive.lineage import Lineage, photographs_by_path
from archive.models import Collection
from archive.models.description import Described
from archive.querysets import CollectionQuerySet
from archive.vocabularies import Level, Policy

SYSTEM_FIELDS = (
    "date_earliest",
    "date_latest",
    "restrictions",
    "created_at",
    "modified_at",
)


class DescribedSerializer(serializers.ModelSerializer[Any]):
    """A described unit, with its restrictions as they hold."""

    rights = serializers.CharField(
        read_only=True, help_text="URI of a rights statement, or nothing."
    )
    restrictions = serializers.SerializerMethodField()

    def lineage(self, unit: Any) -> Lineage:
        """Return what stands above the page, or above this one unit."""
        read = self.context.get("lineage")
        return read if isinstance(read, Lineage) else Lineage.of([unit])

    @extend_schema_field(RestrictionsSerializer)
    def get_restrictions(self, unit: Any) -> dict[str, Any]:
        """Return each restriction: whether it holds, and what carries it."""
        held = self.lineage(unit).holding(unit)
        return {
            flag.value: {
                "holds": flag in held,
                "own": getattr(unit, flag.value),
                "carried_by": held.get(flag),
            }
            for flag in Policy
        }


class CollectionSerializer(DescribedSerializer):
    """A collection as it stands."""

    parent = serializers.SerializerMethodField()  # type: ignore[assignment]
    children = serializers.IntegerField(source="numchild", read_only=True)
    photographs = serializers.SerializerMethodField()
    photographs_within = serializers.SerializerMethodField()

    class Meta:
        """Tree fields, description, counts."""

        model = Collection
        fields: tuple[str, ...] = (
            "id",
            "level",
            "parent",
            "depth",
            "children",
            "photographs",
            "photographs_within",
            *Described.DESCRIPTIVE_FIELDS,
            *SYSTEM_FIELDS,
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(CollectionStubSerializer(allow_null=True))
    def get_parent(self, collection: Collection) -> dict[str, Any] | None:
        """Return the collection directly above."""
        parent = self.lineage(collection).parent(collection)
        if parent is None:
            return None
        return {
            "id": parent.pk,
            "reference_code": parent.reference_code,
            "title": parent.title,
        }

    def get_photographs(self, collection: Collection) -> int:
        """Return how many photographs lie in it directly."""
        return self._counted(collection).get(collection.path, 0)

    def get_photographs_within(self, collection: Collection) -> int:
        """Return how many lie in it and in everything below it."""
        return sum(
            count
            for path, count in self._counted(collection).items()
            if path.startswith(collection.path)
        )

    def _counted(self, collection: Collection) -> dict[str, int]:
        counted: dict[str, int] | None = self.context.get("counted")
        return photographs_by_path(collection.path) if counted is None else counted


class CollectionDescriptionSerializer(serializers.ModelSerializer[Any]):
    """What can be written of a collection; what is left out stays."""

    class Meta:
        """Description and level."""

        model = Collection
        fields: tuple[str, ...] = ("level", *Described.DESCRIPTIVE_FIELDS)
        extra_kwargs = {"reference_code": {"required": False}}


class CollectionCreationSerializer(CollectionDescriptionSerializer):
    """A new collection, below another or at the top."""

    parent = KeyField(  # type: ignore[assignment]
        queryset=Collection.objects.all(), required=False, allow_null=True
    )

    class Meta(CollectionDescriptionSerializer.Meta):
        """Description and place."""

        fields: tuple[str, ...] = (
            "parent",
            *CollectionDescriptionSerializer.Meta.fields,
        )
        extra_kwargs = {}


class CollectionPlaceSerializer(serializers.Serializer[Any]):
    """Where a collection belongs."""

    parent = KeyField(  # type: ignore[assignment]
        queryset=Collection.objects.all(), allow_null=True
    )


class CollectionFilter(Filter):
    """Collections by place, level and words."""

    within = django_filters.ModelChoiceFilter(
        queryset=Collection.objects.all(),
        method="lie_within",
        label="This collection and everything below it.",
    )
    parent = django_filters.ModelChoiceFilter(
        queryset=Collection.objects.all(),
        method="lie_directly_in",
        label="Directly below this collection.",
    )
    top = django_filters.BooleanFilter(
        method="stand_at_top", label="With nothing above them."
    )
    level = django_filters.ChoiceFilter(choices=Level.choices)
    text = django_filters.CharFilter(
        method="hold_words", max_length=200, label="In code, title or description."
    )
    ordering = Ordering(
        fields=[("path", "tree"), *((n, n) for n in ("reference_code", "title"))]
    )

    def lie_within(
        self, collections: CollectionQuerySet, _name: str, value: Collection
    ) -> CollectionQuerySet:
        """Keep the collection and everything below it."""
        return collections.within(value)

    def lie_directly_in(
        self, collections: CollectionQuerySet, _name: str, value: Collection
    ) -> CollectionQuerySet:
        """Keep the children."""
        children: CollectionQuerySet = collections.within(value).filter(
            depth=value.depth + 1
        )
        return children

    def stand_at_top(
        self, collections: CollectionQuerySet, _name: str, value: bool
    ) -> CollectionQuerySet:
        """Keep the roots, or all but the roots."""
        top: CollectionQuerySet = (
            collections.filter(depth=1) if value else collections.exclude(depth=1)
        )
        return top

    def hold_words(
        self, collections: CollectionQuerySet, _name: str, value: str
    ) -> CollectionQuerySet:
        """Keep those that hold every word."""
        for word in value.split():
            collections = collections.filter(
                Q(reference_code__icontains=word)
                | Q(title__icontains=word)
                | Q(description__icontains=word)
            )
        return collections


class CollectionViewSet(
    mixins.RetrieveModelMixin, mixins.ListModelMixin, DescribedViewSet
):
    """The fonds, series and files of the archive."""

    queryset = Collection.objects.all()
    serializer_class = CollectionSerializer
    filterset_class = CollectionFilter
    reading = "archive.view_collection"
    needs: ClassVar = {
        "create": "archive.add_collection",
        "partial_update": "archive.change_collection",
        "destroy": "archive.delete_collection",
        "move": "archive.change_collection",
        "restrictions": "archive.restrict_photograph",
    }

    def get_serializer_context(self) -> dict[str, Any]:
        """Count the photographs of all collections at once for a list."""
        context = super().get_serializer_context()
        if self.action == "list":
            context["counted"] = photographs_by_path()
        return context

    @extend_schema(
        request=CollectionCreationSerializer, responses={201: CollectionSerializer}
    )
    def create(self, request: Request) -> Response:
        """Add a collection at the top or below another."""
        wanted = CollectionCreationSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values = dict(wanted.validated_data)
        parent = values.pop("parent", None)
        added = describing.create_collection(values, parent=parent, by=self.person)
        return self._as_it_stands(added, status.HTTP_201_CREATED)

    @extend_schema(
        request=CollectionDescriptionSerializer, responses=CollectionSerializer
    )
    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Change fields of the description, or the level."""
        collection = self.get_object()
        wanted = CollectionDescriptionSerializer(collection, data=request.data)
        wanted.is_valid(raise_exception=True)
        describing.describe_collection(
            collection, wanted.validated_data, by=self.person
        )
        return self._as_it_stands(collection)

    def destroy(self, request: Request, **_kwargs: Any) -> Response:
        """Remove a collection in which there is nothing."""
        describing.delete_collection(self.get_object(), by=self.person)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=CollectionPlaceSerializer, responses=CollectionSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, **_kwargs: Any) -> Response:
        """Move a collection with all that is in it below another, or to the top."""
        wanted = CollectionPlaceSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        moved = describing.move_collection(
            self.get_object(), below=wanted.validated_data["parent"], by=self.person
        )
        return self._as_it_stands(moved)

    @extend_schema(request=RestrictionChangeSerializer, responses=CollectionSerializer)
    @action(detail=True, methods=["patch"])
    def restrictions(self, request: Request, **_kwargs: Any) -> Response:
        """Set or lift restrictions for everything in the collection."""
        wanted = RestrictionChangeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        collection = self.get_object()
        for flag, value in wanted.changes().items():
            policy.restrict_collection(collection, flag, value, by=self.person)
        return self._as_it_stands(collection)

    def _as_it_stands(self, collection: Collection, code: int = 200) -> Response:
        fresh = self.get_queryset().get(pk=collection.pk)
        return Response(self.get_serializer(fresh).data, status=code)
