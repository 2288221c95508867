"""Suggestions: what taggers propose, and what people decide about it."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from archive import review
from archive.api.fields import LARGEST_KEY, ReasonSerializer
from archive.api.filtering import Filter, Ordering
from archive.api.machine import (
    MachineMadeSerializer,
    ReviewSerializer,
    of_suggestion,
    review_of,
)
from archive.api.paging import LARGEST_BATCH
from archive.api.terms import TermStubSerializer
from archive.api.views import CatalogueViewSet
from archive.errors import NotInThisState
from archive.models import Collection, Suggestion
from archive.models.terms import SUGGESTION_STATES
from archive.querysets import SuggestionQuerySet


class SuggestedTermSerializer(serializers.ModelSerializer[Any]):
    """A proposed term with its score, its model and what became of it."""

    term = TermStubSerializer()
    machine_made = serializers.SerializerMethodField()
    review = serializers.SerializerMethodField()

    class Meta:
        """What a photograph shows of it."""

        model = Suggestion
        fields: tuple[str, ...] = (
            "id",
            "term",
            "score",
            "suggested_at",
            "machine_made",
            "review",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(MachineMadeSerializer)
    def get_machine_made(self, suggestion: Suggestion) -> dict[str, Any]:
        """Return the model that suggested it."""
        return of_suggestion(suggestion)

    @extend_schema_field(ReviewSerializer)
    def get_review(self, suggestion: Suggestion) -> dict[str, Any]:
        """Return what a person decided."""
        return review_of(suggestion)


class SuggestionSerializer(SuggestedTermSerializer):
    """A suggestion, with its photograph."""

    class Meta(SuggestedTermSerializer.Meta):
        """All of it."""

        fields: tuple[str, ...] = ("photograph", *SuggestedTermSerializer.Meta.fields)
        read_only_fields: tuple[str, ...] = fields


class DecisionSerializer(ReasonSerializer):
    """One decision about many suggestions."""

    suggestions = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_KEY),
        min_length=1,
        max_length=LARGEST_BATCH,
    )
    decision = serializers.ChoiceField(choices=["accept", "reject", "undo"])


class LeftOutSerializer(serializers.Serializer[Any]):
    """A suggestion that was not decided, and why."""

    suggestion = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()


class DecidedSerializer(serializers.Serializer[Any]):
    """What became of a decision about many."""

    decided = serializers.IntegerField()
    left_out = LeftOutSerializer(many=True)


class SuggestionFilter(Filter):
    """Suggestions by photograph, place, term, state, score and model."""

    collection = django_filters.ModelChoiceFilter(
        queryset=Collection.objects.all(),
        method="lie_within",
        label="In this collection and everything below it.",
    )
    state = django_filters.ChoiceFilter(
        choices=[(state.value, state.label) for state in SUGGESTION_STATES]
    )
    score_from = django_filters.NumberFilter(
        field_name="score", lookup_expr="gte", min_value=0, max_value=1
    )
    model_name = django_filters.CharFilter(max_length=100)
    ordering = Ordering(fields=["score", "suggested_at", "decided_at"])

    class Meta:
        """Exact matches."""

        model = Suggestion
        fields: tuple[str, ...] = ("photograph", "term")

    def lie_within(
        self, suggestions: SuggestionQuerySet, _name: str, value: Collection
    ) -> SuggestionQuerySet:
        """Keep those whose photograph lies there."""
        return suggestions.filter(photograph__collection__path__startswith=value.path)


class SuggestionViewSet(
    mixins.RetrieveModelMixin, mixins.ListModelMixin, CatalogueViewSet
):
    """Terms that machines propose; nothing of them is in the record until accepted."""

    queryset = Suggestion.objects.select_related("term", "decided_by").order_by("-pk")
    serializer_class = SuggestionSerializer
    filterset_class = SuggestionFilter
    reading = "archive.view_suggestion"
    needs: ClassVar = dict.fromkeys(
        ("accept", "reject", "undo", "decide"), "archive.review_photograph"
    )

    @extend_schema(request=None, responses=SuggestionSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, **_kwargs: Any) -> Response:
        """Accept: the term becomes part of the record."""
        suggestion = self.get_object()
        review.accept_suggestion(suggestion, by=self.person)
        return self._as_it_stands(suggestion)

    @extend_schema(request=ReasonSerializer, responses=SuggestionSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, **_kwargs: Any) -> Response:
        """Reject: no later run or model revives it."""
        reason = ReasonSerializer(data=request.data)
        reason.is_valid(raise_exception=True)
        suggestion = self.get_object()
        review.reject_suggestion(
            suggestion, by=self.person, reason=reason.validated_data["reason"]
        )
        return self._as_it_stands(suggestion)

    @extend_schema(request=None, responses=SuggestionSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, **_kwargs: Any) -> Response:
        """Take a decision back: the suggestion waits again."""
        suggestion = self.get_object()
        review.undo_suggestion(suggestion, by=self.person)
        return self._as_it_stands(suggestion)

    @extend_schema(request=DecisionSerializer, responses=DecidedSerializer)
    @action(detail=False, methods=["post"])
    def decide(self, request: Request) -> Response:
        """Decide about many at once; those that moved on are left out and told of."""
        wanted = DecisionSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        decision = wanted.validated_data["decision"]
        keys = dict.fromkeys(wanted.validated_data["suggestions"])
        found = self.get_queryset().select_related("photograph").in_bulk(list(keys))
        left_out = [
            {
                "suggestion": key,
                "code": "not_found",
                "detail": "There is no such suggestion.",
            }
            for key in keys
            if key not in found
        ]
        decided = 0
        for key in keys:
            if key not in found:
                continue
            try:
                if decision == "accept":
                    review.accept_suggestion(found[key], by=self.person)
                elif decision == "reject":
                    review.reject_suggestion(
                        found[key],
                        by=self.person,
                        reason=wanted.validated_data["reason"],
                    )
                else:
                    review.undo_suggestion(found[key], by=self.person)
            except NotInThisState as moved_on:
                left_out.append(
                    {
                        "suggestion": key,
                        "code": moved_on.code,
                        "detail": moved_on.sentence,
                    }
                )
            else:
                decided += 1
        answer = DecidedSerializer({"decided": decided, "left_out": left_out})
        return Response(answer.data)

    def _as_it_stands(self, suggestion: Suggestion) -> Response:
        fresh = self.get_queryset().get(pk=suggestion.pk)
        return Response(self.get_serializer(fresh).data)
