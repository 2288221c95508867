"""The machine's words: what they stand for, which are blocked, trusted from when."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from archive import machine_words
from archive.api.fields import LARGEST_KEY
from archive.api.filtering import Filter
from archive.api.terms import TermStubSerializer
from archive.api.views import CatalogueViewSet
from archive.models import MachineWord, Term

LARGEST_REVISION = 2**31 - 1


class MachineWordSerializer(serializers.ModelSerializer[Any]):
    """A word that machines suggest, and how the archive takes it."""

    id = serializers.IntegerField(source="term_id", help_text="The word's own term.")
    term = TermStubSerializer()
    stands_for = TermStubSerializer(allow_null=True)
    trusted_from = serializers.FloatField(
        allow_null=True, help_text="A person's threshold, else the learnt one."
    )

    class Meta:
        """All of it."""

        model = MachineWord
        fields = (
            "id",
            "term",
            "stands_for",
            "blocked",
            "threshold",
            "learnt_threshold",
            "learnt_accepted",
            "learnt_rejected",
            "learnt_at",
            "trusted_from",
            "revision",
        )
        read_only_fields = fields


class RevisionSerializer(serializers.Serializer[Any]):
    """Which revision of the word the person saw."""

    revision = serializers.IntegerField(min_value=0, max_value=LARGEST_REVISION)


class SettleSerializer(RevisionSerializer):
    """What is settled; what is not named stays as it is."""

    stands_for = serializers.PrimaryKeyRelatedField(
        queryset=Term.objects.all(),
        required=False,
        allow_null=True,
        pk_field=serializers.IntegerField(min_value=1, max_value=LARGEST_KEY),
    )
    blocked = serializers.BooleanField(required=False)
    threshold = serializers.FloatField(
        min_value=0, max_value=1, required=False, allow_null=True
    )


class LearntSerializer(serializers.Serializer[Any]):
    """What was learnt."""

    learnt = serializers.IntegerField(help_text="Words that have a learnt threshold.")


class MachineWordFilter(Filter):
    """Words that are blocked or not."""

    class Meta:
        """Exact matches."""

        model = MachineWord
        fields: tuple[str, ...] = ("blocked",)

    label = django_filters.CharFilter(
        field_name="term__label", lookup_expr="icontains", max_length=200
    )


class MachineWordViewSet(
    mixins.RetrieveModelMixin, mixins.ListModelMixin, CatalogueViewSet
):
    """Words that machines suggest; settling one accepts and publishes nothing."""

    queryset = MachineWord.objects.select_related("term", "stands_for").order_by("pk")
    serializer_class = MachineWordSerializer
    filterset_class = MachineWordFilter
    reading = "archive.view_machineword"
    needs: ClassVar = dict.fromkeys(
        ("settle", "undo", "learn"), "archive.review_photograph"
    )

    @extend_schema(request=SettleSerializer, responses=MachineWordSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, **_kwargs: Any) -> Response:
        """Map the word to a term, block it, or set its threshold."""
        wanted = SettleSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values = dict(wanted.validated_data)
        revision = values.pop("revision")
        machine_words.settle(
            self.get_object(), values, revision=revision, by=self.person
        )
        return self._as_it_stands()

    @extend_schema(request=RevisionSerializer, responses=MachineWordSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, **_kwargs: Any) -> Response:
        """Take back what was settled last."""
        wanted = RevisionSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        machine_words.undo(
            self.get_object(),
            revision=wanted.validated_data["revision"],
            by=self.person,
        )
        return self._as_it_stands()

    @extend_schema(request=None, responses=LearntSerializer)
    @action(detail=False, methods=["post"])
    def learn(self, request: Request) -> Response:
        """Learn every word's threshold from the decisions."""
        return Response(LearntSerializer({"learnt": machine_words.learn()}).data)

    def _as_it_stands(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data)
