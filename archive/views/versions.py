"""Versions of the colours: proposing one for review, and grading the accepted one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from archive import sentences, versions
from archive.errors import ArchiveError
from archive.models import Derivative
from archive.views.access import SignedInRequest, next_address, permitted
from archive.vocabularies import Grade, Purpose


@require_POST
@permitted("archive.review_photograph")
def propose(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let an earlier version wait for review instead of the one that waits now."""
    colorization = _colorization(pk)
    try:
        versions.propose(colorization, by=request.user)
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
    else:
        said = _("Proposed “%(version)s”; it awaits review.")
        messages.success(request, said % {"version": colorization.name})
    return _back(request, colorization)


@require_POST
@permitted("archive.review_photograph")
def grade(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say of the accepted colours whether a source documents them."""
    colorization = _colorization(pk)
    wanted = request.POST.get("grade", "")
    if wanted not in Grade.values:
        messages.error(request, _("Choose “illustrative” or “documented”."))
        return _back(request, colorization)
    seen = (
        request.POST.get("seen_grade", colorization.grade),
        request.POST.get("seen_source", colorization.grade_source),
    )
    try:
        versions.grade(
            colorization,
            Grade(wanted),
            source=request.POST.get("source", ""),
            by=request.user,
            seen=seen,
        )
    except ArchiveError as refusal:
        messages.error(request, refusal.sentence)
    else:
        grade = sentences.inside(colorization.get_grade_display())
        messages.success(request, _("Graded as %(grade)s.") % {"grade": grade})
    return _back(request, colorization)


def _back(request: SignedInRequest, colorization: Derivative) -> HttpResponse:
    address = colorization.master.photograph.get_absolute_url()
    return redirect(next_address(request, address))


def _colorization(pk: int) -> Derivative:
    found: Derivative = get_object_or_404(
        Derivative.objects.select_related("master__photograph"),
        pk=pk,
        purpose=Purpose.COLORIZATION,
    )
    return found
