"""Steering through the programming interface: placed, looked at, saved, graded."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from archive import policy
from archive.models import Derivative, Photograph
from archive.vocabularies import Policy, Purpose
from colorizer import tasks
from colorizer.models import Job
from tests import catalogue
from tests.colorizer import drawn


@pytest.fixture(scope="session")
def hinted_folder(tmp_path_factory):
    return drawn.checkpoints_in(tmp_path_factory.mktemp("hinted"), hints=True)


@pytest.fixture(scope="session")
def unhinted_folder(tmp_path_factory):
    return drawn.checkpoints_in(tmp_path_factory.mktemp("unhinted"))


@pytest.fixture(autouse=True)
def forgotten():
    tasks._network.cache_clear()
    yield
    tasks._network.cache_clear()


@pytest.fixture
def scanned(db, data_dir, tmp_path, hinted_folder, monkeypatch) -> Photograph:
    """Return a photograph with a real scan, and a model that takes hints."""
    monkeypatch.setenv("AUTOCHROME_CHECKPOINTS", str(hinted_folder))
    return drawn.photographs(tmp_path, 1, catalogue.collection("S"))[0]


def at(photograph: Photograph, verb: str = "") -> str:
    return f"/api/steering/{photograph.pk}/{f'{verb}/' if verb else ''}"


HINT = {"number": 0, "x": 0.25, "y": 0.5, "colour": "#5F6B5E", "why": "a letter"}


@pytest.mark.results
def test_the_whole_way(as_curator: APIClient, scanned) -> None:
    before = as_curator.get(at(scanned)).json()
    assert before["state"] == {
        "number": 0,
        "hints": [],
        "strength": 100,
        "action": "",
        "by": None,
        "at": None,
    }
    assert (before["takes_hints"], before["colorization"]) == (True, None)
    placed = as_curator.post(at(scanned, "place"), HINT, format="json")
    assert placed.status_code == 202
    said: dict[str, Any] = placed.json()
    [hint] = said["state"]["hints"]
    assert (hint["colour"], hint["by"], hint["why"]) == (
        "#5f6b5e",
        "curator",
        "a letter",
    )
    assert (said["on_the_way"], said["can_undo"]) == (True, True)
    assert said["job"] == str(Job.objects.get().pk)
    too_soon = as_curator.post(at(scanned, "propose"), {"number": 1}, format="json")
    assert (too_soon.status_code, too_soon.json()["code"]) == (409, "not_in_this_state")
    tasks.drain()

    made = as_curator.get(at(scanned)).json()
    assert (made["on_the_way"], made["trouble"], made["job"]) == (False, "", None)
    shown = as_curator.get(f"/api/derivatives/{made['picture']}/").json()
    assert shown["purpose"] == Purpose.COLOUR_DISPLAY
    assert [one["why"] for one in shown["hints"]] == ["a letter"]
    for verb, body in (
        ("change", {"number": 1, "hint": 1, "x": 0.75}),
        ("strength", {"number": 2, "strength": 80}),
        ("undo", {"number": 3}),
        ("restore", {"number": 4}),
        ("remove", {"number": 5, "hint": 1}),
        ("clear", {"number": 6}),
        ("undo", {"number": 7}),
        ("undo", {"number": 8}),
    ):
        answer = as_curator.post(at(scanned, verb), body, format="json")
        assert answer.status_code == 202, (verb, answer.json())
    state = answer.json()["state"]
    assert (state["number"], state["strength"], state["hints"][0]["x"]) == (9, 80, 0.75)
    past = as_curator.get(at(scanned, "history")).json()
    assert [one["number"] for one in past] == list(range(9, 0, -1))
    assert {one["by"] for one in past} == {"curator"}
    tasks.drain()

    saved = as_curator.post(at(scanned, "propose"), {"number": 9}, format="json")
    assert saved.status_code == 200
    address = f"/api/derivatives/{saved.json()['colorization']}"
    assert as_curator.get(f"{address}/").json()["version"] == 1
    assert as_curator.post(f"{address}/accept/").status_code == 200
    bare = as_curator.post(f"{address}/grade/", {"grade": "documented"}, format="json")
    assert (bare.status_code, bare.json()["code"]) == (422, "source_needed")
    graded = as_curator.post(
        f"{address}/grade/",
        {"grade": "documented", "grade_source": "letter, box 3"},
        format="json",
    ).json()
    assert (graded["grade"], graded["grade_source"]) == ("documented", "letter, box 3")
    stale = {
        "grade": "documented",
        "grade_source": "diary",
        "seen_grade": "illustrative",
    }
    late = as_curator.post(f"{address}/grade/", stale, format="json")
    assert late.status_code == 409
    assert "Someone else graded" in str(late.json())
    events = as_curator.get("/api/events/?ordering=-at").json()["results"]
    assert events[0]["action"] == "graded"


def test_of_two_the_second_is_told(as_curator, as_cataloguer, scanned) -> None:
    assert as_curator.post(at(scanned, "place"), HINT, format="json").status_code == 202
    other = as_cataloguer.post(at(scanned, "place"), HINT, format="json")
    assert (other.status_code, other.json()["code"]) == (409, "edited_meanwhile")
    [hint] = as_cataloguer.get(at(scanned)).json()["state"]["hints"]
    assert hint["by"] == "curator"


@pytest.mark.parametrize(
    "wrong",
    [{"x": 1.5}, {"colour": "red"}, {"number": -1}, {"why": "x" * 501}, {"y": None}],
)
def test_what_cannot_be_meant_is_refused(as_curator, scanned, wrong) -> None:
    answer = as_curator.post(at(scanned, "place"), {**HINT, **wrong}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert next(iter(wrong)) in answer.json()["errors"]


@pytest.mark.parametrize("flag", [Policy.DO_NOT_COLORIZE, Policy.SENSITIVE])
def test_a_restriction_refuses_with_its_reason(
    as_curator, curator, scanned, flag
) -> None:
    policy.restrict(Photograph.objects.all(), flag, True, by=curator)
    for verb in ("place", "look"):
        answer = as_curator.post(at(scanned, verb), HINT, format="json")
        assert (answer.status_code, answer.json()["code"]) == (422, "policy")
        assert "cannot be steered" in answer.json()["detail"]
    assert not Job.objects.exists()


def test_a_model_without_hints_says_so(
    as_curator, scanned, unhinted_folder, monkeypatch
) -> None:
    monkeypatch.setenv("AUTOCHROME_CHECKPOINTS", str(unhinted_folder))
    assert as_curator.get(at(scanned)).json()["takes_hints"] is False
    answer = as_curator.post(at(scanned, "place"), HINT, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "hints_not_taken")
    weaker = as_curator.post(
        at(scanned, "strength"), {"number": 0, "strength": 0}, format="json"
    )
    assert weaker.status_code == 202
    assert Job.objects.get().parameters["strength"] == 0


def test_without_a_scan_and_without_a_photograph(as_curator, photograph) -> None:
    bare = as_curator.get(at(photograph))
    assert (bare.status_code, bare.json()["code"]) == (422, "no_recto")
    assert as_curator.get("/api/steering/999/").status_code == 404
    assert as_curator.post("/api/steering/999/look/").status_code == 404


def test_the_palette_is_told(as_viewer: APIClient) -> None:
    dyes = as_viewer.get("/api/steering/dyes/").json()
    assert {"field grey", "Prussian blue", "brick"} <= {dye["name"] for dye in dyes}
    assert all(dye["note"] for dye in dyes)


@pytest.mark.results
def test_an_earlier_version_is_proposed_again(as_curator, scanned) -> None:
    as_curator.post(at(scanned, "look"))
    tasks.drain()
    [plain] = Derivative.objects.colorizations()
    as_curator.post(at(scanned, "propose"), {"number": 0}, format="json")
    as_curator.post(at(scanned, "place"), HINT, format="json")
    tasks.drain()
    as_curator.post(at(scanned, "propose"), {"number": 1}, format="json")
    plain.refresh_from_db()
    assert plain.review_state == "superseded"
    answer = as_curator.post(f"/api/derivatives/{plain.pk}/propose/")
    assert answer.json()["review"]["state"] == "awaiting"
    again = as_curator.post(f"/api/derivatives/{plain.pk}/propose/")
    assert (again.status_code, again.json()["code"]) == (409, "not_in_this_state")
