"""The region that speaks for a suggestion: where the tagger's score comes from."""

from __future__ import annotations

from typing import Any

from django.db import Error
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from archive import sentences
from archive.models import Suggestion
from archive.views.access import SignedInRequest, permitted
from colorizer.results.models import TaggingResult


@require_safe
@permitted("archive.view_photograph")
def suggestion_region(request: SignedInRequest, pk: int) -> HttpResponse:
    """Return rows of 0-255 over the picture, and what they are in words.

    The rows are empty where none were kept; the words then say what helps.
    """
    suggestion = get_object_or_404(Suggestion.objects.select_related("term"), pk=pk)
    rows = _rows(suggestion)
    model = f"{suggestion.model_name} {suggestion.model_version}"
    words = (
        _("Where %(model)s sees “%(word)s”: a machine’s reckoning")
        if rows
        else _("No region was kept for this: ask for tags again")
    ) % {"model": model, "word": sentences.word(suggestion.term)}
    answer = JsonResponse({"rows": rows, "words": words, "machine_made": True})
    answer["Cache-Control"] = "private, max-age=60"
    return answer


def _rows(suggestion: Suggestion) -> list[list[int]]:
    """Return the region in the draft; the term may be called otherwise by now."""
    if suggestion.result_id is None:
        return []
    try:
        draft: dict[str, Any] | None = (
            TaggingResult.objects.filter(pk=suggestion.result_id)
            .values_list("regions", flat=True)
            .first()
        )
    except Error:  # the results are away: the page is of use without
        return []
    names = [suggestion.term.label]
    names += suggestion.term.synonyms.values_list("label", flat=True)
    found = ((draft or {}).get(name) for name in names)
    return next((rows for rows in found if rows), [])
