"""Tiles of a scan in a machine's colours, composed when they are looked at."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from archive.errors import FixityBroken
from archive.models import Derivative
from archive.views import tiles
from archive.views.access import SignedInRequest, permitted
from colorizer import composition

_PERMISSIONS = ("archive.view_derivative", tiles.PERMISSION)


@require_safe
@permitted(*_PERMISSIONS)
def information(request: SignedInRequest, pk: int) -> HttpResponse:
    """Describe the tiles of a scan in colour as IIIF does."""
    address = reverse("colorizer:colour_iiif", args=[pk])
    return tiles.information_of(request, _colorization(pk).master, address)


@require_safe
@permitted(*_PERMISSIONS)
def tile(request: SignedInRequest, pk: int, region: str, size: str) -> HttpResponseBase:
    """Show one tile of a scan in a machine's colours."""
    colorization = _colorization(pk)
    place, grey = tiles.found(colorization.master, region, size)
    try:
        content = composition.compose_tile(colorization, grey, place)
    except FixityBroken as broken:
        raise Http404(broken.sentence) from broken
    return tiles.shown(request, content, tiles.tag(colorization.recipe_digest, place))


def _colorization(pk: int) -> Derivative:
    found: Derivative = get_object_or_404(
        Derivative.objects.colorizations()
        .select_related("master__photograph")
        .defer("master__embedded"),
        pk=pk,
    )
    return found
