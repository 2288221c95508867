"""The machine's words: what they stand for, which are blocked, trusted from when."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive import describing, machine_words, search_query, sentences
from archive.errors import ArchiveError, InvalidDescription
from archive.models import MachineWord, Suggestion, Term
from archive.views.access import SignedInRequest, permitted
from archive.vocabularies import ReviewState

_WAITING = (ReviewState.AWAITING, ReviewState.BLOCKED)


@require_safe
@permitted("archive.review_photograph")
def words(request: SignedInRequest) -> HttpResponse:
    """List every word that a machine has suggested, with what the archive settled."""
    wanted = request.GET.get("words", "").strip()[:200]
    found = MachineWord.objects.select_related("term", "stands_for")
    if wanted:
        said = sentences.meant(wanted, beginning=True)
        found = found.filter(Q(term__label__icontains=wanted) | Q(term__label__in=said))
    counts = _counts()
    context = {
        "rows": [(word, counts[word.pk]) for word in sorted(found, key=_place)],
        "wanted": wanted,
        "fewest": machine_words.FEWEST,
        "share": round(100 * machine_words.SHARE),
    }
    return render(request, "review/words.html", context)


@require_POST
@permitted("archive.review_photograph")
def word_settle(request: SignedInRequest, pk: int) -> HttpResponse:
    """Map a word, block it or let it go, or set its threshold."""
    word = get_object_or_404(MachineWord.objects.select_related("term"), pk=pk)
    try:
        machine_words.settle(
            word, _values(request), revision=_revision(request), by=request.user
        )
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
    else:
        said = _("Settled how “%s” is taken.") % sentences.word(word.term)
        messages.success(request, said)
    return redirect("archive:machine_words")


@require_POST
@permitted("archive.review_photograph")
def word_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back what was settled last about a word."""
    word = get_object_or_404(MachineWord.objects.select_related("term"), pk=pk)
    try:
        machine_words.undo(word, revision=_revision(request), by=request.user)
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
    else:
        said = _("Took back what was settled last about “%s”.") % sentences.word(
            word.term
        )
        messages.success(request, said)
    return redirect("archive:machine_words")


@require_POST
@permitted("archive.review_photograph")
def words_learn(request: SignedInRequest) -> HttpResponse:
    """Learn the thresholds from what has been decided until now."""
    count = machine_words.learn()
    messages.success(
        request, _("%d words have a threshold learnt from decisions.") % count
    )
    return redirect("archive:machine_words")


def _place(word: MachineWord) -> str:
    """Return where a word stands in the alphabet of the reader's language."""
    return search_query.plain(sentences.word(word.term))


def _counts() -> dict[int, Counter[str]]:
    """Return how many suggestions of each word wait, or were accepted or rejected."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    counted = Suggestion.objects.order_by().values_list("term_id", "state")
    for term, state, count in counted.annotate(count=Count("pk")):
        found[term]["waiting" if state in _WAITING else state] += count
    return found


def _values(request: SignedInRequest) -> dict[str, Any]:
    """Return what the form settles.

    Raises:
        InvalidDescription: the threshold is no number.
    """
    values: dict[str, Any] = {}
    if "blocked" in request.POST:
        values["blocked"] = request.POST["blocked"] == "on"
    if "threshold" in request.POST:
        given = request.POST["threshold"].strip().rstrip("%").replace(",", ".").strip()
        try:
            values["threshold"] = float(given) / 100 if given else None
        except ValueError as problem:
            sentence = _("Give the threshold in per cent, from 0 to 100.")
            raise InvalidDescription(sentence, {"threshold": sentence}) from problem
    if "label" in request.POST:
        label = " ".join(request.POST["label"].split())[:200]
        values["stands_for"] = _term(label) if label else None
    return values


def _term(label: str) -> Term:
    """Return the archive's own term of that label, made where there is none."""
    found = Term.objects.filter(label__iexact=label, machine_word=None).first()
    return found or describing.create_term(label)


def _revision(request: SignedInRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1
