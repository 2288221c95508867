"""Collections: the tree, its counts, and what changes it."""

import pytest
from rest_framework.test import APIClient

from archive import describing
from archive.models import Collection, Event
from tests import catalogue

LIST = "/api/collections/"


def codes(answer) -> list[str]:
    return [each["reference_code"] for each in answer.json()["results"]]


@pytest.fixture
def series(fonds: Collection) -> Collection:
    made = catalogue.collection("GB1/2", parent=fonds, level="series", title="Crew")
    catalogue.photograph("GB1/2/1", within=made)
    return made


def test_it_lists_the_tree_with_counts(
    as_viewer: APIClient, fonds, photograph, series
) -> None:
    top, below = as_viewer.get(LIST).json()["results"]
    assert (top["reference_code"], top["depth"], top["parent"]) == ("GB1", 1, None)
    assert (top["children"], top["photographs"], top["photographs_within"]) == (1, 1, 2)
    assert below["parent"]["reference_code"] == "GB1"
    assert (below["photographs"], below["photographs_within"]) == (1, 1)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"top": "true"}, ["GB1"]),
        ({"top": "false"}, ["GB1/2"]),
        ({"level": "series"}, ["GB1/2"]),
        ({"text": "crew"}, ["GB1/2"]),
        ({"ordering": "-reference_code"}, ["GB1/2", "GB1"]),
    ],
)
def test_it_filters(as_viewer: APIClient, series, query, found) -> None:
    assert codes(as_viewer.get(LIST, query)) == found


def test_it_filters_by_place(as_viewer: APIClient, fonds, series) -> None:
    assert codes(as_viewer.get(LIST, {"within": fonds.pk})) == ["GB1", "GB1/2"]
    assert codes(as_viewer.get(LIST, {"parent": fonds.pk})) == ["GB1/2"]


def test_it_shows_one_with_what_is_inherited(
    as_viewer: APIClient, fonds, series
) -> None:
    Collection.objects.filter(pk=fonds.pk).update(do_not_tag=True)
    shown = as_viewer.get(f"{LIST}{series.pk}/").json()
    assert shown["photographs_within"] == 1
    assert shown["restrictions"]["do_not_tag"]["carried_by"] == "GB1"


def test_it_is_missing(as_viewer: APIClient) -> None:
    assert as_viewer.get(f"{LIST}123456/").status_code == 404


def test_creating_below_another(as_cataloguer: APIClient, fonds) -> None:
    answer = as_cataloguer.post(
        LIST,
        {"reference_code": "GB1/3", "level": "series", "parent": fonds.pk},
        format="json",
    )
    assert answer.status_code == 201
    assert answer.json()["parent"]["id"] == fonds.pk
    assert Event.objects.filter(action="created", subject="GB1/3").count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "reference_code"),
        ({"reference_code": "GB1"}, "reference_code"),
        ({"reference_code": "GB2", "level": "box"}, "level"),
        ({"reference_code": "GB2", "parent": 999_999}, "parent"),
        ({"reference_code": "GB2", "date_edtf": "soon"}, "date_edtf"),
    ],
)
def test_creating_refuses(as_cataloguer: APIClient, fonds, values, field) -> None:
    answer = as_cataloguer.post(LIST, values, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_a_level_cannot_stand_above_its_parents(
    as_cataloguer: APIClient, series
) -> None:
    answer = as_cataloguer.post(
        LIST,
        {"reference_code": "GB1/4", "level": "fonds", "parent": series.pk},
        format="json",
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_description"
    assert list(answer.json()["errors"]) == ["level"]


def test_describing(as_cataloguer: APIClient, fonds) -> None:
    answer = as_cataloguer.patch(
        f"{LIST}{fonds.pk}/", {"title": "Ferries", "date_edtf": "192X"}, format="json"
    )
    assert answer.json()["title"] == "Ferries"
    assert answer.json()["date_latest"] == "1929-12-31"


def test_moving_to_the_top_and_back(as_cataloguer: APIClient, fonds, series) -> None:
    address = f"{LIST}{series.pk}/move/"
    up = as_cataloguer.post(address, {"parent": None}, format="json")
    assert (up.status_code, up.json()["parent"]) == (200, None)
    down = as_cataloguer.post(address, {"parent": fonds.pk}, format="json")
    assert down.json()["parent"]["reference_code"] == "GB1"


def test_moving_into_itself_is_refused(as_cataloguer: APIClient, fonds, series) -> None:
    answer = as_cataloguer.post(
        f"{LIST}{fonds.pk}/move/", {"parent": series.pk}, format="json"
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_description"


def test_restricting_everything_in_it(as_curator: APIClient, fonds, series) -> None:
    address = f"{LIST}{fonds.pk}/restrictions/"
    as_curator.patch(address, {"do_not_colorize": True}, format="json")
    shown = as_curator.get(f"{LIST}{series.pk}/").json()["restrictions"]
    assert shown["do_not_colorize"]["holds"] is True
    again = as_curator.patch(address, {"do_not_colorize": True}, format="json")
    assert again.status_code == 200
    assert Event.objects.filter(action="restricted").count() == 1


def test_deleting_what_is_empty(as_curator: APIClient, fonds, series) -> None:
    full = as_curator.delete(f"{LIST}{fonds.pk}/")
    assert full.status_code == 409
    assert full.json()["code"] == "not_in_this_state"
    empty = catalogue.collection("GB9")
    assert as_curator.delete(f"{LIST}{empty.pk}/").status_code == 204
    assert as_curator.delete(f"{LIST}{empty.pk}/").status_code == 404


def test_the_tree_has_a_deepest_level(
    as_cataloguer: APIClient, fonds, series, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(describing, "DEEPEST", 2)
    body = {"reference_code": "GB1/2/3", "level": "series", "parent": series.pk}
    answer = as_cataloguer.post(LIST, body, format="json")
    assert answer.status_code == 400
    assert "2 levels deep" in answer.json()["errors"]["parent"][0]
    other = catalogue.collection("GB7")
    answer = as_cataloguer.post(
        f"{LIST}{fonds.pk}/move/", {"parent": other.pk}, format="json"
    )
    assert answer.status_code == 400
