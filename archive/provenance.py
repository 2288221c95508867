"""Writing events: the one way in which anything is recorded as having happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop

from archive.models import (
    Batch,
    Collection,
    Derivative,
    Event,
    MasterFile,
    Photograph,
    Term,
)
from archive.vocabularies import EventOutcome, EventType

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SOFTWARE = "Autochrome"
_batch: ContextVar[Batch | None] = ContextVar("batch", default=None)


@contextmanager
def within(batch: Batch) -> Iterator[None]:
    """Tie whatever is recorded in the block to a batch."""
    token = _batch.set(batch)
    try:
        yield
    finally:
        _batch.reset(token)


def record(
    type_: EventType,
    action: str,
    subject: Collection | Photograph | MasterFile | Derivative | Term,
    *,
    by: User | None = None,
    software: str = SOFTWARE,
    changes: dict[str, list[Any]] | None = None,
    term: Term | None = None,
    outcome: EventOutcome = EventOutcome.SUCCESS,
    note: str = "",
) -> Event:
    """Append one event about a collection, a photograph, one of its files or a term.

    Args:
        type_: PREMIS event type.
        action: the verb in the past tense, such as `described`.
        subject: what it happened to; a file's photograph is recorded with it.
        by: the person who did it or asked for it.
        software: the model or program that did it.
        changes: field to `[from, to]`, JSON values.
        term: the term that was assigned, removed or decided on.
        outcome: whether it succeeded.
        note: what a person should read about it.
    """
    event = prepared(
        type_,
        action,
        subject,
        by=by,
        software=software,
        changes=changes,
        term=term,
        outcome=outcome,
        note=note,
    )
    event.save()
    return event


def prepared(
    type_: EventType,
    action: str,
    subject: Collection | Photograph | MasterFile | Derivative | Term,
    *,
    by: User | None = None,
    software: str = SOFTWARE,
    changes: dict[str, list[Any]] | None = None,
    term: Term | None = None,
    outcome: EventOutcome = EventOutcome.SUCCESS,
    note: str = "",
) -> Event:
    """Return the event unsaved, for many to be appended at once; see `record`."""
    batch = _batch.get()
    if batch is not None and not note:
        told = gettext_noop("Batch %(key)s: %(why)s")
        note = told % {"key": batch.pk, "why": batch.title}
    event = Event(
        type=type_,
        action=action,
        outcome=outcome,
        agent=by,
        software=software,
        changes=changes or {},
        term=term,
        note=note[:1000],
        batch=batch,
    )
    if isinstance(subject, Term):
        event.term, event.subject = subject, subject.label
        return event
    if isinstance(subject, Derivative):
        event.derivative, subject = subject, subject.master
    if isinstance(subject, MasterFile):
        event.master, subject = subject, subject.photograph
    if isinstance(subject, Photograph):
        event.photograph = subject
    else:
        event.collection = subject
    event.subject = subject.reference_code
    return event
