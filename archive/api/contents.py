"""Stored files as answers: the same serving as on the pages, problems as here."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from rest_framework.exceptions import NotFound
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from archive.models import Derivative, MasterFile

CONTENT = {(200, "*/*"): OpenApiTypes.BINARY}


class AnyRenderer(JSONRenderer):
    """Whatever the client accepts: the file has the type that it has."""

    media_type = "*/*"
    format = ""


def stored(
    serve: Callable[[HttpRequest, int], HttpResponseBase],
    request: Request,
    file: Derivative | MasterFile,
) -> HttpResponseBase:
    """Return the bytes of a stored file.

    Raises:
        NotFound: the file is gone from the store.
    """
    if not file.path.is_file():
        raise NotFound(
            _(
                "The file is missing from the store. Check the archive's files, and "
                "restore it from a backup."
            ),
            code="file_missing",
        )
    return serve(request._request, file.pk)  # noqa: SLF001  what pages are served from
