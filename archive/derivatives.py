"""Derivatives: rows for files in the store, and the copies that screens show.

Screen copies are 8-bit JPEGs in sRGB, upright, with the tone of 16-bit and CMYK scans
carried over by `archive.pictures`; transparency is shown on white paper.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

import PIL
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from archive import pictures, sentences
from archive.errors import ArchiveError
from archive.models import Derivative, Event, MasterFile, Steering
from archive.provenance import SOFTWARE, prepared, record
from archive.store import StoredFile, keep_derivative
from archive.vocabularies import EventType, Purpose, ReviewState

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SCREEN_LENGTHS: Mapping[Purpose, int] = {Purpose.THUMBNAIL: 320, Purpose.DISPLAY: 1600}
JPEG_QUALITY = 85
MADE_BY = f"{SOFTWARE} (Pillow {PIL.__version__})"


class NotMade(ArchiveError):
    """A master, sound when it was ingested, no longer yields a picture."""

    code = "not_made"


@dataclass(frozen=True, slots=True)
class ScreenCopy:
    """A picture for screens that lies in the store and has no row yet.

    Attributes:
        purpose: thumbnail or display copy.
        stored: its digest and length.
        width: pixels.
        height: pixels.
    """

    purpose: Purpose
    stored: StoredFile
    width: int
    height: int


def recipe_digest(recipe: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a recipe, the same for the same values in any order."""
    text = json.dumps(recipe, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def attach(
    master: MasterFile,
    purpose: Purpose,
    stored: StoredFile,
    *,
    recipe: Mapping[str, Any],
    width: int,
    height: int,
    media_type: str,
    extension: str,
    made_by: str,
    source: Derivative | None = None,
    machine_interpretation: bool = False,
    result_id: UUID | None = None,
    review_state: ReviewState = ReviewState.NOT_NEEDED,
    steering: Steering | None = None,
    note: str = "",
    by: User | None = None,
) -> Derivative:
    """Say in the catalogue what a stored file is, and record its creation.

    The same purpose and recipe on the same master is one derivative: where there is
    one it is returned as it stands, unless its file is gone from the store; then the
    row takes this file. Call it in the transaction that the file belongs to.

    Args:
        master: what it was made from.
        purpose: what it is for.
        stored: the file, kept already.
        recipe: JSON values from which the same file can be made again.
        width: pixels.
        height: pixels.
        media_type: such as `image/jpeg`.
        extension: the one it was stored with.
        made_by: software or model, with its version.
        source: the derivative it was composed from, beside the master.
        machine_interpretation: it shows what the original does not.
        result_id: the machine's draft.
        review_state: where it stands with the curator.
        steering: the hints of people that it followed.
        note: what its creation's event says besides.
        by: the person who asked for it.
    """
    facts: dict[str, Any] = {
        "recipe": dict(recipe),
        "sha256": stored.sha256,
        "size_bytes": stored.size_bytes,
        "width": width,
        "height": height,
        "media_type": media_type,
        "extension": extension,
        "made_by": made_by,
        "source": source,
        "machine_interpretation": machine_interpretation,
        "result_id": result_id,
        "review_state": review_state,
        "steering": steering,
    }
    derivative, created = Derivative.objects.get_or_create(
        master=master,
        purpose=purpose,
        recipe_digest=recipe_digest(recipe),
        defaults=facts,
    )
    if created:
        record(
            EventType.CREATION,
            "derived",
            derivative,
            by=by,
            software=made_by,
            note=note,
        )
    elif derivative.sha256 != stored.sha256 and not derivative.path.exists():
        changes = {"sha256": [derivative.sha256, stored.sha256]}
        for name in ("sha256", "size_bytes", "width", "height", "made_by"):
            setattr(derivative, name, facts[name])
        derivative.save()
        record(
            EventType.MODIFICATION,
            "remade",
            derivative,
            by=by,
            software=made_by,
            changes=changes,
        )
    return derivative


def keep_screen_copies(renditions: Mapping[int, Image.Image]) -> list[ScreenCopy]:
    """Write thumbnail and display copy into the store; no row is made.

    Args:
        renditions: a picture (8-bit L or RGB, sRGB) for each of `SCREEN_LENGTHS`.

    Raises:
        StoreFull: no room.
    """
    copies = []
    for purpose, longest in SCREEN_LENGTHS.items():
        picture = renditions[longest]
        content = BytesIO()
        picture.save(content, "JPEG", quality=JPEG_QUALITY)
        stored = keep_derivative(content.getvalue(), ".jpg")
        copies.append(ScreenCopy(purpose, stored, *picture.size))
    return copies


def attach_screen_copies(
    master: MasterFile, copies: Iterable[ScreenCopy], *, by: User | None = None
) -> list[Derivative]:
    """Make the rows of screen copies; call it in a transaction."""
    return [
        attach(master, copy.purpose, copy.stored, by=by, **_facts(copy))
        for copy in copies
    ]


def attach_first_screen_copies(
    master: MasterFile, copies: Iterable[ScreenCopy], *, by: User | None = None
) -> list[Derivative]:
    """Make the rows for a master of this very transaction, in two statements."""
    made: list[Derivative] = Derivative.objects.bulk_create(
        Derivative(
            master=master,
            purpose=copy.purpose,
            sha256=copy.stored.sha256,
            size_bytes=copy.stored.size_bytes,
            recipe_digest=recipe_digest(_facts(copy)["recipe"]),
            **_facts(copy),
        )
        for copy in copies
    )
    Event.objects.bulk_create(
        prepared(EventType.CREATION, "derived", derivative, by=by, software=MADE_BY)
        for derivative in made
    )
    return made


def _facts(copy: ScreenCopy) -> dict[str, Any]:
    return {
        "recipe": {
            "picture": "rendition",
            "longest": SCREEN_LENGTHS[copy.purpose],
            "format": "JPEG",
            "quality": JPEG_QUALITY,
        },
        "width": copy.width,
        "height": copy.height,
        "media_type": "image/jpeg",
        "extension": ".jpg",
        "made_by": MADE_BY,
    }


def make_screen_copies(
    master: MasterFile,
    picture: pictures.Picture | None = None,
    *,
    by: User | None = None,
) -> list[Derivative]:
    """Make thumbnail and display copy of a stored master, or restore lost ones.

    Args:
        master: the master.
        picture: its pixels, where they are decoded already.
        by: the person who asked for it.

    Raises:
        NotMade: the stored file is gone or no longer a picture.
        StoreFull: no room.
    """
    lengths = SCREEN_LENGTHS.values()
    if picture is None:
        try:
            renditions = pictures.examine(
                master.path, lengths, max_pixels=settings.PICTURE_MAX_PIXELS
            ).renditions
        except pictures.PictureRefused as refusal:
            raise NotMade(
                _(
                    "No copy for the screen can be made of %(name)s: %(why)s Run a "
                    "fixity check and restore it from a backup."
                )
                % {
                    "name": master.original_name,
                    "why": sentences.translated(refusal.sentence),
                }
            ) from refusal
    else:
        renditions = {side: pictures.rendition(picture, side) for side in lengths}
    copies = keep_screen_copies(renditions)
    with transaction.atomic():
        return attach_screen_copies(master, copies, by=by)
