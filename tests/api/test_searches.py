"""Kept searches and facets."""

import pytest
from rest_framework.test import APIClient

from archive import describing
from archive.models import SavedSearch
from tests import catalogue

KEPT = "/api/searches/"
FACETS = "/api/facets/"


def test_a_search_is_kept_replaced_and_forgotten(as_viewer: APIClient, fonds) -> None:
    given = {"name": "Harbour", "query": "words=harbour&page=3&nonsense=1"}
    made = as_viewer.post(KEPT, given, format="json")
    assert made.status_code == 201
    assert made.json()["query"] == "words=harbour"
    assert made.json()["address"].endswith("/search/?words=harbour")
    given = {"name": "Harbour", "query": "words=ships", "collection": fonds.pk}
    again = as_viewer.post(KEPT, given, format="json").json()
    assert again["id"] == made.json()["id"]
    assert again["address"] == f"{fonds.get_absolute_url()}?words=ships"
    [listed] = as_viewer.get(KEPT).json()["results"]
    assert listed == again
    assert as_viewer.delete(f"{KEPT}{again['id']}/").status_code == 204
    assert not SavedSearch.objects.exists()


def test_everybody_sees_their_own(as_viewer: APIClient, curator) -> None:
    other = SavedSearch.objects.create(owner=curator, name="Mine", query="words=a")
    assert as_viewer.get(KEPT).json()["count"] == 0
    for verb in (as_viewer.get, as_viewer.delete):
        assert verb(f"{KEPT}{other.pk}/").status_code == 404
    assert SavedSearch.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"name": "", "query": "words=a"},
        {"name": "x", "query": ""},
        {"name": "x", "query": "page=2"},
        {"name": "x", "query": "words=a", "collection": 99_999},
        {"name": "x" * 101, "query": "words=a"},
    ],
)
def test_what_finds_nothing_is_not_kept(as_viewer: APIClient, given) -> None:
    assert as_viewer.post(KEPT, given, format="json").status_code == 400
    assert not SavedSearch.objects.exists()


def test_strangers_see_nothing(client, db) -> None:
    for address in (KEPT, FACETS, f"{FACETS}term/"):
        assert client.get(address).status_code == 401


def test_a_facet_is_counted_for_a_query(
    as_viewer: APIClient, photograph, fonds, curator
) -> None:
    other = catalogue.photograph("GB1/0002", fonds)
    for each in (photograph, other):
        describing.assign_term(each, describing.create_term("boat"), by=curator)
    describing.assign_term(other, describing.create_term("harbour"), by=curator)
    names = [each["name"] for each in as_viewer.get(FACETS).json()]
    assert {"term", "date", "creator", "colour"} <= set(names)
    counted = as_viewer.get(f"{FACETS}term/").json()
    assert {v["label"]: v["count"] for v in counted["values"]} == {
        "boat": 2,
        "harbour": 1,
    }
    narrowed = {"term": "harbour", "of": fonds.pk}
    states = as_viewer.get(f"{FACETS}state/", narrowed).json()["values"]
    assert {v["count"] for v in states if v["changes"] == {"state": "untagged"}} == {1}


def test_a_facet_that_means_nothing_is_refused(as_viewer: APIClient) -> None:
    assert as_viewer.get(f"{FACETS}colours/").status_code == 404
    assert as_viewer.get(f"{FACETS}term/", {"of": 99_999}).status_code == 404
    assert as_viewer.get(f"{FACETS}term/", {"of": "all"}).status_code == 400
    refused = as_viewer.get(f"{FACETS}term/", {"state": "sideways"})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
