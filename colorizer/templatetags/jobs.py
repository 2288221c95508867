"""How jobs and times are written on a page."""

from __future__ import annotations

import datetime as dt

from django import template
from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from colorizer.vocabularies import JobState

register = template.Library()

_SHAPES = {
    JobState.QUEUED: "",
    JobState.RUNNING: "running",
    JobState.SUCCEEDED: "done",
    JobState.FAILED: "failed",
    JobState.ERRORED: "failed",
    JobState.CANCELLED: "stopped",
}


@register.filter
def job_shape(state: str) -> str:
    """Return the shape that goes with the word of a job's state."""
    return _SHAPES[JobState(state)]


@register.filter
def count_of(counts: dict[str, int], state: str) -> int:
    """Return how many jobs are in a state."""
    return counts[state]


@register.filter
def seconds(time: float | None) -> str:
    """Return a duration as a person reads it; a dash where there is none."""
    if time is None:
        return "–"
    if time < 60:
        return f"{floatformat(time, 1)} s"
    return _clock(dt.timedelta(seconds=round(time)))


@register.filter
def roughly(left: dt.timedelta) -> str:
    """Return a time to wait, no more exact than an estimate can be."""
    minutes = left.total_seconds() / 60
    if minutes < 1:
        return _("less than a minute")
    if minutes < 90:
        rounded = round(minutes)
        if rounded == 1:
            return _("about a minute")
        return ngettext("about %(n)d minute", "about %(n)d minutes", rounded) % {
            "n": rounded
        }
    hours = minutes / 60
    if hours < 48:
        rounded = round(hours)
        return ngettext("about %(n)d hour", "about %(n)d hours", rounded) % {
            "n": rounded
        }
    days = round(hours / 24)
    return ngettext("about %(n)d day", "about %(n)d days", days) % {"n": days}


def _clock(time: dt.timedelta) -> str:
    minutes, rest = divmod(int(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
