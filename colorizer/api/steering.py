"""Steering: hints and strength of a photograph, and what a model made of them."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from archive import dyes
from archive import steering as hints
from archive.api.machine import ModelSerializer
from archive.api.problems import STATUS_OF_CODE
from archive.api.views import CatalogueViewSet
from archive.models import Photograph, Steering
from archive.models.steering import STRONGEST
from colorizer import steering
from colorizer.steering import View

STATUS_OF_CODE[hints.HintInvalid.code] = HTTPStatus.BAD_REQUEST

LARGEST_NUMBER = 2**31 - 1
VERBS = (
    "place",
    "change",
    "remove",
    "clear",
    "undo",
    "restore",
    "strength",
    "look",
    "propose",
)


class HintSerializer(serializers.Serializer[Any]):
    """What a person knows about the colour at one point."""

    id = serializers.IntegerField()
    x = serializers.FloatField(help_text="Share of the upright picture's width.")
    y = serializers.FloatField(help_text="Share of its height, from the top.")
    colour = serializers.CharField(help_text="sRGB, `#rrggbb`.")
    why = serializers.CharField(allow_blank=True)
    by = serializers.CharField()
    at = serializers.DateTimeField()


class StateSerializer(serializers.Serializer[Any]):
    """One state of the steering, with who made it of the last."""

    number = serializers.IntegerField(help_text="Send it back with every change.")
    hints = HintSerializer(many=True)
    strength = serializers.IntegerField(help_text="Per cent of the model's chroma.")
    action = serializers.CharField(allow_blank=True)
    by = serializers.SerializerMethodField()
    at = serializers.SerializerMethodField()

    def get_by(self, state: Steering) -> str | None:
        """Return the user name; nobody's before anyone has steered."""
        return state.by.get_username() if state.pk else None

    def get_at(self, state: Steering) -> str | None:
        """Return when, as ISO 8601."""
        return state.at.isoformat() if state.pk else None


class SteeringSerializer(serializers.Serializer[Any]):
    """The steering as it stands, and the colours that were made for it."""

    photograph = serializers.IntegerField(source="state.master.photograph_id")
    state = StateSerializer()
    can_undo = serializers.SerializerMethodField()
    can_restore = serializers.SerializerMethodField()
    model = serializers.SerializerMethodField()
    takes_hints = serializers.BooleanField(help_text="Or the strength alone.")
    colorization = serializers.IntegerField(
        source="colorization.pk", allow_null=True, default=None
    )
    picture = serializers.IntegerField(
        source="picture.pk", allow_null=True, default=None
    )
    job = serializers.UUIDField(source="job.pk", allow_null=True, default=None)
    on_the_way = serializers.BooleanField(source="waits")
    trouble = serializers.CharField(allow_blank=True)

    def get_can_undo(self, seen: View) -> bool:
        """Return whether there is a change to undo."""
        return seen.state.before is not None

    def get_can_restore(self, seen: View) -> bool:
        """Return whether something was undone last."""
        return seen.state.after is not None

    @extend_schema_field(ModelSerializer)
    def get_model(self, seen: View) -> dict[str, str]:
        """Return the model that is asked."""
        card = seen.card
        return {"name": card.name, "version": card.version, "sha256": card.sha256}


class SeenSerializer(serializers.Serializer[Any]):
    """Which state the person looked at."""

    number = serializers.IntegerField(min_value=0, max_value=LARGEST_NUMBER)


class PlaceSerializer(SeenSerializer):
    """A new hint."""

    x = serializers.FloatField(min_value=0, max_value=1)
    y = serializers.FloatField(min_value=0, max_value=1)
    colour = serializers.RegexField("^#[0-9a-fA-F]{6}$", max_length=7)
    why = serializers.CharField(
        max_length=hints.LONGEST_REASON, required=False, allow_blank=True, default=""
    )


class ChangeSerializer(SeenSerializer):
    """A hint in another place, colour or for another reason."""

    hint = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER)
    x = serializers.FloatField(min_value=0, max_value=1, required=False)
    y = serializers.FloatField(min_value=0, max_value=1, required=False)
    colour = serializers.RegexField("^#[0-9a-fA-F]{6}$", max_length=7, required=False)
    why = serializers.CharField(
        max_length=hints.LONGEST_REASON, required=False, allow_blank=True
    )


class RemoveSerializer(SeenSerializer):
    """A hint to take away."""

    hint = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER)


class StrengthSerializer(SeenSerializer):
    """How strong all colours should be."""

    strength = serializers.IntegerField(min_value=0, max_value=STRONGEST)


class DyeSerializer(serializers.Serializer[Any]):
    """A named colour: an approximate screen value and a note, not a measurement."""

    name = serializers.CharField()
    colour = serializers.CharField()
    kind = serializers.CharField()
    note = serializers.CharField()


