"""Machine's words and decisions taken together, through the interface."""

import pytest
from rest_framework.test import APIClient

from archive.models import Assignment, MachineWord, Suggestion
from tests import catalogue
from tests.api.conftest import signed_in
from tests.web import drawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def boat():
    for number in range(3):
        drawn.suggestions(
            catalogue.photograph(f"GB1/{number}"), boat=0.75 + number / 10
        )
    return MachineWord.objects.get()


def test_a_word_is_settled_and_taken_back(boat, curator):
    api = signed_in(curator)
    ships = catalogue.term("Schiffe")
    address = f"/api/machine-words/{boat.pk}/"
    settled = api.post(
        f"{address}settle/",
        {"revision": 0, "stands_for": ships.pk, "threshold": 0.75},
        format="json",
    )
    assert settled.status_code == 200
    assert settled.json()["stands_for"]["label"] == "Schiffe"
    assert settled.json()["trusted_from"] == 0.75
    stale = api.post(
        f"{address}settle/", {"revision": 0, "blocked": True}, format="json"
    )
    assert stale.status_code == 409
    undone = api.post(f"{address}undo/", {"revision": 1}, format="json").json()
    assert (undone["stands_for"], undone["threshold"]) == (None, None)
    wrong = api.post(
        f"{address}settle/", {"revision": 2, "threshold": 7}, format="json"
    )
    assert wrong.status_code == 400
    assert api.post("/api/machine-words/learn/").json() == {"learnt": 0}
    assert api.get("/api/machine-words/?blocked=false").json()["count"] == 1


def test_what_is_shown_is_accepted_and_undone(boat, curator):
    api = signed_in(curator)
    criteria = {"score_from": 0.8}
    shown = api.post("/api/review-batches/preview/", criteria, format="json").json()
    assert shown["words"] == [{"word": "boat", "count": 2}]
    assert Suggestion.objects.awaiting().count() == 3
    fingerprint = {"fingerprint": shown["fingerprint"]}
    other = api.post(
        "/api/review-batches/accept/", {"score_from": 0.1, **fingerprint}, format="json"
    )
    assert other.status_code == 409
    taken = api.post(
        "/api/review-batches/accept/", {**criteria, **fingerprint}, format="json"
    )
    assert taken.status_code == 201
    assert sorted(taken.json()["suggestions"]) == sorted(shown["suggestions"])
    assert Assignment.objects.count() == 2
    undo = f"/api/review-batches/{taken.json()['id']}/undo/"
    assert api.post(undo).json()["undone_by"] == curator.username
    assert api.post(undo).status_code == 409
    assert not Assignment.objects.exists()


def test_a_viewer_reads_and_decides_nothing(boat, viewer, stranger):
    api = signed_in(viewer)
    assert api.get("/api/machine-words/").json()["count"] == 1
    assert api.get("/api/review-batches/").status_code == 200
    for address in (
        f"machine-words/{boat.pk}/settle",
        f"machine-words/{boat.pk}/undo",
        "machine-words/learn",
        "review-batches/preview",
        "review-batches/accept",
    ):
        assert api.post(f"/api/{address}/").status_code == 403
    assert APIClient().get("/api/machine-words/").status_code == 401
    assert signed_in(stranger).get("/api/review-batches/").status_code == 403
