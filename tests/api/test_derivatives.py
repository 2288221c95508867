"""Derivatives: shown, and colorizations decided on."""

import pytest
from rest_framework.test import APIClient

from archive.models import Derivative, Event
from archive.vocabularies import Purpose, ReviewState
from tests import catalogue

LIST = "/api/derivatives/"


@pytest.fixture
def colours(master) -> Derivative:
    return catalogue.colorization(
        master, recipe={"model": "painter", "version": "2", "sha256": "cd" * 32}
    )


@pytest.fixture
def display(master, colours) -> Derivative:
    shown = catalogue.colorization(
        master,
        purpose=Purpose.COLOUR_DISPLAY,
        source=colours,
        recipe={"picture": "merged"},
        review_state=ReviewState.NOT_NEEDED,
    )
    shown.path.parent.mkdir(parents=True, exist_ok=True)
    shown.path.write_bytes(b"\x89PNG")
    return shown


def test_what_a_machine_made_says_so(as_viewer: APIClient, display) -> None:
    for shown in as_viewer.get(LIST).json()["results"]:
        assert shown["machine_interpretation"] is True
        assert shown["machine_made"]["model"]["sha256"] == "cd" * 32
        assert shown["review"]["state"] == "awaiting"


def test_a_screen_copy_was_made_by_no_model(as_viewer: APIClient, master) -> None:
    copy = catalogue.colorization(
        master,
        purpose=Purpose.THUMBNAIL,
        machine_interpretation=False,
        review_state=ReviewState.NOT_NEEDED,
    )
    shown = as_viewer.get(f"{LIST}{copy.pk}/").json()
    assert shown["machine_made"] is None
    assert shown["review"]["state"] == "not_needed"


def test_it_filters(as_viewer: APIClient, display, photograph) -> None:
    def count(**query) -> int:
        return as_viewer.get(LIST, query).json()["count"]

    assert count(photograph=photograph.pk) == 2
    assert count(purpose="colorization") == 1
    assert count(review_state="awaiting") == 1
    assert count(review_state="accepted") == 0


def test_its_content_is_shown(as_viewer: APIClient, display) -> None:
    answer = as_viewer.get(f"{LIST}{display.pk}/content/", HTTP_ACCEPT="image/*")
    assert b"".join(answer.streaming_content) == b"\x89PNG"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_accepting_and_undoing(as_curator: APIClient, colours) -> None:
    accept = f"{LIST}{colours.pk}/accept/"
    answer = as_curator.post(accept, {"reason": "Plausible"}, format="json")
    assert answer.json()["review"] | {"decided_at": None} == {
        "state": "accepted",
        "decided_by": "curator",
        "decided_at": None,
        "reason": "Plausible",
    }
    again = as_curator.post(accept)
    assert again.status_code == 409
    assert again.json()["code"] == "not_in_this_state"
    undone = as_curator.post(f"{LIST}{colours.pk}/undo/")
    assert undone.json()["review"]["state"] == "awaiting"
    assert Event.objects.filter(derivative=colours).count() == 2


def test_rejecting(as_curator: APIClient, colours) -> None:
    answer = as_curator.post(f"{LIST}{colours.pk}/reject/")
    assert answer.json()["review"]["state"] == "rejected"
    assert as_curator.post(f"{LIST}{colours.pk}/accept/").status_code == 409


@pytest.mark.parametrize("verb", ["accept", "reject", "undo"])
def test_only_colorizations_are_decided_on(
    as_curator: APIClient, display, verb
) -> None:
    answer = as_curator.post(f"{LIST}{display.pk}/{verb}/")
    assert answer.status_code == 409
    assert as_curator.post(f"{LIST}999999/{verb}/").status_code == 404
    assert as_curator.get(f"{LIST}{display.pk}/{verb}/").status_code == 405


def test_a_reason_is_not_endless(as_curator: APIClient, colours) -> None:
    answer = as_curator.post(
        f"{LIST}{colours.pk}/accept/", {"reason": "x" * 501}, format="json"
    )
    assert answer.status_code == 400
