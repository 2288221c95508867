"""Suggestions: listed, and decided on one by one or many at once."""

from rest_framework.test import APIClient

from archive.models import Suggestion
from tests import catalogue

LIST = "/api/suggestions/"


def test_each_says_which_model_made_it(as_viewer: APIClient, suggestion) -> None:
    [shown] = as_viewer.get(LIST).json()["results"]
    assert shown["term"]["label"] == "boat"
    assert shown["score"] == 0.91
    assert shown["machine_made"]["model"] == {
        "name": "drawn-tagger",
        "version": "1",
        "sha256": "ab" * 32,
    }
    assert shown["review"] == {
        "state": "awaiting",
        "decided_by": None,
        "decided_at": None,
        "reason": "",
    }


def test_it_filters(as_viewer: APIClient, suggestion, fonds) -> None:
    def count(**query) -> int:
        return as_viewer.get(LIST, query).json()["count"]

    assert count(state="awaiting") == 1
    assert count(state="rejected") == 0
    assert count(score_from="0.95") == 0
    assert count(collection=fonds.pk) == 1
    assert count(collection=catalogue.collection("GB2").pk) == 0
    assert count(photograph=suggestion.photograph_id, ordering="-score") == 1
    assert as_viewer.get(LIST, {"score_from": "nan"}).status_code == 400


def test_accepting_puts_the_term_on_the_record(
    as_curator: APIClient, suggestion
) -> None:
    answer = as_curator.post(f"{LIST}{suggestion.pk}/accept/")
    assert answer.json()["review"]["state"] == "accepted"
    [assigned] = as_curator.get("/api/assignments/").json()["results"]
    assert assigned["machine_suggested"] is True
    assert assigned["suggested_by"]["model"]["name"] == "drawn-tagger"
    assert as_curator.post(f"{LIST}{suggestion.pk}/accept/").status_code == 409


def test_rejecting_and_undoing(as_curator: APIClient, suggestion) -> None:
    rejected = as_curator.post(
        f"{LIST}{suggestion.pk}/reject/", {"reason": "A raft"}, format="json"
    )
    assert rejected.json()["review"]["reason"] == "A raft"
    undone = as_curator.post(f"{LIST}{suggestion.pk}/undo/")
    assert undone.json()["review"]["state"] == "awaiting"
    assert as_curator.post(f"{LIST}{suggestion.pk}/undo/").status_code == 409


def test_many_are_decided_at_once(as_curator: APIClient, suggestion, fonds) -> None:
    other = Suggestion.objects.create(
        photograph=catalogue.photograph("GB1/7", within=fonds),
        term=suggestion.term,
        score=0.4,
        state="rejected",
        suggested_at=suggestion.suggested_at,
    )
    answer = as_curator.post(
        f"{LIST}decide/",
        {"suggestions": [suggestion.pk, other.pk, 999_999], "decision": "accept"},
        format="json",
    )
    assert answer.status_code == 200
    assert answer.json()["decided"] == 1
    assert {each["suggestion"]: each["code"] for each in answer.json()["left_out"]} == {
        999_999: "not_found",
        other.pk: "not_in_this_state",
    }
    for decision, state in (("undo", "awaiting"), ("reject", "rejected")):
        as_curator.post(
            f"{LIST}decide/",
            {"suggestions": [suggestion.pk], "decision": decision},
            format="json",
        )
        suggestion.refresh_from_db()
        assert suggestion.state == state


def test_a_bulk_decision_is_bounded(as_curator: APIClient) -> None:
    answer = as_curator.post(
        f"{LIST}decide/",
        {"suggestions": list(range(1, 202)), "decision": "accept"},
        format="json",
    )
    assert answer.status_code == 400
    huge = {"suggestions": [10**400], "decision": "accept"}
    assert as_curator.post(f"{LIST}decide/", huge, format="json").status_code == 400
