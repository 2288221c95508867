"""Tiles of scans for the zooming viewer, and the request to make them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from archive import iiif, tiles
from archive.models import MasterFile
from archive.views.access import SignedInRequest, permitted
from archive.views.files import kept

PERMISSION = "archive.view_masterfile"


@require_safe
@permitted(PERMISSION)
def standing(request: SignedInRequest, pk: int) -> JsonResponse:
    """Say how far the tiles of a scan are."""
    return _told(tiles.standing(_scan(pk)))


@require_POST
@permitted(PERMISSION)
def prepare(request: SignedInRequest, pk: int) -> JsonResponse:
    """Ask for the tiles of a scan, and say how far they are."""
    return _told(tiles.request(_scan(pk)))


@require_safe
@permitted(PERMISSION)
def information(request: SignedInRequest, pk: int) -> HttpResponse:
    """Describe the tiles of a scan as IIIF does."""
    return information_of(request, _scan(pk), reverse("archive:master_iiif", args=[pk]))


@require_safe
@permitted(PERMISSION)
def tile(request: SignedInRequest, pk: int, region: str, size: str) -> HttpResponseBase:
    """Show one tile of a scan."""
    scan = _scan(pk)
    place, content = found(scan, region, size)
    return shown(request, content, tag(scan.sha256, place))


def information_of(
    request: HttpRequest, scan: MasterFile, address: str
) -> JsonResponse:
    """Return the `info.json` of a picture of the scan's size.

    Raises:
        Http404: the tiles are not made.
    """
    if tiles.standing(scan).state is not tiles.State.READY:
        raise Http404("The tiles of this scan are not made yet.")
    whole = request.build_absolute_uri(address).removesuffix("/info.json")
    response = JsonResponse(iiif.information(whole, scan.width, scan.height))
    response["Content-Type"] = (
        f'application/ld+json;profile="{iiif.CONTEXT}"'
        if "application/ld+json" in request.headers.get("Accept", "")
        else "application/json"
    )
    response["Link"] = f'<{iiif.LEVEL}>;rel="profile"'
    response["Cache-Control"] = "private, no-cache"
    return response


def found(scan: MasterFile, region: str, size: str) -> tuple[iiif.Place, bytes]:
    """Return which tile an address names, and its JPEG.

    Raises:
        Http404: it names none, or the tiles are not made.
    """
    place = iiif.place(region, size, scan.width, scan.height)
    content = place and tiles.read(scan, place)
    if place is None or not content:
        raise Http404("There is no such tile, or it is not made yet.")
    return place, content


def shown(request: HttpRequest, content: bytes, named: str) -> HttpResponseBase:
    """Return a JPEG that never changes under its address."""
    return kept(request, HttpResponse(content, content_type="image/jpeg"), named)


def tag(digest: str, place: iiif.Place) -> str:
    """Return what names a tile's bytes: its source, and where it lies there."""
    return f"{digest}-{tiles.CUT}-{place.factor}-{place.column}-{place.row}"


def _scan(pk: int) -> MasterFile:
    scan: MasterFile = get_object_or_404(MasterFile.objects.defer("embedded"), pk=pk)
    return scan


def _told(found: tiles.Standing) -> JsonResponse:
    told: dict[str, Any] = {"state": found.state, "sentence": found.sentence}
    response = JsonResponse(told)
    response["Cache-Control"] = "no-store"
    return response
