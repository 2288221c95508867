"""Asking which photographs look alike: to the tagger, and by perceptual hash."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import Error
from django.utils.translation import gettext as _

from archive import policy, sheet
from archive.ingest.resemblance import Resemblances
from archive.models import Photograph
from archive.sheet import Cell
from archive.vocabularies import Policy
from colorizer.alike import index, keeping
from colorizer.alike.index import State, Vectors
from colorizer.results.models import TaggingResult
from colorizer.vision.checkpoints import CheckpointError

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = 48
SAME = 0.93
"""From this likeness on two photographs may be one, scanned or printed twice."""


@dataclass(frozen=True)
class Alike:
    """One photograph that looks like another.

    Attributes:
        cell: as contact sheets show it.
        likeness: cosine between the features; None where that is not known.
        bits: by how many of 64 bits the perceptual hashes differ; None where by many.
    """

    cell: Cell
    likeness: float | None
    bits: int | None

    @property
    def photograph(self) -> Photograph:
        """The photograph itself."""
        return self.cell.photograph

    @property
    def per_cent(self) -> int | None:
        """The likeness in per cent."""
        return None if self.likeness is None else round(100 * self.likeness)


@dataclass(frozen=True)
class Answer:
    """What was found, and what it rests on.

    Attributes:
        same: perhaps the same photograph again, the most alike first.
        others: photographs of similar things, the most alike first.
        state: of the index; None where there is none.
        waiting: how many photographs are not in the index yet.
        reason: why there is nothing from the index; empty where there is.
        can_tag: whether looking at the photograph again would help.
    """

    same: list[Alike] = field(default_factory=list)
    others: list[Alike] = field(default_factory=list)
    state: State | None = None
    waiting: int = 0
    reason: str = ""
    can_tag: bool = False


def alike(photograph: Photograph, count: int = SHOWN) -> Answer:
    """Return the photographs that look most like one, nearest first.

    Photographs that must not be tagged are neither asked about nor found.
    """
    near = _near(photograph)
    if policy.holding_each(photograph).get(Policy.DO_NOT_TAG):
        reason = _("This photograph is not to be tagged, so nothing compares it.")
        return Answer(same=_shown({}, near), reason=reason)
    try:
        named = keeping.card()
        reader = index.reader()
        vector = _vector(photograph, named.sha256)
        state = reader.state if reader else None
        behind = keeping.waiting(state, named.sha256)
    except (Error, CheckpointError):
        reason = _("The results database or the tagger is away. Look again in a while.")
        return Answer(same=_shown({}, near), reason=reason)
    if vector is None:
        reason = (
            _(
                "A tagger looked at this photograph before its features were kept. "
                "Ask for tags again, and it can be compared."
            )
            if photograph.tagged_at
            else _("No tagger has looked at this photograph yet. Ask for tags first.")
        )
        return Answer(same=_shown({}, near), reason=reason, can_tag=True)
    if reader is None or reader.state.sha256 != named.sha256:
        reason = _("The index is being made. Look again in a minute or two.")
        return Answer(same=_shown({}, near), waiting=behind, reason=reason)
    found = dict(reader.nearest(vector, count + 1))
    found.pop(photograph.pk, None)
    shown = _shown(found, near)
    return Answer(
        same=[each for each in shown if _same(each)],
        others=[each for each in shown if not _same(each)][:count],
        state=reader.state,
        waiting=behind,
    )


def _same(each: Alike) -> bool:
    return each.bits is not None or (each.likeness or 0) >= SAME


def _vector(photograph: Photograph, sha256: str) -> Vectors | None:
    drafts = TaggingResult.objects.filter(
        photograph_id=photograph.pk, model_sha256=sha256, features__isnull=False
    )
    newest = drafts.order_by("-created_at").values_list("features", flat=True).first()
    return None if newest is None else index.vector_of(bytes(newest))


def _shown(found: dict[int, float], near: dict[int, int]) -> list[Alike]:
    """Return what the catalogue has of them, near ones first, then by likeness."""
    allowed = _allowed({*found, *near})
    known = [
        Alike(cell, found.get(cell.photograph.pk), near.get(cell.photograph.pk))
        for cell in sheet.cells(sorted(allowed))
    ]
    return sorted(
        known,
        key=lambda each: (each.bits is None, -(each.likeness or 0), each.bits or 0),
    )


def _allowed(keys: Iterable[int]) -> list[int]:
    permitted = Photograph.objects.filter(pk__in=list(keys)).permitting(
        Policy.DO_NOT_TAG
    )
    return list(permitted.values_list("pk", flat=True))


# Masters never change and never go: only new ones are read again.
_hashes = Resemblances(read=False)
_guard = threading.Lock()


def _near(photograph: Photograph) -> dict[int, int]:
    """Return the photographs whose fronts have nearly the same perceptual hash."""
    front = photograph.masters.rectos().exclude(perceptual_hash="")
    own = front.values_list("perceptual_hash", flat=True).first()
    if own is None:
        return {}
    with _guard:
        _hashes.catch_up()
        found = dict(_hashes.near(own))
    found.pop(photograph.pk, None)
    return found
