"""What a date written by a curator means, by the Extended Date/Time Format.

EDTF levels 0 and 1 (ISO 8601-2:2019, `loc.gov/standards/datetime`), read with the
`edtf` library; words are read by `archive.date_words`. The text as written is always
kept, and a reading is a proposal until the curator confirms it.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from edtf import parse_edtf
from edtf.parser import EDTFParseException

from archive import date_words


class NotADate(ValueError):
    """The text is not an EDTF expression of level 0 or 1."""


@dataclass(frozen=True)
class Span:
    """The days that a date may be: first and last; None where it is open.

    Approximate and uncertain dates keep their strict bounds: `1923~` spans 1923.
    """

    earliest: dt.date | None
    latest: dt.date | None


@dataclass(frozen=True)
class Reading:
    """How a written date was understood.

    Attributes:
        edtf: the expression; "" where nothing was understood.
        doubtful: the words held a doubt that the expression may not carry.
    """

    edtf: str
    doubtful: bool


# The library's grammar takes tens of milliseconds, and an archive's dates repeat.
@functools.lru_cache(maxsize=10_000)
def span(edtf: str) -> Span:
    """Return the earliest and latest day of an EDTF expression.

    Raises:
        NotADate: the text is not EDTF level 0 or 1.
    """
    try:
        parsed = parse_edtf(edtf)
        return Span(_day(parsed.lower_strict), _day(parsed.upper_strict))
    except (EDTFParseException, ValueError, AttributeError, TypeError) as problem:
        message = _(
            "“%(date)s” is not an EDTF date. Write for example 1923, 1923-06, "
            "1923~ (about), 1923? (uncertain), 192X (the 1920s) or 1923/1925."
        ) % {"date": edtf}
        raise NotADate(message) from problem


@functools.lru_cache(maxsize=10_000)
def understand(text: str) -> Reading:
    """Read a date in words or EDTF ("about 1923") as a proposal for the curator."""
    text = text.strip()
    if not text:
        return Reading("", doubtful=False)
    try:
        span(text)
    except NotADate:
        pass
    else:
        return Reading(text, doubtful=False)
    words = date_words.read(text)
    if words is None:
        return Reading("", doubtful=False)
    try:
        days = span(words.edtf)
    except NotADate:
        return Reading("", doubtful=False)
    if days.earliest and days.latest and days.earliest > days.latest:
        return Reading("", doubtful=False)
    return Reading(words.edtf, words.doubtful)


def _day(bound: Any) -> dt.date | None:
    try:
        moment = bound()
        year, month, day = moment[:3]
    except TypeError:  # the library answers an open end with ±infinity
        return None
    return dt.date(year, month, day)
