"""The verbs that other pages offer for many photographs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from archive.extensions import BulkAction, Outcome, register_bulk_action
from colorizer import jobs
from colorizer.vocabularies import Kind

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from archive.querysets import PhotographQuerySet

PERMISSION = "archive.request_machine_vision"


def colorize(photographs: PhotographQuerySet, by: User) -> Outcome:
    """Request colours for each photograph; those answered already count as done."""
    return _outcome(jobs.request(photographs, Kind.COLORIZE, by=by))


def tag(photographs: PhotographQuerySet, by: User) -> Outcome:
    """Request tags for each photograph; those answered already count as done."""
    return _outcome(jobs.request(photographs, Kind.TAG, by=by))


def _outcome(requested: jobs.Requested) -> Outcome:
    # Several models may be asked about one photograph.
    answers = (*requested.jobs, *requested.already, *requested.answered)
    done = len({job.photograph_id for job in answers})
    return Outcome(done, requested.refusals)


def register() -> None:
    """Offer both verbs wherever photographs are selected."""
    register_bulk_action(BulkAction("colorize", _("Colorize"), PERMISSION, colorize))
    register_bulk_action(BulkAction("tag", _("Suggest tags"), PERMISSION, tag))
