"""What a date written by a curator means, by the Extended Date/Time Format.

EDTF levels 0 and 1 (ISO 8601-2:2019, `loc.gov/standards/datetime`), read with the
`edtf` library. The text as written is always kept; natural language loses doubt
("probably 1925" reads as 1925), so a reading is a proposal until it is confirmed.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import dataclass
from typing import Any

from edtf import parse_edtf, text_to_edtf
from edtf.parser import EDTFParseException

_DOUBT = re.compile(
    r"\b(probably|perhaps|possibly|maybe|presumably|likely|or)\b|\?", re.IGNORECASE
)
_RANGE = re.compile(
    r"(?:(about|around|circa|ca\.?|c\.?)|between|from)?\s*"
    r"(\d{4})\s*(?:[-\u2013\u2014]|and|to|until)\s*(\d{4})",
    re.IGNORECASE,
)


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
        message = (
            f"“{edtf}” is not an EDTF date. Write for example 1923, 1923-06, "
            "1923~ (about), 1923? (uncertain), 192X (the 1920s) or 1923/1925."
        )
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
    years = _RANGE.fullmatch(text)
    if years:
        about = "~" if years[1] else ""
        proposal = f"{years[2]}{about}/{years[3]}{about}"
    else:
        proposal = text_to_edtf(text) or ""
    if proposal.endswith("/"):
        proposal += ".."
    elif proposal.startswith("/"):
        proposal = f"..{proposal}"
    try:
        span(proposal)
    except NotADate:
        proposal = ""
    return Reading(proposal, doubtful=_DOUBT.search(text) is not None)


def _day(bound: Any) -> dt.date | None:
    try:
        moment = bound()
        year, month, day = moment[:3]
    except TypeError:  # the library answers an open end with ±infinity
        return None
    return dt.date(year, month, day)
