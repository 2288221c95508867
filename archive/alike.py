"""Photographs that look alike and wait: what one decision can be taken for at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from archive import sentences, sheet
from archive.models import Derivative, MasterFile, Photograph, Suggestion
from archive.querysets import PhotographQuerySet
from archive.sheet import Cell
from archive.vocabularies import Policy

MOST = 24
"""Photographs of a group that are shown, and decided on, at once."""


@dataclass(frozen=True)
class Member:
    """A photograph of a group, and the words that wait on it."""

    cell: Cell
    words: list[str]
    colours: bool


@dataclass(frozen=True)
class Group:
    """Photographs that look alike, the one that is reviewed first.

    Attributes:
        members: every photograph for which a decision is taken.
        suggestions: those that wait on them, by the key of their term.
        colorizations: those that wait on them.
        known: whether anything has compared the photograph with others.
    """

    members: list[Member]
    suggestions: dict[int, list[int]]
    colorizations: list[int]
    known: bool

    def of_word(self, term: int) -> list[int]:
        """Return the suggestions of a word, if there are several."""
        found = self.suggestions.get(term, [])
        return found if len(found) > 1 else []

    @property
    def of_colours(self) -> list[int]:
        """The colorizations, if there are several."""
        return self.colorizations if len(self.colorizations) > 1 else []


def group_of(photograph: Photograph) -> Group:
    """Return the photographs that look like one and wait, itself among them.

    By what a tagger saw of them; where none has compared it, by perceptual hash. A
    number of queries that does not depend on how many there are.
    """
    keys = [photograph.pk, *_others(photograph)]
    suggestions: dict[int, list[int]] = defaultdict(list)
    words: dict[int, list[str]] = defaultdict(list)
    waiting = Suggestion.objects.awaiting().filter(photograph__in=keys)
    for pk, owner, term, label in waiting.order_by("-score", "pk").values_list(
        "pk", "photograph_id", "term_id", "term__label"
    ):
        suggestions[term].append(pk)
        words[owner].append(sentences.machine_word(label))
    # In two steps, or SQLite would look through all colorizations that wait.
    made = Derivative.objects.filter(master__photograph__in=keys).order_by()
    colours = dict(
        Derivative.objects.colorizations()
        .awaiting()
        .filter(pk__in=made.values("pk"))
        .order_by("pk")
        .values_list("pk", "master__photograph_id")
    )
    coloured = set(colours.values())
    return Group(
        [
            Member(cell, words[cell.photograph.pk], cell.photograph.pk in coloured)
            for cell in sheet.cells(keys)
        ],
        dict(suggestions),
        list(colours),
        known=bool(photograph.look),
    )


def _others(photograph: Photograph) -> list[int]:
    waiting: PhotographQuerySet = Photograph.objects.awaiting_review().permitting(
        Policy.DO_NOT_TAG
    )
    if photograph.look:
        waiting = waiting.filter(look=photograph.look)
    else:
        own = MasterFile.objects.rectos().filter(photograph=photograph)
        own = own.exclude(perceptual_hash="")
        same = MasterFile.objects.rectos().filter(
            perceptual_hash__in=own.values("perceptual_hash")
        )
        waiting = waiting.filter(pk__in=same.values("photograph"))
    others = waiting.exclude(pk=photograph.pk).order_by("pk")
    return list(others.values_list("pk", flat=True)[: MOST - 1])
