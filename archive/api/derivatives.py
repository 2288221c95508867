"""Derivatives: screen copies, colorizations, and what people decide about those."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from archive import review, versions
from archive.api.contents import CONTENT, AnyRenderer, stored
from archive.api.fields import Document, ReasonSerializer
from archive.api.filtering import Filter, Ordering
from archive.api.machine import (
    MachineMadeSerializer,
    ReviewSerializer,
    of_derivative,
    review_of,
)
from archive.api.paging import WidePages
from archive.api.views import CatalogueViewSet
from archive.errors import NotInThisState
from archive.models import Derivative
from archive.views import files
from archive.vocabularies import Grade, Purpose, ReviewState


class DerivativeSerializer(serializers.ModelSerializer[Any]):
    """A derived file; where a machine made what it shows, it says so."""

    photograph = serializers.IntegerField(source="master.photograph_id")
    content = serializers.HyperlinkedIdentityField(
        view_name="api:derivative-content", help_text="Where its bytes are."
    )
    machine_made = serializers.SerializerMethodField()
    review = serializers.SerializerMethodField()
    recipe = Document()
    version = serializers.IntegerField(
        allow_null=True, help_text="Of what was steered and proposed."
    )
    hints = serializers.SerializerMethodField()

    class Meta:
        """All of it."""

        model = Derivative
        fields: tuple[str, ...] = (
            "id",
            "photograph",
            "master",
            "source",
            "purpose",
            "sha256",
            "size_bytes",
            "width",
            "height",
            "media_type",
            "content",
            "made_at",
            "made_by",
            "recipe",
            "machine_interpretation",
            "machine_made",
            "review",
            "version",
            "hints",
            "grade",
            "grade_source",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(MachineMadeSerializer(allow_null=True))
    def get_machine_made(self, derivative: Derivative) -> dict[str, Any] | None:
        """Return the model whose interpretation it shows, if it shows one."""
        return of_derivative(derivative)

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_hints(self, derivative: Derivative) -> list[dict[str, Any]]:
        """Return people's colour hints that it followed: where, what, who and why."""
        origin = derivative.source or derivative
        steering = origin.steering
        return steering.hints if steering and origin.hints else []

    @extend_schema_field(ReviewSerializer)
    def get_review(self, derivative: Derivative) -> dict[str, Any]:
        """Return the decision about it, or about what it was composed from."""
        return review_of(derivative.source or derivative)


class GradeSerializer(serializers.Serializer[Any]):
    """What the archive says of accepted colours."""

    grade = serializers.ChoiceField(choices=Grade.choices)
    grade_source = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        help_text="What documents the colours; needed for that grade.",
    )
    seen_grade = serializers.ChoiceField(
        choices=Grade.choices,
        required=False,
        help_text="The grade that you have seen; if it is another by now, nothing is"
        " changed and the answer is 409.",
    )
    seen_source = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        help_text="With seen_grade: the source that you have seen.",
    )

    def seen(self) -> tuple[str, str] | None:
        """Return the grade and source that were looked at; call when valid."""
        given = self.validated_data
        if "seen_grade" not in given:
            return None
        return given["seen_grade"], given["seen_source"]


class DerivativeFilter(Filter):
    """Derivatives by what they belong to, purpose and review."""

    photograph = django_filters.NumberFilter(field_name="master__photograph")
    review_state = django_filters.ChoiceFilter(choices=ReviewState.choices)
    purpose = django_filters.ChoiceFilter(choices=Purpose.choices)
    ordering = Ordering(fields=["made_at"])

    class Meta:
        """Exact matches."""

        model = Derivative
        fields: tuple[str, ...] = ("master", "machine_interpretation", "sha256")


class DerivativeViewSet(
    mixins.RetrieveModelMixin, mixins.ListModelMixin, CatalogueViewSet
):
    """Files derived from masters: made by jobs and ingest, decided on here."""

    queryset = (
        Derivative.objects.select_related(
            "master",
            "decided_by",
            "steering",
            "source__decided_by",
            "source__steering",
        )
        .defer("master__embedded")
        .order_by("-pk")
    )
    serializer_class = DerivativeSerializer
    filterset_class = DerivativeFilter
    pagination_class = WidePages
    reading = "archive.view_derivative"
    needs: ClassVar = dict.fromkeys(
        ("accept", "reject", "undo", "propose", "grade"),
        "archive.review_photograph",
    )

    @extend_schema(responses=CONTENT)
    @action(detail=True, renderer_classes=[AnyRenderer])
    def content(self, request: Request, pk: str) -> HttpResponseBase:
        """The picture itself."""
        return stored(files.derivative, request, self.get_object())

    @extend_schema(request=ReasonSerializer, responses=DerivativeSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, **_kwargs: Any) -> Response:
        """Accept a colorization as the archive's interpretation."""
        reason = ReasonSerializer(data=request.data)
        reason.is_valid(raise_exception=True)
        colorization = self._colorization()
        review.accept_colorization(
            colorization, by=self.person, reason=reason.validated_data["reason"]
        )
        return self._as_it_stands(colorization)

    @extend_schema(request=None, responses=DerivativeSerializer)
    @action(detail=True, methods=["post"])
    def propose(self, request: Request, **_kwargs: Any) -> Response:
        """Let an earlier version wait for review instead of the one that waits."""
        colorization = self._colorization()
        versions.propose(colorization, by=self.person)
        return self._as_it_stands(colorization)

    @extend_schema(request=GradeSerializer, responses=DerivativeSerializer)
    @action(detail=True, methods=["post"])
    def grade(self, request: Request, **_kwargs: Any) -> Response:
        """Grade accepted colours as illustrative, or as documented by a source."""
        wanted = GradeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        colorization = self._colorization()
        versions.grade(
            colorization,
            Grade(wanted.validated_data["grade"]),
            source=wanted.validated_data["grade_source"],
            by=self.person,
            seen=wanted.seen(),
        )
        return self._as_it_stands(colorization)

    @extend_schema(request=ReasonSerializer, responses=DerivativeSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, **_kwargs: Any) -> Response:
        """Reject a colorization; the same recipe is never offered again."""
        reason = ReasonSerializer(data=request.data)
        reason.is_valid(raise_exception=True)
        colorization = self._colorization()
        review.reject_colorization(
            colorization, by=self.person, reason=reason.validated_data["reason"]
        )
        return self._as_it_stands(colorization)

    @extend_schema(request=None, responses=DerivativeSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, **_kwargs: Any) -> Response:
        """Take a decision back: the colorization waits again."""
        colorization = self._colorization()
        review.undo_colorization(colorization, by=self.person)
        return self._as_it_stands(colorization)

    def _colorization(self) -> Derivative:
        derivative: Derivative = self.get_object()
        if derivative.purpose != Purpose.COLORIZATION:
            raise NotInThisState(
                "Only a colorization is reviewed; this is a"
                f" {derivative.get_purpose_display().lower()}."
            )
        return derivative

    def _as_it_stands(self, colorization: Derivative) -> Response:
        fresh = self.get_queryset().get(pk=colorization.pk)
        return Response(self.get_serializer(fresh).data)
