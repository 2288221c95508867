"""Photographs that look alike to a tagger, or by their perceptual hash."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from archive.api.machine import ModelSerializer
from archive.api.views import CatalogueViewSet
from archive.models import Photograph
from colorizer.alike import asking
from colorizer.alike.asking import Answer


class AlikeSerializer(serializers.Serializer[Any]):
    """One photograph, and how much it looks like the other."""

    photograph = serializers.IntegerField(source="photograph.pk")
    reference_code = serializers.CharField(source="photograph.reference_code")
    title = serializers.CharField(source="photograph.title")
    likeness = serializers.FloatField(
        allow_null=True, help_text="Cosine between the tagger's features of the two."
    )
    hash_bits = serializers.IntegerField(
        source="bits",
        allow_null=True,
        help_text="Bits of 64 by which the perceptual hashes differ, if by few.",
    )


class AnswerSerializer(serializers.Serializer[Any]):
    """What looks like a photograph, and what that rests on."""

    machine_made = serializers.SerializerMethodField()
    same = AlikeSerializer(many=True, help_text="Perhaps the same picture again.")
    others = AlikeSerializer(many=True, help_text="Similar things, nearest first.")
    model = serializers.SerializerMethodField()
    compared = serializers.IntegerField(
        source="state.count", default=0, help_text="Photographs in the index."
    )
    as_of = serializers.DateTimeField(
        source="state.made_at", default=None, allow_null=True
    )
    not_compared_yet = serializers.IntegerField(source="waiting")
    reason = serializers.CharField(
        allow_blank=True, help_text="Why there is nothing from the index, if so."
    )

    def get_machine_made(self, answer: Answer) -> bool:
        """Say so: every resemblance is a machine's."""
        return True

    @extend_schema_field(ModelSerializer(allow_null=True))
    def get_model(self, answer: Answer) -> dict[str, str] | None:
        """Return the tagger whose features are compared."""
        if answer.state is None:
            return None
        state = answer.state
        return {"name": state.model, "version": state.version, "sha256": state.sha256}


class AlikeViewSet(CatalogueViewSet):
    """Photographs that look like one, named by its number."""

    queryset = Photograph.objects.select_related("collection")
    serializer_class = AnswerSerializer
    reading = "archive.view_photograph"

    def retrieve(self, request: Request, **_kwargs: Any) -> Response:
        """Return the photographs that look most like this one."""
        found = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        return Response(AnswerSerializer(asking.alike(found)).data)
