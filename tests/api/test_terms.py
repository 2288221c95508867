"""Terms: found, added, changed."""

import pytest
from rest_framework.test import APIClient

from archive import describing
from archive.models import Event, Term

LIST = "/api/terms/"


def test_it_lists_with_synonyms_and_uses(
    as_cataloguer: APIClient, photograph, cataloguer
) -> None:
    answer = as_cataloguer.post(
        LIST, {"label": "boat", "synonyms": ["ship", "vessel"]}, format="json"
    )
    assert answer.status_code == 201
    describing.assign_term(photograph, Term.objects.get(), by=cataloguer)
    [shown] = as_cataloguer.get(LIST, {"text": "vess"}).json()["results"]
    assert shown["label"] == "boat"
    assert shown["synonyms"] == ["ship", "vessel"]
    assert shown["photographs"] == 1
    assert as_cataloguer.get(LIST, {"vocabulary": "aat"}).json()["count"] == 0


def test_a_label_is_used_once(as_cataloguer: APIClient) -> None:
    describing.create_term("boat")
    answer = as_cataloguer.post(LIST, {"label": "Boat"}, format="json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_description"


@pytest.mark.parametrize(
    "values", [{}, {"label": ""}, {"label": "x" * 201}, {"label": "x", "uri": "no"}]
)
def test_adding_refuses(as_cataloguer: APIClient, values) -> None:
    assert as_cataloguer.post(LIST, values, format="json").status_code == 400


def test_changing_keeps_what_is_left_out(as_cataloguer: APIClient) -> None:
    as_cataloguer.post(LIST, {"label": "boat", "synonyms": ["ship"]}, format="json")
    address = f"{LIST}{Term.objects.get().pk}/"
    answer = as_cataloguer.patch(address, {"label": "ferry"}, format="json")
    assert (answer.json()["label"], answer.json()["synonyms"]) == ("ferry", ["ship"])
    answer = as_cataloguer.patch(address, {"synonyms": []}, format="json")
    assert answer.json()["synonyms"] == []
    assert Event.objects.filter(action="defined").count() == 3
    assert as_cataloguer.patch(f"{LIST}99999/", {"label": "x"}).status_code in {
        404,
        415,
    }
    assert as_cataloguer.delete(address).status_code == 405


def test_terms_are_ordered_by_use(as_viewer: APIClient, photograph, curator) -> None:
    describing.create_term("anchor")
    describing.assign_term(photograph, describing.create_term("boat"), by=curator)
    listed = as_viewer.get(LIST, {"ordering": "-photographs"}).json()["results"]
    assert [each["label"] for each in listed] == ["boat", "anchor"]
