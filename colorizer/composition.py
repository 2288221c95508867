"""Composing colour pictures from a scan and the small chroma plane that is kept.

Without torch, so that web pages and exports can do it. The luma of what is composed
is the scan's own, pixel for pixel; toned and coloured scans count by their luma.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image

from archive import pictures, sentences, tiles
from archive.errors import ArchiveError, FixityBroken, SourceUnreadable
from archive.vocabularies import ReviewState
from colorizer.vision import disclosure
from colorizer.vision.colour import Chroma, ChromaUnreadable, Tone, luma
from colorizer.vision.merge import Window, merge

if TYPE_CHECKING:
    from archive.iiif import Place
    from archive.models import Derivative, Steering


class NotWritten(ArchiveError):
    """The colour picture could not be written where it was wanted."""

    def __init__(self, problem: disclosure.PictureUnwritten) -> None:
        """Take over the code and the words."""
        super().__init__(problem.sentence)
        self.code = problem.code


def compose(
    colorization: Derivative,
    *,
    longest: int | None = None,
    strength: float | None = None,
) -> Image.Image:
    """Return the photograph in colour, 8-bit sRGB, for a screen.

    Args:
        colorization: the chroma plane's row.
        longest: its longest side in pixels; the scan's own size by default.
        strength: factor on the colours; that of the recipe by default.

    Raises:
        SourceUnreadable: the scan cannot be decoded.
        FixityBroken: the chroma plane is gone or damaged.
    """
    master = colorization.master
    size = longest or max(master.width, master.height)
    try:
        picture = pictures.open_reduced(
            master.path, size, max_pixels=settings.PICTURE_MAX_PIXELS
        )
    except (pictures.PictureRefused, OSError) as problem:
        raise _unreadable(colorization, problem) from problem
    grey = luma(np.asarray(pictures.rendition(picture, size)))
    coloured = merge(
        grey, chroma_of(colorization), strength=_strength(colorization, strength)
    )
    return Image.fromarray(coloured)


def compose_tile(colorization: Derivative, tile: bytes, place: Place) -> bytes:
    """Return a tile of the scan in colour, as a JPEG that says what it is.

    Its luma is that of the scan's tile, so that nothing but the colour differs where
    the two are compared.

    Args:
        colorization: the chroma plane's row.
        tile: the scan's tile, a JPEG.
        place: where it lies.

    Raises:
        FixityBroken: the chroma plane is gone or damaged.
    """
    master = colorization.master
    window = Window(*place.corner, *place.level(master.width, master.height))
    with Image.open(BytesIO(tile), formats=("JPEG",)) as scan:
        grey = luma(np.asarray(scan))
    coloured = merge(
        grey,
        chroma_of(colorization),
        strength=_strength(colorization, None),
        window=window,
    )
    return tiles.jpeg(Image.fromarray(coloured), comment=disclosure.SENTENCE)


def write_full(
    colorization: Derivative, destination: Path, *, strength: float | None = None
) -> Path:
    """Write the photograph in colour at the scan's size and depth, without loss.

    8 bits become PNG and 16 bits TIFF, with transparency where the scan has it, and
    with the disclosure in XMP that the colours are a machine's interpretation.

    Args:
        colorization: the chroma plane's row.
        destination: where; its suffix is replaced by the fitting one.
        strength: factor on the colours; that of the recipe by default.

    Returns:
        Where it was written.

    Raises:
        SourceUnreadable: the scan cannot be decoded.
        FixityBroken: the chroma plane is gone or damaged.
        NotWritten: the disk is full or the folder refuses.
    """
    try:
        picture = pictures.open_picture(
            colorization.master.path, max_pixels=settings.PICTURE_MAX_PIXELS
        )
    except (pictures.PictureRefused, OSError) as problem:
        raise _unreadable(colorization, problem) from problem
    used = _strength(colorization, strength)
    coloured = merge(luma(picture.pixels), chroma_of(colorization), strength=used)
    place = destination.with_suffix(disclosure.file_extension(coloured))
    try:
        disclosure.write_picture(
            place, coloured, disclosed(colorization, used), alpha=picture.alpha
        )
    except disclosure.PictureUnwritten as problem:
        raise NotWritten(problem) from problem
    return place


def chroma_of(colorization: Derivative) -> Chroma:
    """Read the chroma plane from the store.

    Raises:
        FixityBroken: it is gone or damaged.
    """
    try:
        return Chroma.from_png(colorization.path.read_bytes())
    except (OSError, ChromaUnreadable) as problem:
        code = colorization.master.photograph.reference_code
        raise FixityBroken(
            _("The stored colours of %(code)s are gone or damaged. Colorize it again.")
            % {"code": code}
        ) from problem


def disclosed(colorization: Derivative, strength: float) -> disclosure.Disclosure:
    """Return what a picture with these colours must say of itself."""
    recipe = colorization.recipe
    accepted = colorization.review_state == ReviewState.ACCEPTED
    person = colorization.decided_by if accepted else None
    return disclosure.Disclosure(
        checkpoint=recipe.get("model", colorization.made_by),
        version=recipe.get("version", ""),
        weights_sha256=recipe.get("sha256", ""),
        master_sha256=colorization.master.sha256,
        created=timezone.now(),
        confirmed_by=person.get_username() if person else None,
        source_tone=Tone(recipe["tone"]) if "tone" in recipe else None,
        strength=strength,
        hints=len(colorization.hints),
        hinted_by=hinted_by(colorization.steering) if colorization.hints else (),
        documented_by=colorization.grade_source if accepted else None,
    )


def hinted_by(steering: Steering | None) -> tuple[str, ...]:
    """Return the user names of those whose hints were followed."""
    return tuple(steering.people) if steering else ()


def _strength(colorization: Derivative, wanted: float | None) -> float:
    if wanted is not None:
        return wanted
    return float(colorization.recipe.get("strength", 1.0))


def _unreadable(colorization: Derivative, problem: Exception) -> SourceUnreadable:
    code = colorization.master.photograph.reference_code
    why = problem.sentence if isinstance(problem, pictures.PictureRefused) else ""
    return SourceUnreadable(
        (
            _(
                "The master file of %(code)s cannot be read. %(why)s Run a fixity check"
                " and restore it from a backup."
            )
            % {"code": code, "why": sentences.translated(why)}
        ).replace("  ", " ")
    )
