"""Checkpoints: the models that can be asked, each with its card."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from archive.api.fields import Document
from archive.permissions import RolePermission
from colorizer.vision import checkpoints


class CheckpointSerializer(serializers.Serializer[Any]):
    """A named, hashed model."""

    name = serializers.CharField()
    version = serializers.CharField()
    task = serializers.CharField()
    network = serializers.CharField()
    sha256 = serializers.CharField()
    labels: Any = serializers.ListField(child=serializers.CharField())
    card = Document(source="text")


class CheckpointViewSet(ViewSet):
    """The models of this installation: what they are and what they learnt from."""

    permission_classes = [RolePermission]
    reading = "colorizer.view_job"
    needs: ClassVar[dict[str, str]] = {}

    @extend_schema(responses=CheckpointSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List every model that can be asked."""
        cards = checkpoints.available()
        return Response(CheckpointSerializer(cards, many=True).data)
