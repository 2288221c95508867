"""What is only read: events, assignments, publications, checkpoints."""

import pytest
from rest_framework.test import APIClient

from archive import describing, publishing
from colorizer.vision import checkpoints


def test_events_tell_who_did_what(as_viewer: APIClient, photograph, curator) -> None:
    describing.describe(photograph, {"title": "The old ferry"}, by=curator)
    query = {"photograph": photograph.pk, "action": "described", "agent": "curator"}
    [event] = as_viewer.get("/api/events/", query).json()["results"]
    assert event["changes"] == {"title": ["The ferry", "The old ferry"]}
    assert event["type_uri"].endswith("/eventType/mem")
    one = as_viewer.get(f"/api/events/{event['id']}/").json()
    assert one["subject"] == "GB1/1"
    later = as_viewer.get("/api/events/", {"since": "2999-01-01T00:00:00Z"})
    assert later.json()["count"] == 0
    earlier = as_viewer.get("/api/events/", {"until": "2999-01-01T00:00:00Z"})
    assert earlier.json()["count"] >= 1


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("name", ["events", "assignments", "publications"])
def test_nobody_writes_them(as_curator: APIClient, name, method) -> None:
    answer = getattr(as_curator, method)(f"/api/{name}/", {}, format="json")
    assert answer.status_code == 405


def test_assignments_name_the_person(as_viewer: APIClient, photograph, curator) -> None:
    term = describing.create_term("boat")
    describing.assign_term(photograph, term, by=curator)
    query = {"assigned_by": "curator", "machine_suggested": "false", "term": term.pk}
    [shown] = as_viewer.get("/api/assignments/", query).json()["results"]
    assert shown["suggested_by"] is None
    query["machine_suggested"] = "true"
    assert as_viewer.get("/api/assignments/", query).json()["count"] == 0


def test_publications_are_frozen(as_viewer: APIClient, photograph, curator) -> None:
    publishing.publish(photograph, by=curator)
    describing.describe(photograph, {"title": "Later"}, by=curator)
    [shown] = as_viewer.get("/api/publications/").json()["results"]
    assert shown["record"]["title"] == "The ferry"
    assert shown["colorization_made_by"] is None
    since = {"since": "2999-01-01T00:00:00Z"}
    assert as_viewer.get("/api/publications/", since).json()["count"] == 0


def test_checkpoints_show_their_cards(as_viewer: APIClient) -> None:
    listed = as_viewer.get("/api/checkpoints/").json()
    assert {each["name"] for each in listed} == {
        card.name for card in checkpoints.available()
    }
    for each in listed:
        assert len(each["sha256"]) == 64
