"""Parts that several representations share."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from archive.vocabularies import Policy

LARGEST_KEY = 2**63 - 1


class KeyField(serializers.PrimaryKeyRelatedField[Any]):
    """A reference to another thing by its number."""

    def __init__(self, **kwargs: Any) -> None:
        """Take whole numbers only."""
        super().__init__(pk_field=serializers.IntegerField(), **kwargs)


def person(source: str) -> serializers.CharField:
    """Return a field that names a person by user name; null where there is none."""
    return serializers.CharField(
        source=f"{source}.username", read_only=True, allow_null=True
    )


class ReasonSerializer(serializers.Serializer[Any]):
    """Why a person decided as they did."""

    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default=""
    )


class RestrictionChangeSerializer(serializers.Serializer[Any]):
    """Flags to set (true) or to lift (false); one left out stays as it is."""

    do_not_colorize = serializers.BooleanField(required=False)
    do_not_tag = serializers.BooleanField(required=False)
    sensitive = serializers.BooleanField(required=False)

    def changes(self) -> dict[Policy, bool]:
        """Return the valid changes by restriction."""
        return {
            policy: self.validated_data[policy.value]
            for policy in Policy
            if policy.value in self.validated_data
        }


class RestrictionSerializer(serializers.Serializer[Any]):
    """One restriction: whether it holds, and what carries the flag."""

    holds = serializers.BooleanField()
    own = serializers.BooleanField(help_text="Flagged here, not only above.")
    carried_by = serializers.CharField(
        allow_null=True, help_text="Reference code of what carries the flag."
    )


class RestrictionsSerializer(serializers.Serializer[Any]):
    """Every restriction, own and inherited."""

    do_not_colorize = RestrictionSerializer()
    do_not_tag = RestrictionSerializer()
    sensitive = RestrictionSerializer()


class CollectionStubSerializer(serializers.Serializer[Any]):
    """Which collection something is in."""

    id = serializers.IntegerField()
    reference_code = serializers.CharField()
    title = serializers.CharField()


@extend_schema_field({"type": "object", "additionalProperties": True})
class Document(serializers.JSONField):
    """Free JSON, such as a recipe or embedded metadata."""
