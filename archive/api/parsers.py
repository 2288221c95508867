"""Reading what is sent, within limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser, MultiPartParser

from archive.api.problems import TooLarge


class BoundedJSONParser(JSONParser):
    """JSON that is neither huge nor bottomless, and holds only Unicode and numbers.

    The limit is `DATA_UPLOAD_MAX_MEMORY_SIZE`. What JSON can spell and a database
    cannot hold is refused: infinities and unpaired surrogates.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the value.

        Raises:
            TooLarge: more bytes than the limit.
            ParseError: it is not JSON, or not such JSON as can be kept.
        """
        request = (parser_context or {})["request"]
        if declared_length(request.META) > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0):
            raise TooLarge
        try:
            value: dict[str, Any] = super().parse(stream, media_type, parser_context)
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except (RecursionError, ValueError) as error:
            raise ParseError(_("This JSON cannot be read.")) from error
        return value


class BoundedMultiPartParser(MultiPartParser):
    """Files and fields, no more bytes in all than one file may have and its fields."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return fields and files.

        Raises:
            TooLarge: more bytes than the limit.
            ParseError: it is not what `multipart/form-data` looks like.
        """
        request = (parser_context or {})["request"]
        fields = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        if declared_length(request.META) > settings.UPLOAD_MAX_BYTES + fields:
            raise TooLarge
        return super().parse(stream, media_type, parser_context)


def declared_length(meta: Mapping[str, Any]) -> int:
    """Return how many bytes the request says that it has; none said is none."""
    length = str(meta.get("CONTENT_LENGTH") or "0")
    return int(length) if length.isdecimal() and len(length) < 20 else 0
