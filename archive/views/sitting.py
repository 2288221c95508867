"""One sitting of a reviewer: the decisions that can be taken back, newest last.

Kept in the session, so that nothing is lost when a page is loaded again.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

_KEY = "review_sitting"
_LONGEST = 50


@dataclass(frozen=True)
class Decision:
    """One decision.

    Attributes:
        kind: `suggestion` or `colorization`.
        pk: its primary key.
        photograph: the photograph's primary key.
        reference_code: the photograph's.
        deed: what was decided, in words.
    """

    kind: str
    pk: int
    photograph: int
    reference_code: str
    deed: str


def decisions(request: HttpRequest) -> list[Decision]:
    """Return the decisions of this sitting, oldest first."""
    return [Decision(*words) for words in request.session.get(_KEY, [])]


def last(request: HttpRequest) -> Decision | None:
    """Return the last decision that was not taken back."""
    return next(reversed(decisions(request)), None)


def remember(request: HttpRequest, decision: Decision) -> None:
    """Add a decision."""
    kept = [*_others(request, decision.kind, decision.pk), decision]
    request.session[_KEY] = [list(astuple(each)) for each in kept[-_LONGEST:]]


def forget(request: HttpRequest, kind: str, pk: int) -> None:
    """Strike out a decision that was taken back, or that can no longer be."""
    request.session[_KEY] = [list(astuple(d)) for d in _others(request, kind, pk)]


def _others(request: HttpRequest, kind: str, pk: int) -> list[Decision]:
    return [d for d in decisions(request) if (d.kind, d.pk) != (kind, pk)]
