"""Photographs: finding, describing, restricting, publishing."""

import pytest
from rest_framework.test import APIClient

from archive import describing
from archive.models import Event, Photograph
from tests import catalogue

LIST = "/api/photographs/"


def at(photograph: Photograph, verb: str = "") -> str:
    return f"{LIST}{photograph.pk}/{verb}"


def codes(answer) -> list[str]:
    return [each["reference_code"] for each in answer.json()["results"]]


def test_it_lists_with_pages(as_viewer: APIClient, fonds) -> None:
    for number in range(5):
        catalogue.photograph(f"GB1/{number}", within=fonds)
    page = as_viewer.get(LIST, {"page_size": 2, "page": 2}).json()
    assert page["count"] == 5
    assert [one["reference_code"] for one in page["results"]] == ["GB1/2", "GB1/3"]
    assert "page=3" in page["next"]
    assert page["previous"] is not None


def test_the_page_size_is_bounded(as_viewer: APIClient, fonds) -> None:
    Photograph.objects.bulk_create(
        Photograph(collection=fonds, reference_code=f"GB1/{n:03}") for n in range(205)
    )
    page = as_viewer.get(LIST, {"page_size": 100_000}).json()
    assert len(page["results"]) == 100


def test_a_page_that_is_not_there_is_not_found(as_viewer: APIClient) -> None:
    answer = as_viewer.get(LIST, {"page": "9" * 40})
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"text": "ferry"}, ["GB1/1"]),
        ({"text": "ferry nothing"}, []),
        ({"text": "ferr*"}, ["GB1/1"]),
        ({"text": "gb1 -ferry"}, ["GB1/2/1"]),
        ({"media_type": "image/png"}, ["GB1/2/1"]),
        ({"creator": "beato"}, ["GB1/2/1"]),
        ({"place": "japan"}, ["GB1/2/1"]),
        ({"date_from": "1860-01-01", "date_to": "1869-12-31"}, ["GB1/2/1"]),
        ({"date_from": "1990-01-01"}, []),
        ({"state": "undescribed"}, ["GB1/2/1"]),
        ({"state": "described"}, ["GB1/1"]),
        ({"state": "published"}, []),
        ({"state": "unpublished"}, ["GB1/1", "GB1/2/1"]),
        ({"state": "awaiting_review"}, ["GB1/2/1"]),
        ({"state": "colorized"}, []),
        ({"state": "uncolorized"}, ["GB1/1", "GB1/2/1"]),
        ({"state": "tagged"}, []),
        ({"state": "untagged"}, ["GB1/1", "GB1/2/1"]),
        ({"restricted": "sensitive"}, ["GB1/2/1"]),
        ({"permitting": "sensitive"}, ["GB1/1"]),
        ({"reference_code": "GB1/1"}, ["GB1/1"]),
        ({"ordering": "-reference_code"}, ["GB1/2/1", "GB1/1"]),
    ],
)
def test_it_filters(as_viewer: APIClient, fonds, photograph, query, found) -> None:
    series = catalogue.collection("GB1/2", parent=fonds, sensitive=True, level="series")
    portrait = catalogue.photograph(
        "GB1/2/1", within=series, creator="Felice Beato", place="Japan"
    )
    describing.describe(portrait, {"date_edtf": "186X"}, by=None)
    catalogue.colorization(catalogue.master(portrait))
    assert codes(as_viewer.get(LIST, query)) == found


def test_it_finds_what_is_in_a_collection_and_below(
    as_viewer: APIClient, fonds, photograph
) -> None:
    series = catalogue.collection("GB1/2", parent=fonds, level="series")
    catalogue.photograph("GB1/2/1", within=series)
    catalogue.collection("GB2")
    assert codes(as_viewer.get(LIST, {"collection": fonds.pk})) == ["GB1/1", "GB1/2/1"]
    assert codes(as_viewer.get(LIST, {"collection": series.pk})) == ["GB1/2/1"]
    assert codes(as_viewer.get(LIST, {"directly_in": fonds.pk})) == ["GB1/1"]


