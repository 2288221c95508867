"""Bulk actions: each does its work, counts, and tells of what it left out."""

from typing import Any

import pytest
from django.test import Client

from archive import publishing
from archive.models import Derivative, Event, Photograph, Publication
from colorizer.models import Job
from tests import catalogue
from tests.admin.conftest import act

PHOTOGRAPHS = "archive/photograph"


@pytest.fixture
def other(fonds) -> Photograph:
    return catalogue.photograph("GB1/2", within=fonds)


@pytest.mark.parametrize("name", ["do_not_colorize", "do_not_tag", "sensitive"])
def test_restrictions_are_set_and_lifted(
    office: Client, photograph, other, name: str
) -> None:
    [said] = act(office, PHOTOGRAPHS, f"set_{name}", photograph, other)
    assert said.endswith("2 done, 0 left out.")
    photograph.refresh_from_db()
    assert getattr(photograph, name) is True
    act(office, PHOTOGRAPHS, f"lift_{name}", photograph, other)
    photograph.refresh_from_db()
    assert getattr(photograph, name) is False
    assert Event.objects.filter(action="released").count() == 2


def test_publishing_tells_what_it_left_out(office: Client, photograph, other) -> None:
    said = act(office, PHOTOGRAPHS, "publish", photograph, other)
    assert said[0] == "Publish: 1 done, 1 left out."
    assert said[1].startswith("GB1/2 needs a title")
    said = act(office, PHOTOGRAPHS, "withdraw", photograph, other)
    assert said == ["Withdraw: 1 done, 1 left out.", "GB1/2 is not published."]


def test_publications_are_withdrawn(office: Client, photograph, curator) -> None:
    made = publishing.publish(photograph, by=curator)
    assert act(office, "archive/publication", "withdraw", made) == [
        "Withdraw: 1 done, 0 left out."
    ]
    assert not Publication.objects.exists()


@pytest.mark.parametrize(("name", "models"), [("colorize", 1), ("tag", 2)])
def test_machine_vision_is_requested(
    office: Client,
    photograph,
    other,
    name: str,
    models: int,
    data_dir,
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr("colorizer.queues.wake_vision", lambda _count: None)
    path = photograph.recto.path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"scan")
    said = act(office, PHOTOGRAPHS, name, photograph, other)
    assert said[0].endswith("1 done, 1 left out.")
    assert "GB1/2 has no scan of its front" in said[1]
    made = list(Job.objects.all())
    assert {job.kind for job in made} == {name}
    assert len(made) == models
    for verb in ("Cancel", "Retry"):
        told = act(office, "colorizer/job", verb.lower(), *made)
        assert told[0] == f"{verb}: {models} done, 0 left out."
    refused = act(office, "colorizer/job", "retry", *made)
    assert refused[0] == f"Retry: 0 done, {models} left out."
    assert len(refused) == 1 + models


def test_suggestions_are_decided(office: Client, suggestion) -> None:
    for action, state in (
        ("accept", "accepted"),
        ("undo", "awaiting"),
        ("reject", "rejected"),
    ):
        said = act(office, "archive/suggestion", action, suggestion)
        assert said[0].endswith("1 done, 0 left out.")
        suggestion.refresh_from_db()
        assert suggestion.state == state
    assert act(office, "archive/suggestion", "accept", suggestion)[0] == (
        "Accept: 0 done, 1 left out."
    )


def test_colorizations_are_decided(office: Client, photograph) -> None:
    colours = catalogue.colorization(photograph.recto)
    for action, state in (
        ("accept", "accepted"),
        ("undo", "awaiting"),
        ("reject", "rejected"),
    ):
        act(office, "archive/derivative", action, colours)
        colours.refresh_from_db()
        assert colours.review_state == state
    assert Derivative.objects.count() == 1


def test_only_some_refusals_are_told_in_full(office: Client, fonds) -> None:
    many = [catalogue.photograph(f"GB1/{n:02}", within=fonds) for n in range(12)]
    said = act(office, PHOTOGRAPHS, "publish", *many)
    assert said[0] == "Publish: 0 done, 12 left out."
    assert said[-1] == "… and 2 more left out."
    assert len(said) == 12


def test_those_who_only_look_are_offered_nothing(desk: Client, suggestion) -> None:
    for model in (PHOTOGRAPHS, "archive/suggestion", "archive/derivative"):
        page = desk.get(f"/admin/{model}/")
        assert page.status_code == 200
        assert b"_selected_action" not in page.content
    desk.post(
        "/admin/archive/suggestion/",
        {"action": "accept", "_selected_action": [suggestion.pk]},
    )
    suggestion.refresh_from_db()
    assert suggestion.state == "awaiting"
