"""Drafts: written again they replace themselves; a database that is away is named."""

import uuid

import pytest
from django.db import DatabaseError, OperationalError
from django.utils import timezone
from pymongo import errors

from colorizer.results import drafts
from colorizer.results.models import ColorizationResult, TaggingResult

FACTS = {
    "job_id": uuid.uuid4(),
    "photograph_id": 1,
    "master_id": 1,
    "input_sha256": "ab" * 32,
    "model_name": "drawn",
    "model_version": "1",
    "model_sha256": "cd" * 32,
    "device": "cpu",
    "created_at": timezone.now(),
}


@pytest.mark.results
def test_a_draft_written_again_replaces_itself():
    key = uuid.uuid4()
    for score in (0.25, 0.75):
        drafts.keep(TaggingResult, key, **FACTS, scores={"a.b $c": score})
    draft = TaggingResult.objects.get()
    assert (draft.pk, draft.scores) == (key, {"a.b $c": 0.75})
    assert str(draft) == "drawn 1 on 1"


@pytest.mark.results
def test_a_database_that_answers_is_not_away():
    drafts.require_database()


def broken(cause: Exception | None, kind: type[DatabaseError] = DatabaseError):
    def find(*_args: object, **_values: object) -> None:
        raise kind from cause

    return find


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        (DatabaseError, errors.ServerSelectionTimeoutError("nobody")),
        (DatabaseError, errors.AutoReconnect("gone")),
        (DatabaseError, errors.OperationFailure("stopping", 11600)),
        (DatabaseError, errors.OperationFailure("out of disk space", 14031)),
        (OperationalError, None),
    ],
)
def test_a_database_that_is_away_is_named(kind, cause, monkeypatch):
    manager = ColorizationResult.objects
    monkeypatch.setattr(manager, "filter", broken(cause, kind), raising=False)
    monkeypatch.setattr(ColorizationResult, "save", broken(cause, kind))
    with pytest.raises(drafts.ResultsAway, match="Waiting for the results database"):
        drafts.require_database()
    with pytest.raises(drafts.ResultsAway):
        drafts.keep(ColorizationResult, uuid.uuid4())


def test_a_draft_that_the_database_refuses_is_a_fault(monkeypatch):
    refused = broken(errors.OperationFailure("too large", 10334))
    monkeypatch.setattr(ColorizationResult, "save", refused)
    with pytest.raises(DatabaseError):
        drafts.keep(ColorizationResult, uuid.uuid4())
