"""How photographs are represented, and what can be written of them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from archive.api.assignments import AssignmentSerializer
from archive.api.collections import SYSTEM_FIELDS, DescribedSerializer
from archive.api.derivatives import DerivativeSerializer
from archive.api.fields import LARGEST_KEY, CollectionStubSerializer, KeyField
from archive.api.masters import MasterSerializer
from archive.api.suggestions import SuggestedTermSerializer
from archive.models import Collection, Photograph, Term
from archive.vocabularies import Purpose


class PictureSerializer(serializers.Serializer[Any]):
    """A picture for screens, and whether its colours are a machine's."""

    id = serializers.IntegerField()
    purpose = serializers.ChoiceField(choices=Purpose.choices)
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    media_type = serializers.CharField()
    machine_interpretation = serializers.BooleanField()
    content = serializers.URLField(help_text="Where its bytes are.")


class PhotographSerializer(DescribedSerializer):
    """A photograph as lists show it."""

    collection = CollectionStubSerializer()
    published_at = serializers.DateTimeField(
        source="publication.published_at", allow_null=True, default=None
    )
    terms = AssignmentSerializer(source="assignments", many=True)
    pictures = serializers.SerializerMethodField()

    class Meta:
        """Description, state, terms and screen copies."""

        model = Photograph
        fields: tuple[str, ...] = (
            "id",
            "collection",
            *Photograph.DESCRIPTIVE_FIELDS,
            *SYSTEM_FIELDS,
            "revision",
            "colorized_at",
            "tagged_at",
            "published_at",
            "terms",
            "pictures",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(PictureSerializer(many=True))
    def get_pictures(self, photograph: Photograph) -> list[dict[str, Any]]:
        """Return the screen copies of the front."""
        front: Any = photograph.recto
        # Plain dictionaries: a serializer for each photograph of a page is slow.
        return [
            {
                "id": copy.pk,
                "purpose": copy.purpose,
                "width": copy.width,
                "height": copy.height,
                "media_type": copy.media_type,
                "machine_interpretation": copy.machine_interpretation,
                "content": self.address("api:derivative-content", copy.pk),
            }
            for copy in (front.derivatives.all() if front else ())
        ]

    def address(self, name: str, key: int) -> str:
        """Return the whole address of a thing."""
        path = reverse(name, args=[key])
        request = self.context.get("request")
        return request.build_absolute_uri(path) if request else path


class PhotographDetailSerializer(PhotographSerializer):
    """A photograph with its masters and what machines made of it."""

    masters = MasterSerializer(many=True)
    suggestions = SuggestedTermSerializer(many=True)
    colorizations = serializers.SerializerMethodField()

    class Meta(PhotographSerializer.Meta):
        """All of it."""

        fields: tuple[str, ...] = (
            *PhotographSerializer.Meta.fields,
            "masters",
            "suggestions",
            "colorizations",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(DerivativeSerializer(many=True))
    def get_colorizations(self, photograph: Photograph) -> Any:
        """Return every colorization, the newest first."""
        found = [
            colorization
            for master in photograph.masters.all()
            for colorization in master.colorizations
        ]
        return DerivativeSerializer(found, many=True, context=self.context).data


class PhotographDescriptionSerializer(serializers.ModelSerializer[Any]):
    """Fields of the description to change; what is left out stays."""

    revision = serializers.IntegerField(
        min_value=1,
        max_value=LARGEST_KEY,
        help_text="The revision that the writer was looking at.",
    )

    class Meta:
        """The descriptive fields."""

        model = Photograph
        fields: tuple[str, ...] = ("revision", *Photograph.DESCRIPTIVE_FIELDS)
        extra_kwargs = {"reference_code": {"required": False}}


class PhotographPlaceSerializer(serializers.Serializer[Any]):
    """Where a photograph belongs."""

    collection = KeyField(queryset=Collection.objects.all())


class TermChoiceSerializer(serializers.Serializer[Any]):
    """Which term."""

    term = KeyField(queryset=Term.objects.all())
