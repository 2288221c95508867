"""Rows of the catalogue for tests that need no files behind them."""

import hashlib
import itertools
from typing import Any

from archive import describing
from archive.models import (
    Collection,
    Derivative,
    MasterFile,
    Photograph,
    Term,
    TermSynonym,
)
from archive.review import Model
from archive.vocabularies import Purpose, ReviewState

MODEL = Model("drawn-tagger", "1", "ab" * 32)
_numbers = itertools.count(1)


def digest(*words: Any) -> str:
    """Return a SHA-256 that is different for each call."""
    return hashlib.sha256(f"{words}{next(_numbers)}".encode()).hexdigest()


def collection(code: str = "GB1", parent: Collection | None = None, **values: Any):
    """Return a new collection."""
    return describing.create_collection(
        {"reference_code": code, **values}, parent=parent, by=None
    )


def photograph(
    code: str = "GB1/1", within: Collection | None = None, **values: Any
) -> Photograph:
    """Return a new photograph, in a collection of its own where none is given."""
    if within is None:
        within = Collection.objects.first() or collection()
    return Photograph.objects.create(collection=within, reference_code=code, **values)


def master(of: Photograph, **values: Any) -> MasterFile:
    """Return a master row of the photograph."""
    described = {
        "sha256": digest("master"),
        "size_bytes": 1000,
        "width": 40,
        "height": 30,
        "bit_depth": 8,
        "mode": "L",
        "media_type": "image/png",
        "extension": ".png",
        "original_name": "scan.png",
    }
    return MasterFile.objects.create(photograph=of, **(described | values))


def colorization(of: MasterFile, **values: Any) -> Derivative:
    """Return a colorization of the master that awaits review."""
    described = {
        "purpose": Purpose.COLORIZATION,
        "recipe": {"model": "drawn-colorizer"},
        "recipe_digest": digest("recipe"),
        "sha256": digest("chroma"),
        "size_bytes": 100,
        "width": 40,
        "height": 30,
        "media_type": "image/png",
        "extension": ".png",
        "made_by": "drawn-colorizer 1",
        "machine_interpretation": True,
        "review_state": ReviewState.AWAITING,
    }
    return Derivative.objects.create(master=of, **(described | values))


def term(label: str = "bridge", *synonyms: str, vocabulary: str = "local") -> Term:
    """Return a term with synonyms."""
    made = Term.objects.create(label=label, vocabulary=vocabulary)
    for synonym in synonyms:
        TermSynonym.objects.create(term=made, label=synonym)
    return made
