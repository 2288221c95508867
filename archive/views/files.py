"""Serving of pictures: screen copies inline, masters only as downloads.

Nothing but the raster types listed here is ever shown by a browser from the store,
whatever a file or its name claims to be.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import quote

from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from PIL import Image, ImageDraw

from archive import captions
from archive.errors import FixityBroken
from archive.models import Derivative, MasterFile
from archive.views.access import permitted
from archive.vocabularies import Purpose

SHOWN_INLINE = frozenset({"image/jpeg", "image/png", "image/webp"})
DOWNLOADED = SHOWN_INLINE | {"image/tiff", "image/heif", "image/heic", "image/gif"}
ANY_BYTES = "application/octet-stream"

# A row's bytes never change; only those who may log in may keep them.
FOR_EVER = "private, max-age=31536000, immutable"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")
_CHUNK = 1 << 16
_PLACEHOLDER_SIDE = 480


@require_safe
@permitted("archive.view_derivative")
def derivative(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show a screen copy, or 404 with a placeholder picture where its file is gone."""
    shown = get_object_or_404(Derivative, pk=pk)
    try:
        stream = shown.path.open("rb")
    except OSError:
        return missing_picture(shown.width, shown.height)
    inline = shown.media_type in SHOWN_INLINE
    response = FileResponse(
        stream, content_type=shown.media_type if inline else ANY_BYTES
    )
    if not inline:
        response["Content-Disposition"] = attachment(
            f"{shown.sha256[:12]}{shown.extension}"
        )
    return kept(request, response, shown.sha256)


@require_safe
@permitted("archive.view_masterfile")
def master(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out a scan as it was received: always a download, in parts if asked."""
    scan = get_object_or_404(MasterFile.objects.defer("embedded"), pk=pk)
    try:
        stream = scan.path.open("rb")
    except OSError:
        return HttpResponse(
            _(
                "The file of %(name)s is missing from the store. Run the fixity check "
                "to see what else is, and restore it from a backup."
            )
            % {"name": scan.original_name},
            status=404,
            content_type="text/plain; charset=utf-8",
        )
    media_type = scan.media_type if scan.media_type in DOWNLOADED else ANY_BYTES
    response = _whole_or_part(request, stream, scan.path.stat().st_size, media_type)
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = attachment(scan.original_name)
    return kept(request, response, scan.sha256)


@require_safe
@permitted("archive.view_derivative", "archive.view_photograph")
def access_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out a screen copy with its caption below and in its metadata."""
    shown = get_object_or_404(
        Derivative.objects.select_related(
            "source__steering", "master__photograph__collection"
        ),
        pk=pk,
        purpose__in=[Purpose.DISPLAY, Purpose.COLOUR_DISPLAY],
    )
    caption = captions.of_photograph(shown.master.photograph, shown)
    return captioned(shown, caption, "private, no-store")


def captioned(shown: Derivative, caption: captions.Caption, cache: str) -> HttpResponse:
    """Answer with an access copy, or say that its file is gone."""
    try:
        content = captions.access_copy(shown, caption)
    except FixityBroken as problem:
        return HttpResponse(
            problem.sentence, status=404, content_type="text/plain; charset=utf-8"
        )
    response = HttpResponse(content, content_type="image/jpeg")
    colours = " machine colours" if shown.machine_interpretation else ""
    code = caption.record["identifier"].replace("/", "-")
    response["Content-Disposition"] = attachment(f"{code}{colours}.jpg")
    response["Cache-Control"] = cache
    response["X-Content-Type-Options"] = "nosniff"
    return response


def attachment(name: str) -> str:
    """Return a Content-Disposition that downloads under a safe form of a name.

    The name loses folders, control characters and what file systems refuse. It is
    given twice: in plain ASCII, and exactly as RFC 5987 writes it.
    """
    name = PurePosixPath(name.replace("\\", "/")).name
    name = "".join(
        "_" if character in '<>:"|?*' else character
        for character in unicodedata.normalize("NFC", name)
        if unicodedata.category(character)[0] != "C"
    ).strip(". ")
    name = name[-150:] or "photograph"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem, dot, suffix = plain.rpartition(".")
    if dot and not stem.strip("._ -"):
        plain = f"photograph.{suffix}"
    plain = plain.replace("%", "_").strip() or "photograph"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def missing_picture(width: int, height: int) -> HttpResponse:
    """Return 404 with a grey picture of the same shape, so that no page breaks."""
    scale = min(1.0, _PLACEHOLDER_SIDE / max(width, height, 1))
    size = max(round(width * scale), 16), max(round(height * scale), 16)
    response = HttpResponse(_placeholder(*size), status=404, content_type="image/png")
    response["Cache-Control"] = "no-store"
    return response


@lru_cache(maxsize=32)
def _placeholder(width: int, height: int) -> bytes:
    picture = Image.new("L", (width, height), 0x8C)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((3, 3, width - 4, height - 4), outline=0x50)
    pen.line((3, 3, width - 4, height - 4), fill=0x50)
    pen.line((3, height - 4, width - 4, 3), fill=0x50)
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def kept(
    request: HttpRequest, response: HttpResponseBase, sha256: str
) -> HttpResponseBase:
    """Name the bytes by their hash, and answer 304 to a browser that has them."""
    response["ETag"] = f'"{sha256}"'
    response["Cache-Control"] = FOR_EVER
    response["X-Content-Type-Options"] = "nosniff"
    if response.status_code != 200:
        return response
    answer = get_conditional_response(
        request,
        etag=response["ETag"],
        response=response,  # type: ignore[arg-type]
    )
    if answer is None:
        return response
    if answer is not response:
        response.close()
    return answer


def _whole_or_part(
    request: HttpRequest, stream: BinaryIO, size: int, media_type: str
) -> HttpResponseBase:
    """Answer one byte range; anything else that is asked gets the whole file."""
    asked = _RANGE.match(request.headers.get("Range", ""))
    if asked is None or not (asked[1] or asked[2]) or "If-Range" in request.headers:
        return FileResponse(stream, content_type=media_type)
    if asked[1]:
        first, last = int(asked[1]), min(int(asked[2] or size), size - 1)
    else:
        first, last = max(size - int(asked[2]), 0), size - 1
    if first > last:
        stream.close()
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{size}"
        return refused
    stream.seek(first)
    part = StreamingHttpResponse(
        _pieces(stream, last - first + 1), status=206, content_type=media_type
    )
    part["Content-Range"] = f"bytes {first}-{last}/{size}"
    part["Content-Length"] = str(last - first + 1)
    return part


def _pieces(stream: BinaryIO, length: int) -> Iterator[bytes]:
    with stream:
        while length > 0 and (piece := stream.read(min(_CHUNK, length))):
            length -= len(piece)
            yield piece


class SpentFile(io.FileIO):
    """A temporary file that is removed from the disk when it is closed."""

    def __init__(self, path: Path) -> None:
        """Open the file for reading."""
        super().__init__(path, "rb")
        self._spent = path

    def close(self) -> None:
        """Close and remove."""
        super().close()
        self._spent.unlink(missing_ok=True)
