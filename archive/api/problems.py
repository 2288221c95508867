"""Refusals as problem details for HTTP APIs (RFC 9457), each with a stable code."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.exceptions import ValidationError as Invalid
from django.db import IntegrityError, OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from archive.errors import ArchiveError, DuplicateFile, InvalidDescription

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:problem-type:autochrome:"

_UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY
STATUS_OF_CODE = {
    "invalid_description": HTTPStatus.BAD_REQUEST,
    "not_a_collection": HTTPStatus.BAD_REQUEST,
    "source_unreadable": HTTPStatus.BAD_REQUEST,
    "duplicate": HTTPStatus.CONFLICT,
    "edited_meanwhile": HTTPStatus.CONFLICT,
    "fixity_broken": HTTPStatus.CONFLICT,
    "immutable": HTTPStatus.CONFLICT,
    "not_in_this_state": HTTPStatus.CONFLICT,
    "decompression_bomb": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_many_bytes": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_many_pixels": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "not_a_picture": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "unsupported_format": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "disk_full": HTTPStatus.INSUFFICIENT_STORAGE,
}


def answer(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Return the problem that tells of a refusal; None where it is a bug."""
    if isinstance(exc, ArchiveError):
        return refusal(exc)
    refused = _as_api_exception(exc)
    if refused is None:
        return None
    headers = {}
    if challenge := getattr(refused, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(refused, "wait", None):
        headers["Retry-After"] = f"{wait:.0f}"
    if isinstance(refused, exceptions.ValidationError):
        fields = by_field(refused.detail)
        sentence = _("Some of what was sent cannot be used: %(fields)s.") % {
            "fields": ", ".join(fields)
        }
        return problem(
            refused.status_code, "invalid", sentence, errors=fields, headers=headers
        )
    return problem(
        refused.status_code,
        _code(refused),
        str(refused.detail),
        headers=headers,
    )


def refusal(error: ArchiveError) -> Response:
    """Return the problem that tells why a verb did not do its work."""
    members: dict[str, Any] = {}
    if isinstance(error, InvalidDescription):
        members["errors"] = {
            name: [sentence] for name, sentence in error.fields.items()
        }
    if isinstance(error, DuplicateFile):
        members["photograph"] = error.existing_photograph
    status = STATUS_OF_CODE.get(error.code, _UNPROCESSABLE)
    return problem(status, error.code, error.sentence, **members)


def problem(
    status: int,
    code: str,
    sentence: str,
    *,
    headers: dict[str, str] | None = None,
    **members: Any,
) -> Response:
    """Return a response in `application/problem+json`.

    Args:
        status: HTTP status.
        code: stable name of the reason.
        sentence: what happened and what to do about it.
        headers: further headers of the response.
        members: extension members, such as `errors` by field.
    """
    return Response(
        {
            "type": f"{TYPE}{code}",
            "title": HTTPStatus(status).phrase,
            "status": int(status),
            "detail": sentence,
            "code": code,
            **members,
        },
        status=status,
        headers=headers,
        content_type=MEDIA_TYPE,
    )


def by_field(detail: Any, name: str = "") -> dict[str, list[str]]:
    """Flatten REST framework's nested detail: dotted field name to its sentences."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for key, below in detail.items():
            found |= by_field(below, f"{name}.{key}" if name else str(key))
        return found
    if isinstance(detail, list):
        if all(isinstance(each, str) for each in detail):
            return {name or "request": [str(each) for each in detail]}
        found = {}
        for number, below in enumerate(detail):
            if below:
                found |= by_field(below, f"{name}.{number}" if name else str(number))
        return found
    return {name or "request": [str(detail)]}


def _as_api_exception(exc: Exception) -> exceptions.APIException | None:
    match exc:
        case exceptions.APIException():
            return exc
        case Http404():
            return exceptions.NotFound(_("There is nothing at this address."))
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case Invalid():
            return exceptions.ValidationError(
                exc.message_dict if hasattr(exc, "error_dict") else exc.messages
            )
        case RequestDataTooBig() | TooManyFieldsSent() | TooManyFilesSent():
            return TooLarge()
        case SuspiciousOperation():
            return exceptions.ParseError()
        case IntegrityError():
            return Conflict()
        case OperationalError():
            return CatalogueBusy()
        case _:
            return None


def _code(refused: exceptions.APIException) -> str:
    codes = refused.get_codes()
    return codes if isinstance(codes, str) else refused.default_code


class TooLarge(exceptions.APIException):
    """More was sent at once than the archive takes."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_many_bytes"
    default_detail = _("That is more than can be sent at once. Send it in parts.")


class Conflict(exceptions.APIException):
    """Two requests wanted the same thing at the same moment."""

    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"
    default_detail = _(
        "Someone else changed the same thing at this moment. Nothing was changed: "
        "look again, then repeat it."
    )


class CatalogueBusy(exceptions.APIException):
    """The catalogue's database does not answer, or is locked."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "catalogue_busy"
    default_detail = _("The catalogue is busy. Nothing was changed: try again soon.")
    wait = 5