@pytest.mark.parametrize(
    "query",
    [
        {"ordering": "password"},
        {"state": "lost"},
        {"collection": "9" * 30},
        {"collection": "none"},
        {"date_from": "yesterday"},
        {"text": "\x00"},
        {"text": '"-"'},
        {"media_type": "image/none"},
        {"text": "a" * 201},
    ],
)
def test_it_refuses_a_filter_that_means_nothing(as_viewer: APIClient, query) -> None:
    answer = as_viewer.get(LIST, query)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert list(answer.json()["errors"]) == list(query)


def test_it_finds_by_term(as_viewer: APIClient, photograph, curator) -> None:
    term = describing.create_term("boat")
    describing.assign_term(photograph, term, by=curator)
    page = as_viewer.get(LIST, {"term": term.pk})
    assert codes(page) == ["GB1/1"]
    [assigned] = page.json()["results"][0]["terms"]
    assert assigned["term"]["label"] == "boat"
    assert assigned["machine_suggested"] is False
    assert assigned["assigned_by"] == "curator"


def test_it_shows_one_with_everything_machines_made(
    as_viewer: APIClient, photograph, master
) -> None:
    catalogue.colorization(
        master, recipe={"model": "painter", "version": "2", "sha256": "cd" * 32}
    )
    shown = as_viewer.get(at(photograph)).json()
    [colorization] = shown["colorizations"]
    assert colorization["machine_interpretation"] is True
    assert colorization["machine_made"]["model"] == {
        "name": "painter",
        "version": "2",
        "sha256": "cd" * 32,
    }
    assert colorization["review"]["state"] == "awaiting"
    assert shown["masters"][0]["content"].endswith(f"/api/masters/{master.pk}/content/")
    assert shown["pictures"] == []


def test_it_tells_which_restrictions_hold_and_why(
    as_viewer: APIClient, fonds, photograph
) -> None:
    fonds.do_not_colorize = True
    fonds.save()
    held = as_viewer.get(at(photograph)).json()["restrictions"]
    assert held["do_not_colorize"] == {
        "holds": True,
        "own": False,
        "carried_by": "GB1",
    }
    assert held["sensitive"] == {"holds": False, "own": False, "carried_by": None}


def test_it_is_missing(as_viewer: APIClient) -> None:
    answer = as_viewer.get(f"{LIST}999999999999999999/")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_it_cannot_be_created_here(as_curator: APIClient) -> None:
    answer = as_curator.post(LIST, {"reference_code": "GB1/9"}, format="json")
    assert answer.status_code == 405
    assert answer.json()["code"] == "method_not_allowed"


def test_describing_changes_and_records(as_cataloguer: APIClient, photograph) -> None:
    answer = as_cataloguer.patch(
        at(photograph),
        {"revision": 1, "title": "The old ferry", "date_edtf": "1923~"},
        format="json",
    )
    assert answer.status_code == 200
    assert answer.json()["title"] == "The old ferry"
    assert answer.json()["date_earliest"] == "1923-01-01"
    assert answer.json()["revision"] == 2
    event = Event.objects.get(action="described")
    assert event.changes["title"] == ["The ferry", "The old ferry"]
    assert event.agent.username == "cataloguer"


