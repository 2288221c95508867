"""What is found where, below `/api/`."""

from __future__ import annotations

from rest_framework.viewsets import ViewSetMixin

from colorizer.api.alike import AlikeViewSet
from colorizer.api.checkpoints import CheckpointViewSet
from colorizer.api.jobs import JobViewSet
from colorizer.api.results import ColorizationResultViewSet, TaggingResultViewSet
from colorizer.api.steering import SteeringViewSet

# Prefix, view set, name of the addresses.
ROUTES: list[tuple[str, type[ViewSetMixin], str]] = [
    ("jobs", JobViewSet, "job"),
    ("steering", SteeringViewSet, "steering"),
    ("alike", AlikeViewSet, "alike"),
    ("results/colorization", ColorizationResultViewSet, "colorization-result"),
    ("results/tagging", TaggingResultViewSet, "tagging-result"),
    ("checkpoints", CheckpointViewSet, "checkpoint"),
]
