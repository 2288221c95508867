"""Terms of the vocabularies, and their synonyms."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from archive import describing
from archive.api.filtering import Filter, Ordering
from archive.api.views import CatalogueViewSet
from archive.errors import NotInThisState
from archive.models import Assignment, Term, TermSynonym
from archive.querysets import TermQuerySet


class TermStubSerializer(serializers.Serializer[Any]):
    """Which term."""

    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    vocabulary = serializers.CharField()


class TermSerializer(serializers.ModelSerializer[Any]):
    """A concept with its preferred label, its synonyms and how often it is used."""

    synonyms: Any = serializers.SlugRelatedField(
        slug_field="label", many=True, read_only=True
    )
    photographs = serializers.IntegerField(read_only=True)

    class Meta:
        """All of it."""

        model = Term
        fields: tuple[str, ...] = (
            "id",
            "label",
            "vocabulary",
            "uri",
            "scope_note",
            "synonyms",
            "photographs",
        )


class TermChangeSerializer(serializers.ModelSerializer[Any]):
    """What can be changed of a term; what is left out stays."""

    class Meta:
        """What people write."""

        model = Term
        fields: tuple[str, ...] = ("label", "uri", "scope_note")
        extra_kwargs = {"label": {"required": False}}


class TermCreationSerializer(serializers.ModelSerializer[Any]):
    """A term to find or to add."""

    vocabulary = serializers.CharField(max_length=100, default="local")

    class Meta:
        """What identifies a term, and its address in the vocabulary."""

        model = Term
        fields: tuple[str, ...] = ("label", "vocabulary", "uri")


class SynonymSerializer(serializers.ModelSerializer[Any]):
    """Another word for a term."""

    class Meta:
        """The word."""

        model = TermSynonym
        fields: tuple[str, ...] = ("label",)


class TermFilter(Filter):
    """Terms by words and vocabulary."""

    text = django_filters.CharFilter(
        method="hold_words", max_length=200, label="In the label or a synonym."
    )
    vocabulary = django_filters.CharFilter(max_length=100)
    ordering = Ordering(fields=["label", "photographs"])

    def hold_words(self, terms: TermQuerySet, _name: str, value: str) -> TermQuerySet:
        """Keep those whose label or synonym holds the words."""
        return terms.matching(value)


class TermViewSet(mixins.RetrieveModelMixin, mixins.ListModelMixin, CatalogueViewSet):
    """The words by which photographs are found."""

    queryset = (
        Term.objects.annotate(
            photographs=Coalesce(
                Subquery(
                    Assignment.objects.filter(term=OuterRef("pk"))
                    .order_by()
                    .values("term")
                    .annotate(count=Count("pk"))
                    .values("count")
                ),
                0,
            )
        )
        .prefetch_related("synonyms")
        .order_by("label", "pk")
    )
    serializer_class = TermSerializer
    filterset_class = TermFilter
    reading = "archive.view_term"
    needs: ClassVar = {
        "create": "archive.add_term",
        "partial_update": "archive.change_term",
        "add_synonym": "archive.add_termsynonym",
        "remove_synonym": "archive.delete_termsynonym",
    }

    @extend_schema(
        request=TermCreationSerializer,
        responses={200: TermSerializer, 201: TermSerializer},
    )
    def create(self, request: Request) -> Response:
        """Add a term (201), or find the one of that label in the vocabulary (200)."""
        wanted = TermCreationSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        newest = Term.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        term = describing.create_term(**wanted.validated_data, by=self.person)
        return self._as_it_stands(
            term, status.HTTP_201_CREATED if term.pk > newest else status.HTTP_200_OK
        )

    @extend_schema(request=TermChangeSerializer, responses=TermSerializer)
    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Change the label, the address or the scope note of a term."""
        term = self.get_object()
        wanted = TermChangeSerializer(term, data=request.data)
        wanted.is_valid(raise_exception=True)
        for name, value in wanted.validated_data.items():
            setattr(term, name, value)
        term.full_clean()
        term.save()
        return self._as_it_stands(term)

    @extend_schema(request=SynonymSerializer, responses=TermSerializer)
    @action(detail=True, methods=["post"], url_path="synonyms", url_name="synonyms")
    def add_synonym(self, request: Request, **_kwargs: Any) -> Response:
        """Add another word for the term; harmless when it is there."""
        term = self.get_object()
        wanted = SynonymSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        label = " ".join(wanted.validated_data["label"].split())
        if not term.synonyms.filter(label__iexact=label).exists():
            synonym = TermSynonym(term=term, label=label)
            synonym.full_clean()
            synonym.save()
        return self._as_it_stands(term)

    @extend_schema(request=SynonymSerializer, responses=TermSerializer)
    @action(detail=True, methods=["post"], url_path="synonyms/remove")
    def remove_synonym(self, request: Request, **_kwargs: Any) -> Response:
        """Take a synonym off the term."""
        term = self.get_object()
        wanted = SynonymSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        label = wanted.validated_data["label"]
        removed, _each = term.synonyms.filter(label__iexact=label).delete()
        if not removed:
            raise NotInThisState(f"“{label}” is not a synonym of “{term}”.")
        return self._as_it_stands(term)

    def _as_it_stands(self, term: Term, code: int = 200) -> Response:
        fresh = self.get_queryset().get(pk=term.pk)
        return Response(self.get_serializer(fresh).data, status=code)
