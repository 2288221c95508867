"""Versions of a colorization: which one is proposed, and how it is graded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from archive import steering
from archive.errors import ArchiveError, EditedMeanwhile, NotInThisState
from archive.models import Derivative, Photograph
from archive.provenance import record
from archive.vocabularies import EventType, Grade, Purpose, ReviewState

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PROPOSABLE = (ReviewState.DRAFT, ReviewState.SUPERSEDED)


class SourceNeeded(ArchiveError):
    """A documented colorization must name its source."""

    code = "source_needed"


def propose(colorization: Derivative, *, by: User) -> None:
    """Let a version wait for review in place of the one that waits now.

    A steered one gets its number when it is first proposed.

    Raises:
        NotInThisState: it waits already, or was decided on.
        steering.Forbidden: a restriction holds.
    """
    photograph = colorization.master.photograph
    steering.require_permitted(photograph)
    before = colorization.review_state
    if before not in PROPOSABLE:
        raise _moved_on(colorization)
    colorizations = Derivative.objects.colorizations().filter(
        master=colorization.master_id
    )
    version = colorization.version
    if colorization.steered and version is None:
        last = colorizations.aggregate(last=Max("version"))["last"]
        version = 1 + (last or 0)
    try:
        with transaction.atomic():
            colorizations.awaiting().update(review_state=ReviewState.SUPERSEDED)
            moved = colorizations.filter(
                pk=colorization.pk, review_state=before
            ).update(
                review_state=ReviewState.AWAITING,
                version=version,
                decided_by=None,
                decided_at=None,
                decision_reason="",
            )
            if not moved:
                raise _moved_on(colorization)
            Photograph.objects.filter(pk=photograph.pk, colorized_at=None).update(
                colorized_at=timezone.now()
            )
            colorization.refresh_from_db()
            record(
                EventType.METADATA_MODIFICATION,
                "proposed",
                colorization,
                by=by,
                changes={"colorization": [before, ReviewState.AWAITING.value]},
                note=_sentence(colorization),
            )
    except IntegrityError as taken:  # two got the same number this very moment
        raise _moved_on(colorization) from taken


def grade(
    colorization: Derivative,
    grade: Grade,
    *,
    source: str = "",
    by: User,
    seen: tuple[str, str] | None = None,
) -> None:
    """Say of the accepted colorization whether its colours are documented.

    Args:
        colorization: the accepted one.
        grade: illustrative, or documented.
        source: what documents the colours, such as a letter; needed for documented.
        by: the person.
        seen: grade and source that the person looked at; by default those of
            `colorization`.

    Raises:
        SourceNeeded: documented, but by what is not said.
        NotInThisState: it is not accepted.
        EditedMeanwhile: somebody else has graded it since.
    """
    source = source.strip() if grade is Grade.DOCUMENTED else ""
    if grade is Grade.DOCUMENTED and not source:
        raise SourceNeeded(
            _("Say what documents these colours, such as “letter of 1916, box 3”.")
        )
    if len(source) > 500:
        raise SourceNeeded(_("The source is longer than 500 characters. Shorten it."))
    was, was_source = seen or (colorization.grade, colorization.grade_source)
    if (was, was_source) == (grade, source):
        return
    with transaction.atomic():
        accepted = Derivative.objects.filter(
            pk=colorization.pk,
            purpose=Purpose.COLORIZATION,
            review_state=ReviewState.ACCEPTED,
        )
        if not accepted.exists():
            raise NotInThisState(
                _(
                    "Only accepted colours are graded. Accept these first, then grade "
                    "them."
                )
            )
        moved = accepted.filter(grade=was, grade_source=was_source).update(
            grade=grade, grade_source=source
        )
        if not moved:
            raise EditedMeanwhile(
                _(
                    "Someone else graded these colours meanwhile. Nothing was "
                    "overwritten: look at theirs, then grade again."
                )
            )
        changes = {"grade": [str(was), grade.value]}
        if was_source != source:
            changes["source"] = [was_source, source]
        record(
            EventType.METADATA_MODIFICATION,
            "graded",
            colorization,
            by=by,
            changes=changes,
            note=source,
        )
    colorization.refresh_from_db()


def ungrade(colorization: Derivative, *, by: User) -> None:
    """Take the grade back with the acceptance; call it in that transaction."""
    if colorization.grade == Grade.ILLUSTRATIVE:
        return
    changes = {
        "grade": [colorization.grade, Grade.ILLUSTRATIVE.value],
        "source": [colorization.grade_source, ""],
    }
    colorization.grade, colorization.grade_source = Grade.ILLUSTRATIVE, ""
    colorization.save(update_fields=["grade", "grade_source"])
    record(
        EventType.METADATA_MODIFICATION,
        "graded",
        colorization,
        by=by,
        changes=changes,
    )


def _sentence(colorization: Derivative) -> str:
    with translation.override(settings.LANGUAGE_CODE):  # it is kept with the event
        if not colorization.steered:
            told = _("%(name)s, as the model predicted it.")
            return told % {"name": colorization.name}
        return f"{colorization.name}: {colorization.steered_words}."


def _moved_on(colorization: Derivative) -> NotInThisState:
    colorization.refresh_from_db()
    return NotInThisState(
        _("Nothing was changed: meanwhile this is “%(state)s”. Reload to see it.")
        % {"state": colorization.get_review_state_display()}
    )
