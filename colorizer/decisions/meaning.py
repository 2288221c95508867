"""What a curator's decisions say about a model's labels.

The record wins: a label whose term the photograph bears is present, whatever became of
a suggestion. A label is absent only where a suggestion of it was rejected and the
photograph does not bear it. Everything else is unknown: what waits, what was superseded
or undone, and what was assigned by hand and taken off again.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from archive.models import Assignment, MachineWord, Suggestion, Term, TermSynonym
from archive.querysets import PhotographQuerySet
from archive.review import Model
from archive.vocabularies import ReviewState
from colorizer.tagging import VOCABULARY
from colorizer.vision import checkpoints
from colorizer.vocabularies import Verdict

DECIDED = (ReviewState.ACCEPTED, ReviewState.REJECTED)


@dataclass(frozen=True)
class Decision:
    """What a person said of one label on one photograph.

    Attributes:
        verdict: accepted, rejected, corrected or assigned by hand.
        by: the person's user name.
        at: when.
        model: which model suggested it last; None where none ever did.
        score: with which probability.
        instead: labels of the terms that the person put there where this is corrected.
    """

    verdict: Verdict
    by: str
    at: dt.datetime
    model: Model | None = None
    score: float | None = None
    instead: tuple[str, ...] = ()

    @property
    def present(self) -> bool:
        """Whether the photograph shows what the label says."""
        return self.verdict.present


def known_labels() -> list[str]:
    """Return the labels of every tagger of this installation, sorted."""
    taggers = [card for card in checkpoints.available() if card.task == "tagger"]
    return sorted({label for card in taggers for label in card.labels})


def labels_of_terms(labels: Iterable[str]) -> dict[int, str]:
    """Return which label each term stands for, by the term's primary key.

    A term of the models' vocabulary stands for the label that it, or a synonym of
    it, is called by; a term of another vocabulary for the label of the same name.
    Upper and lower case do not matter.
    """
    known = {label.casefold(): label for label in labels}
    synonyms = TermSynonym.objects.filter(term__vocabulary=VOCABULARY)
    found = {
        pk: known[name.casefold()]
        for pk, name in synonyms.values_list("term", "label")
        if name.casefold() in known
    }
    found |= {
        pk: known[name.casefold()]
        for pk, name in Term.objects.order_by().values_list("pk", "label")
        if name.casefold() in known
    }
    return _mapped(found, known)


def _mapped(found: dict[int, str], known: Mapping[str, str]) -> dict[int, str]:
    """Return the same, with the terms that the archive has mapped single words to."""
    words = MachineWord.objects.exclude(stands_for=None)
    mapped: dict[int, set[str]] = defaultdict(set)
    for term, label in words.values_list("stands_for", "term__label"):
        if label.casefold() in known:
            mapped[term].add(known[label.casefold()])
    single = {term: labels.pop() for term, labels in mapped.items() if len(labels) == 1}
    return single | found


def decided(
    photographs: PhotographQuerySet, terms: Mapping[int, str]
) -> PhotographQuerySet:
    """Return the photographs with a decision on any of the terms."""
    among = list(terms)
    suggested = Suggestion.objects.filter(term__in=among, state__in=DECIDED)
    assigned = Assignment.objects.filter(term__in=among)
    return photographs.filter(
        Q(pk__in=suggested.order_by().values("photograph"))
        | Q(pk__in=assigned.order_by().values("photograph"))
    )


def decisions(
    photographs: Iterable[int], terms: Mapping[int, str]
) -> dict[int, dict[str, Decision]]:
    """Return what was decided: photograph to label to decision.

    Two queries; unknown labels are not there.

    Args:
        photographs: primary keys, some hundreds at a time.
        terms: term to label, as :func:`labels_of_terms` finds them.
    """
    chosen = list(photographs)
    borne: dict[int, list[Assignment]] = defaultdict(list)
    for assignment in Assignment.objects.filter(photograph__in=chosen).select_related(
        "term", "assigned_by"
    ):
        borne[assignment.photograph_id].append(assignment)
    suggested: dict[int, list[Suggestion]] = defaultdict(list)
    for suggestion in Suggestion.objects.filter(
        photograph__in=chosen, term__in=list(terms)
    ).select_related("decided_by"):
        suggested[suggestion.photograph_id].append(suggestion)
    found = {
        key: _of_one(borne.get(key, []), suggested.get(key, []), terms)
        for key in chosen
    }
    return {key: said for key, said in found.items() if said}


def _of_one(
    borne: list[Assignment], suggested: list[Suggestion], terms: Mapping[int, str]
) -> dict[str, Decision]:
    by_term = {suggestion.term_id: suggestion for suggestion in suggested}
    # The newest suggestion of a label, where several terms stand for it.
    by_label: dict[str, Suggestion] = {}
    for suggestion in sorted(suggested, key=lambda each: each.suggested_at):
        by_label[terms[suggestion.term_id]] = suggestion
    accepted = {s.pk: s for s in suggested if s.state == ReviewState.ACCEPTED}
    terms_accepted = {s.term_id for s in accepted.values()}
    by_hand = [
        each
        for each in borne
        if each.term_id not in terms_accepted and each.suggestion_id not in accepted
    ]
    said: dict[str, Decision] = {}
    for suggestion in suggested:
        if suggestion.state == ReviewState.REJECTED:
            label = terms[suggestion.term_id]
            said[label] = _rejection(suggestion, by_hand)
    for assignment in borne:
        named = terms.get(assignment.term_id)
        if named is not None:
            own = accepted.get(assignment.suggestion_id or 0)
            said[named] = _presence(
                assignment,
                own or by_term.get(assignment.term_id),
                by_label.get(named),
            )
    return said


def _rejection(suggestion: Suggestion, by_hand: list[Assignment]) -> Decision:
    instead = sorted(
        each.term.label
        for each in by_hand
        if each.assigned_by_id == suggestion.decided_by_id
        and each.assigned_at >= suggestion.suggested_at
    )
    return Decision(
        Verdict.CORRECTED if instead else Verdict.REJECTED,
        suggestion.decided_by.get_username() if suggestion.decided_by else "",
        suggestion.decided_at or suggestion.suggested_at,
        _model(suggestion),
        suggestion.score,
        tuple(instead),
    )


def _presence(
    assignment: Assignment, own: Suggestion | None, any_: Suggestion | None
) -> Decision:
    if own is not None and own.state == ReviewState.ACCEPTED and own.decided_by:
        return Decision(
            Verdict.ACCEPTED,
            own.decided_by.get_username(),
            own.decided_at or assignment.assigned_at,
            _model(own),
            own.score,
        )
    suggestion = own or any_
    return Decision(
        Verdict.ASSIGNED,
        assignment.assigned_by.get_username(),
        assignment.assigned_at,
        _model(suggestion) if suggestion else None,
        suggestion.score if suggestion else None,
    )


def _model(suggestion: Suggestion) -> Model:
    return Model(
        suggestion.model_name, suggestion.model_version, suggestion.model_sha256
    )
