"""Terms of the vocabularies, and their synonyms."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from archive import terms
from archive.api.filtering import Filter, Ordering
from archive.api.views import CatalogueViewSet
from archive.models import Assignment, Term
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


class TermDefinitionSerializer(serializers.ModelSerializer[Any]):
    """What people write of a term; in a change, what is left out stays."""

    vocabulary = serializers.CharField(max_length=100, required=False)
    synonyms: Any = serializers.ListField(
        child=serializers.CharField(max_length=200),
        required=False,
        max_length=100,
        help_text="All of them: those not named any more are removed.",
    )

    class Meta:
        """Everything that is not counted."""

        model = Term
        fields = ("label", "vocabulary", "uri", "scope_note", "synonyms")


class TermChangeSerializer(TermDefinitionSerializer):
    """A change of a term."""

    class Meta(TermDefinitionSerializer.Meta):
        """As above; nothing is required."""

        extra_kwargs = {"label": {"required": False}}


class TermFilter(Filter):
    """Terms by words and vocabulary."""

    text = django_filters.CharFilter(
        method="hold_words", max_length=200, label="In the label or a synonym."
    )
    vocabulary = django_filters.CharFilter(max_length=100)
    ordering = Ordering(fields=["label", "photographs"])

    def hold_words(self, found: TermQuerySet, _name: str, value: str) -> TermQuerySet:
        """Keep those whose label or synonym holds the words."""
        return found.matching(value)


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
    }

    @extend_schema(request=TermDefinitionSerializer, responses={201: TermSerializer})
    def create(self, request: Request) -> Response:
        """Add a term to a vocabulary."""
        wanted = TermDefinitionSerializer(data=request.data)
        return self._define(Term(), wanted, status.HTTP_201_CREATED)

    @extend_schema(request=TermChangeSerializer, responses=TermSerializer)
    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Change a term for every photograph that has it."""
        term = self.get_object()
        wanted = TermChangeSerializer(term, data=request.data)
        return self._define(term, wanted, status.HTTP_200_OK)

    def _define(
        self, term: Term, wanted: TermDefinitionSerializer, code: int
    ) -> Response:
        wanted.is_valid(raise_exception=True)
        values = dict(wanted.validated_data)
        synonyms = values.pop("synonyms", None)
        if synonyms is None:
            synonyms = [each.label for each in term.synonyms.all()] if term.pk else []
        defined = terms.define(term, values, synonyms=synonyms, by=self.person)
        fresh = self.get_queryset().get(pk=defined.pk)
        return Response(self.get_serializer(fresh).data, status=code)