def test_describing_what_someone_else_changed_is_a_conflict(
    as_cataloguer: APIClient, photograph
) -> None:
    describing.describe(photograph, {"title": "Theirs"}, by=None)
    answer = as_cataloguer.patch(
        at(photograph), {"revision": 1, "title": "Mine"}, format="json"
    )
    assert answer.status_code == 409
    assert answer.json()["code"] == "edited_meanwhile"
    photograph.refresh_from_db()
    assert photograph.title == "Theirs"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": "x"}, "revision"),
        ({"revision": 1, "title": "x" * 501}, "title"),
        ({"revision": 1, "title": "\x00"}, "title"),
        ({"revision": 1, "date_edtf": "soon"}, "date_edtf"),
        ({"revision": 1, "rights": "http://example.org/"}, "rights"),
        ({"revision": 1, "reference_code": ""}, "reference_code"),
        ({"revision": 10**30, "title": "x"}, "revision"),
    ],
)
def test_describing_refuses_what_cannot_be_meant(
    as_cataloguer: APIClient, photograph, values, field
) -> None:
    answer = as_cataloguer.patch(at(photograph), values, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize(
    "body", ['{"title": "\\ud800"}', '{"revision": 1e999}', "[" * 9000]
)
def test_describing_refuses_json_that_cannot_be_kept(
    as_cataloguer: APIClient, photograph, body
) -> None:
    answer = as_cataloguer.patch(at(photograph), body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "parse_error"


def test_a_huge_body_is_refused(as_cataloguer: APIClient, photograph) -> None:
    body = '{"notes": "' + "x" * 3_000_000 + '"}'
    answer = as_cataloguer.patch(at(photograph), body, content_type="application/json")
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_many_bytes"


def test_a_reference_code_is_used_once(
    as_cataloguer: APIClient, photograph, fonds
) -> None:
    catalogue.photograph("GB1/2", within=fonds)
    answer = as_cataloguer.patch(
        at(photograph), {"revision": 1, "reference_code": "GB1/2"}, format="json"
    )
    assert answer.status_code == 400
    assert "reference_code" in answer.json()["errors"]


def test_moving(as_cataloguer: APIClient, photograph) -> None:
    other = catalogue.collection("GB2")
    answer = as_cataloguer.post(
        at(photograph, "move/"), {"collection": other.pk}, format="json"
    )
    assert answer.json()["collection"]["reference_code"] == "GB2"
    again = as_cataloguer.post(
        at(photograph, "move/"), {"collection": other.pk}, format="json"
    )
    assert again.status_code == 200
    assert Event.objects.filter(action="moved").count() == 1


def test_moving_to_nowhere(as_cataloguer: APIClient, photograph) -> None:
    answer = as_cataloguer.post(
        at(photograph, "move/"), {"collection": 10**30}, format="json"
    )
    assert answer.status_code == 400
    assert "collection" in answer.json()["errors"]


def test_restricting_and_releasing(as_curator: APIClient, photograph) -> None:
    answer = as_curator.patch(
        at(photograph, "restrictions/"), {"sensitive": True}, format="json"
    )
    assert answer.json()["restrictions"]["sensitive"]["own"] is True
    assert answer.json()["restrictions"]["do_not_tag"]["own"] is False
    answer = as_curator.patch(
        at(photograph, "restrictions/"), {"sensitive": False}, format="json"
    )
    assert answer.json()["restrictions"]["sensitive"]["holds"] is False
    assert set(Event.objects.values_list("action", flat=True)) >= {
        "restricted",
        "released",
    }


def test_publishing_and_withdrawing(as_curator: APIClient, photograph) -> None:
    published = as_curator.post(at(photograph, "publish/"))
    assert published.status_code == 200
    assert published.json()["record"]["title"] == "The ferry"
    assert published.json()["published_by"] == "curator"
    assert as_curator.post(at(photograph, "publish/")).status_code == 200
    withdrawn = as_curator.post(
        at(photograph, "withdraw/"), {"reason": "A family asked"}, format="json"
    )
    assert withdrawn.json()["published_at"] is None
    again = as_curator.post(at(photograph, "withdraw/"))
    assert again.status_code == 409
    assert again.json()["code"] == "not_in_this_state"


def test_what_lacks_rights_is_not_published(as_curator: APIClient, fonds) -> None:
    bare = catalogue.photograph("GB1/9", within=fonds)
    answer = as_curator.post(at(bare, "publish/"))
    assert answer.status_code == 422
    assert answer.json()["code"] == "not_publishable"


def test_terms_come_and_go(as_cataloguer: APIClient, photograph) -> None:
    term = describing.create_term("boat")
    for _twice in range(2):
        answer = as_cataloguer.post(
            at(photograph, "terms/"), {"term": term.pk}, format="json"
        )
        assert [each["term"]["label"] for each in answer.json()["terms"]] == ["boat"]
    address = at(photograph, f"terms/{term.pk}/")
    assert as_cataloguer.delete(address).status_code == 204
    assert as_cataloguer.delete(address).status_code == 404
    assert not photograph.assignments.exists()
