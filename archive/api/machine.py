"""How a representation says that a value was made by a machine, and by which."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from archive.models import Derivative, Suggestion
from archive.vocabularies import ReviewState


class ModelSerializer(serializers.Serializer[Any]):
    """The model that made it, down to the weights."""

    name = serializers.CharField()
    version = serializers.CharField()
    sha256 = serializers.CharField(help_text="SHA-256 of the weights.")


class ReviewSerializer(serializers.Serializer[Any]):
    """What a person decided about it."""

    state = serializers.ChoiceField(choices=ReviewState.choices)
    decided_by = serializers.CharField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class MachineMadeSerializer(serializers.Serializer[Any]):
    """That a machine made it: which model, from which draft."""

    model = ModelSerializer()
    result = serializers.UUIDField(
        allow_null=True, help_text="The machine draft, in `/api/results/`."
    )


def of_suggestion(suggestion: Suggestion) -> dict[str, Any]:
    """Return what `MachineMadeSerializer` shows of a suggestion."""
    return {
        "model": {
            "name": suggestion.model_name,
            "version": suggestion.model_version,
            "sha256": suggestion.model_sha256,
        },
        "result": suggestion.result_id,
    }


def of_derivative(derivative: Derivative) -> dict[str, Any] | None:
    """Return what `MachineMadeSerializer` shows of a derivative.

    None where it shows nothing that the original does not. A picture composed from a
    colorization was made by the colorization's model.
    """
    if not derivative.machine_interpretation:
        return None
    origin = derivative.source or derivative
    recipe = origin.recipe
    return {
        "model": {
            "name": recipe.get("model", ""),
            "version": recipe.get("version", ""),
            "sha256": recipe.get("sha256", ""),
        },
        "result": origin.result_id,
    }


def review_of(thing: Derivative | Suggestion) -> dict[str, Any]:
    """Return what `ReviewSerializer` shows of something that a machine made."""
    by = thing.decided_by
    return {
        "state": thing.state if isinstance(thing, Suggestion) else thing.review_state,
        "decided_by": by.username if by else None,
        "decided_at": thing.decided_at,
        "reason": thing.decision_reason,
    }
