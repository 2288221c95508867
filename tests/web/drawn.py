"""Photographs with pictures that are drawn here, stored like any others."""

import datetime as dt
import hashlib
from io import BytesIO

import numpy as np
from PIL import Image

from archive import describing, ingest, review
from archive.models import Collection, Derivative, MasterFile, Photograph
from archive.store import keep_derivative
from archive.vocabularies import Purpose, Side
from colorizer.vision.colour import Chroma
from tests import catalogue

NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


def scene(number: int, size=(60, 40), *, coloured: bool = False) -> Image.Image:
    """Draw a grey gradient, different for each number; coloured where asked."""
    width, height = size
    across = np.linspace(20 + number % 50, 230, width)[None, :]
    grey = np.repeat(across, height, axis=0).astype(np.uint8)
    grey[number % height] = 255 - number % 100
    if not coloured:
        return Image.fromarray(grey)
    return Image.fromarray(np.dstack([grey, grey // 2, grey // 4]))


def photograph(
    folder, number=1, *, within: Collection | None = None, by=None, size=(60, 40)
) -> Photograph:
    """Ingest one drawn scan, with its thumbnail and display copy."""
    within = within or Collection.objects.first() or catalogue.collection()
    path = folder / f"scan-{number}.png"
    scene(number, size).save(path)
    return ingest.ingest_file(path, within, by=by)


def verso(folder, of: Photograph, number=90) -> MasterFile:
    """Ingest a drawn scan of the back."""
    path = folder / f"scan-{number}-verso.png"
    scene(number).save(path)
    ingest.ingest_file(path, of.collection, by=None, side=Side.VERSO, photograph=of)
    return of.masters.get(side=Side.VERSO)


def colours(of: Photograph, name: str = "drawn-colorizer 1") -> Derivative:
    """Give the photograph a colorization with its display copy, awaiting review."""
    front = of.masters.get(side=Side.RECTO)
    flat = np.full((4, 6), 10, np.float32)
    plane = keep_derivative(Chroma(flat, -flat).to_png(), ".png")
    colorization = catalogue.colorization(
        front, sha256=plane.sha256, made_by=name, width=6, height=4
    )
    shown = BytesIO()
    scene(of.pk + len(name), coloured=True).save(shown, "JPEG")
    stored = keep_derivative(shown.getvalue(), ".jpg")
    Derivative.objects.create(
        master=front,
        source=colorization,
        purpose=Purpose.COLOUR_DISPLAY,
        recipe={"of": colorization.pk},
        recipe_digest=hashlib.sha256(str(colorization.pk).encode()).hexdigest(),
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
        width=60,
        height=40,
        media_type="image/jpeg",
        extension=".jpg",
        made_by=name,
        machine_interpretation=True,
    )
    return colorization


def suggestions(of: Photograph, **scores: float):
    """Have the machine suggest terms by label; best first."""
    terms = {describing.create_term(label): score for label, score in scores.items()}
    review.record_suggestions(of, terms, model=catalogue.MODEL, result_id=None, at=NOW)
    return list(of.suggestions.order_by("-score"))
