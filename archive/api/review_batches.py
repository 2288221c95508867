"""Decisions taken together: shown before, accepted as shown, undone as a whole."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from archive import batch_review, together
from archive.api.fields import LARGEST_KEY
from archive.api.views import CatalogueViewSet
from archive.batch_review import Criteria, Preview
from archive.models import Collection, ReviewBatch, Term


class ReviewBatchSerializer(serializers.ModelSerializer[Any]):
    """What one person decided together."""

    by = serializers.CharField(source="by.username")
    undone_by = serializers.CharField(
        source="undone_by.username", allow_null=True, default=None
    )
    suggestions = serializers.ListField(child=serializers.IntegerField())
    colorizations = serializers.ListField(child=serializers.IntegerField())

    class Meta:
        """All of it."""

        model = ReviewBatch
        fields = (
            "id",
            "at",
            "by",
            "decision",
            "words",
            "suggestions",
            "colorizations",
            "undone_at",
            "undone_by",
        )
        read_only_fields = fields


class CriteriaSerializer(serializers.Serializer[Any]):
    """Which waiting suggestions are meant."""

    score_from = serializers.FloatField(
        min_value=0,
        max_value=1,
        required=False,
        allow_null=True,
        default=None,
        help_text="Without it each word counts from its own threshold.",
    )
    term = serializers.PrimaryKeyRelatedField(
        queryset=Term.objects.all(),
        required=False,
        allow_null=True,
        default=None,
        pk_field=serializers.IntegerField(min_value=1, max_value=LARGEST_KEY),
    )
    collection = serializers.PrimaryKeyRelatedField(
        queryset=Collection.objects.all(),
        required=False,
        allow_null=True,
        default=None,
        pk_field=serializers.IntegerField(min_value=1, max_value=LARGEST_KEY),
    )

    def criteria(self) -> Criteria:
        """Return what was asked for."""
        given = self.validated_data
        return Criteria(given["score_from"], given["term"], given["collection"])


class AcceptSerializer(CriteriaSerializer):
    """The same, with what names exactly the suggestions that were shown."""

    fingerprint = serializers.RegexField("^[0-9a-f]{64}$")


class CountedSerializer(serializers.Serializer[Any]):
    """How many suggestions of a word."""

    word = serializers.CharField()
    count = serializers.IntegerField()


class PreviewSerializer(serializers.Serializer[Any]):
    """Exactly what would be accepted."""

    suggestions = serializers.ListField(child=serializers.IntegerField(), source="keys")
    fingerprint = serializers.CharField(allow_blank=True)
    more = serializers.IntegerField(help_text="Beyond what one batch takes.")
    photographs = serializers.IntegerField()
    left_out = serializers.IntegerField(
        source="restricted", help_text="On photographs that must not be tagged."
    )
    words = serializers.SerializerMethodField()

    @extend_schema_field(CountedSerializer(many=True))
    def get_words(self, preview: Preview) -> list[dict[str, Any]]:
        """Return how many of each word, the commonest first."""
        return [{"word": word, "count": count} for word, count in preview.terms]


class ReviewBatchViewSet(
    mixins.RetrieveModelMixin, mixins.ListModelMixin, CatalogueViewSet
):
    """Suggestions accepted together, and whatever else was decided at one stroke."""

    queryset = ReviewBatch.objects.select_related("by", "undone_by").order_by("-pk")
    serializer_class = ReviewBatchSerializer
    reading = "archive.view_reviewbatch"
    needs: ClassVar = dict.fromkeys(
        ("preview", "accept", "undo"), "archive.review_photograph"
    )

    @extend_schema(request=CriteriaSerializer, responses=PreviewSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """Show exactly what would be accepted; nothing changes."""
        wanted = CriteriaSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        found = batch_review.preview(wanted.criteria())
        return Response(PreviewSerializer(found).data)

    @extend_schema(request=AcceptSerializer, responses={201: ReviewBatchSerializer})
    @action(detail=False, methods=["post"])
    def accept(self, request: Request) -> Response:
        """Accept exactly what was shown, or nothing."""
        wanted = AcceptSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        taken = batch_review.accept(
            wanted.criteria(), wanted.validated_data["fingerprint"], by=self.person
        )
        return Response(self.get_serializer(taken).data, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ReviewBatchSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, **_kwargs: Any) -> Response:
        """Take the whole batch back, but for what was decided otherwise since."""
        found = self.get_object()
        together.undo(found, by=self.person)
        return Response(self.get_serializer(found).data)
