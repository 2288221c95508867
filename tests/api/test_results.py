"""Results: drafts read from their own database."""

import uuid
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from rest_framework.test import APIClient

from colorizer.results import drafts
from colorizer.results.models import ColorizationResult, TaggingResult

COMMON: dict[str, Any] = {
    "job_id": uuid.uuid4(),
    "photograph_id": 7,
    "master_id": 8,
    "input_sha256": "ab" * 32,
    "model_name": "painter",
    "model_version": "2",
    "model_sha256": "cd" * 32,
    "device": "cpu",
    "seconds": {"total": 0.5},
}


@pytest.mark.results
def test_colorizations_are_read(as_viewer: APIClient) -> None:
    made = ColorizationResult.objects.create(
        **COMMON,
        created_at=timezone.now(),
        chroma_sha256="ef" * 32,
        width=64,
        height=48,
        statistics={"mean_chroma": 9.5},
    )
    address = "/api/results/colorization/"
    [listed] = as_viewer.get(address, {"photograph": 7}).json()["results"]
    assert listed["machine_made"] is True
    shown = as_viewer.get(f"{address}{made.pk}/").json()
    assert shown["statistics"] == {"mean_chroma": 9.5}
    assert shown["model_sha256"] == "cd" * 32
    assert as_viewer.get(address, {"photograph": 9}).json()["count"] == 0
    assert as_viewer.get(f"{address}{uuid.uuid4()}/").status_code == 404
    assert as_viewer.delete(f"{address}{made.pk}/").status_code == 405


@pytest.mark.results
def test_taggings_have_every_score(as_viewer: APIClient) -> None:
    TaggingResult.objects.create(
        **COMMON, created_at=timezone.now(), scores={"boat": 0.9, "cat": 0.01}
    )
    query = {"job": str(COMMON["job_id"]), "ordering": "-created_at"}
    [listed] = as_viewer.get("/api/results/tagging/", query).json()["results"]
    assert listed["scores"] == {"boat": 0.9, "cat": 0.01}


def test_a_database_that_is_away_is_said_so(
    as_viewer: APIClient, monkeypatch: Any
) -> None:
    def away(*_args: Any, **_words: Any) -> Any:
        raise OperationalError

    monkeypatch.setattr(drafts.ColorizationResult.objects, "filter", away)
    answer = as_viewer.get("/api/results/tagging/")
    assert answer.status_code == 503
    assert answer.json()["code"] == "results_away"


def test_a_stranger_is_refused_without_asking_the_database(
    as_stranger: APIClient,
) -> None:
    assert as_stranger.get("/api/results/tagging/").status_code == 403
