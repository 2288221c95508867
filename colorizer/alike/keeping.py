"""Keeping the index of features: brought up to date by a worker, in the background."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import Error
from django.db.models import QuerySet
from django.utils import timezone
from filelock import FileLock, Timeout

from colorizer.alike import index, looks
from colorizer.alike.index import State, Vectors
from colorizer.results.models import TaggingResult
from colorizer.vision import checkpoints
from colorizer.vision.checkpoints import Card

log = logging.getLogger(__name__)

PREFERRED = "lite0-terms"
PORTION = 500
COUNTED = 1000
# Two workers may finish in another order than they began.
OVERLAP = dt.timedelta(minutes=5)
# A large index is not written anew for every photograph.
SHARE = 50
LATEST = dt.timedelta(minutes=10)


def card() -> Card:
    """Return the tagger whose features are indexed.

    The one with the published classifier finds the same things again better than the
    transferred one; where it is not in use, the first that is.

    Raises:
        CheckpointError: it is not there.
    """
    names = list(settings.TAGGERS)
    return checkpoints.card(PREFERRED if PREFERRED in names or not names else names[0])


def waiting(state: State | None, sha256: str, most: int = COUNTED) -> int:
    """Return how many drafts with features are not in the index yet, at most `most`."""
    return len(_drafts(sha256, state).values_list("pk", flat=True)[:most])


def refresh_when_due() -> None:
    """Bring the index up to date if that is worth it; called once a minute."""
    try:
        named = card()
        state = _usable(named)
        enough = 1 + (state.count if state else 0) // SHARE
        behind = waiting(state, named.sha256, enough)
        late = state is None or timezone.now() - state.made_at > LATEST
        if behind and (late or behind >= enough):
            refresh()
    except (Error, checkpoints.CheckpointError) as away:
        log.warning("The index of features is not brought up to date: %s", away)


def refresh(*, anew: bool = False) -> State | None:
    """Put every draft that is newer than the index into it; return its state.

    Args:
        anew: from all drafts, whatever there is.

    Returns:
        None where there are no features, or another process is at it.
    """
    index.folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with FileLock(index.folder() / "lock", timeout=0):
            return _refresh(card(), anew=anew)
    except Timeout:
        return None


def _refresh(named: Card, *, anew: bool) -> State | None:
    state = None if anew else _usable(named)
    made = index.loaded(state) if state else None
    until = state.until if state else None
    new: dict[int, Vectors] = {}
    for photograph, vector, at in _vectors(named.sha256, state):
        if made is None:
            made = index.empty(len(vector))
        if len(vector) != made.ndim:
            continue
        if photograph in made:
            made.remove(photograph)
        made.add(photograph, vector)
        new[photograph] = vector
        until = at if until is None else max(until, at)
    if made is None or until is None:
        return None
    file = f"{named.sha256[:12]}-{secrets.token_hex(4)}.usearch"
    partial = index.folder() / f"{file}.partial"
    made.save(str(partial))
    partial.replace(index.folder() / file)
    kept = State(
        model=named.name,
        version=named.version,
        sha256=named.sha256,
        file=file,
        until=until,
        made_at=timezone.now(),
        count=len(made),
        width=made.ndim,
    )
    kept.write()
    _sweep(kept)
    looks.join(made, new)
    return kept


def _usable(named: Card) -> State | None:
    state = State.read()
    return state if state is not None and state.sha256 == named.sha256 else None


def _drafts(
    sha256: str, state: State | None, overlap: dt.timedelta = dt.timedelta()
) -> QuerySet[TaggingResult]:
    found = TaggingResult.objects.filter(model_sha256=sha256, features__isnull=False)
    if state is not None:
        found = found.filter(created_at__gt=state.until - overlap)
    return found


def _vectors(
    sha256: str, state: State | None
) -> Iterator[tuple[int, Vectors, dt.datetime]]:
    """Yield photograph, vector and time of the drafts, oldest first."""
    rows = _drafts(sha256, state, OVERLAP).order_by("created_at")
    for photograph, features, at in rows.values_list(
        "photograph_id", "features", "created_at"
    ).iterator(chunk_size=PORTION):
        vector = index.vector_of(bytes(features or b""))
        if vector is not None:
            yield photograph, vector, at


def _sweep(kept: State) -> None:
    """Remove every other index; one that is still read stays until next time."""
    for path in Path(index.folder()).glob("*.usearch*"):
        if path.name != kept.file:
            try:
                path.unlink(missing_ok=True)
            except OSError:  # Windows lets no file go that somebody reads
                log.info("%s is still in use", path.name)