class SteeringViewSet(CatalogueViewSet):
    """The colours of photographs, steered by people."""

    queryset = Photograph.objects.select_related("collection")
    serializer_class = SteeringSerializer
    reading = "archive.view_photograph"
    needs: ClassVar = dict.fromkeys(VERBS, "archive.request_machine_vision")

    def retrieve(self, request: Request, **_kwargs: Any) -> Response:
        """Return the steering of a photograph, named by its number."""
        return self._answer(steering.view(self._photograph()))

    @extend_schema(responses=StateSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def history(self, request: Request, **_kwargs: Any) -> Response:
        """Return every state that there has been, newest first."""
        master = hints.front(self._photograph())
        states = Steering.objects.filter(master=master).select_related("by")
        return Response(StateSerializer(states.order_by("-number"), many=True).data)

    @extend_schema(responses=DyeSerializer(many=True), filters=False)
    @action(detail=False, pagination_class=None)
    def dyes(self, request: Request) -> Response:
        """Return the palette of dyes, paints and materials."""
        return Response(DyeSerializer(dyes.DYES, many=True).data)

    @extend_schema(request=PlaceSerializer, responses={202: SteeringSerializer})
    @action(detail=True, methods=["post"])
    def place(self, request: Request, **_kwargs: Any) -> Response:
        """Put a hint at a point; the colours follow within seconds."""
        return self._steered(PlaceSerializer, hints.place, with_hints=True)

    @extend_schema(request=ChangeSerializer, responses={202: SteeringSerializer})
    @action(detail=True, methods=["post"])
    def change(self, request: Request, **_kwargs: Any) -> Response:
        """Move a hint, or give it another colour or reason."""
        return self._steered(ChangeSerializer, hints.change, with_hints=True)

    @extend_schema(request=RemoveSerializer, responses={202: SteeringSerializer})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, **_kwargs: Any) -> Response:
        """Take a hint away."""
        return self._steered(RemoveSerializer, hints.remove)

    @extend_schema(request=SeenSerializer, responses={202: SteeringSerializer})
    @action(detail=True, methods=["post"])
    def clear(self, request: Request, **_kwargs: Any) -> Response:
        """Take every hint away, and give the model its own strength."""
        return self._steered(SeenSerializer, hints.clear)

    @extend_schema(request=SeenSerializer, responses={202: SteeringSerializer})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, **_kwargs: Any) -> Response:
        """Undo the last change; again, the one before."""
        return self._steered(SeenSerializer, hints.undo)

    @extend_schema(request=SeenSerializer, responses={202: SteeringSerializer})
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, **_kwargs: Any) -> Response:
        """Take the last undoing back."""
        return self._steered(SeenSerializer, hints.restore)

    @extend_schema(request=StrengthSerializer, responses={202: SteeringSerializer})
    @action(detail=True, methods=["post"])
    def strength(self, request: Request, **_kwargs: Any) -> Response:
        """Make all colours weaker or stronger."""
        return self._steered(StrengthSerializer, hints.set_strength)

    @extend_schema(request=None, responses={202: SteeringSerializer})
    @action(detail=True, methods=["post"])
    def look(self, request: Request, **_kwargs: Any) -> Response:
        """Ask for the colours of the state that stands."""
        state = hints.current(hints.front(self._photograph()))
        return self._asked(state)

    @extend_schema(request=SeenSerializer, responses=SteeringSerializer)
    @action(detail=True, methods=["post"])
    def propose(self, request: Request, **_kwargs: Any) -> Response:
        """Save the colours as they stand as a version that waits for review."""
        wanted = SeenSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        found = self._photograph()
        steering.save(found, number=wanted.validated_data["number"], by=self.person)
        return self._answer(steering.view(found))

    def _steered(
        self,
        kind: type[serializers.Serializer[Any]],
        verb: Callable[..., Steering],
        *,
        with_hints: bool = False,
    ) -> Response:
        wanted = kind(data=self.request.data)
        wanted.is_valid(raise_exception=True)
        if with_hints:
            steering.require_hints(steering.model())
        words = dict(wanted.validated_data)
        if "hint" in words:
            words["hint_id"] = words.pop("hint")
        return self._asked(verb(self._photograph(), by=self.person, **words))

    def _asked(self, state: Steering) -> Response:
        seen = steering.ask(state, steering.model(), by=self.person)
        return self._answer(seen, status.HTTP_202_ACCEPTED)

    def _answer(self, seen: View, code: int = status.HTTP_200_OK) -> Response:
        return Response(SteeringSerializer(seen).data, status=code)

    def _photograph(self) -> Photograph:
        found: Photograph = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        return found
