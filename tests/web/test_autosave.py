"""Saving a description while it is written, and undoing."""

import pytest
from django.urls import reverse

from archive import describing
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def photograph(db):
    return catalogue.photograph(title="Bridge")


def send(client, photograph, verb="autosave", **words):
    address = reverse(f"archive:photograph_{verb}", args=[photograph.pk])
    return client.post(address, words)


def test_it_saves_what_is_sent_and_nothing_else(client, cataloguer, photograph):
    client.force_login(cataloguer)
    words = {"title": " A bridge ", "initial-title": "Bridge"}
    told = send(client, photograph, **words).json()
    assert told["saved"] == {"title": "A bridge"}
    assert ":" in told["at"]
    photograph.refresh_from_db()
    assert (photograph.title, photograph.revision) == ("A bridge", 2)
    assert photograph.reference_code == "GB1/1"


def test_lines_are_stored_as_the_form_stores_them(client, cataloguer, photograph):
    client.force_login(cataloguer)
    words = {"notes": "one\r\ntwo", "initial-notes": ""}
    send(client, photograph, **words)
    words = {"notes": "one\r\ntwo\r\nthree", "initial-notes": "one\r\ntwo"}
    assert send(client, photograph, **words).json()["conflicts"] == {}
    photograph.refresh_from_db()
    assert photograph.notes == "one\ntwo\nthree"


def test_a_conflict_names_the_other_person_and_their_words(
    client, cataloguer, curator, photograph
):
    describing.describe(photograph, {"title": "Theirs"}, by=curator)
    client.force_login(cataloguer)
    words = {"title": "Mine", "initial-title": "Bridge"}
    told = send(client, photograph, **words).json()
    assert told["saved"] == {}
    assert told["conflicts"]["title"]["theirs"] == "Theirs"
    assert told["conflicts"]["title"]["said"].startswith("curator saved this at")


def test_each_field_that_cannot_be_saved_says_why(client, cataloguer, photograph):
    catalogue.photograph("GB1/2")
    client.force_login(cataloguer)
    words = {
        "title": "x" * 501,
        "date_edtf": "19234~~",
        "reference_code": "GB1/2",
        "rights": "https://example.org/",
        "place": "Leipzig",
    }
    told = send(client, photograph, **words, **{"initial-reference_code": "GB1/1"})
    found = told.json()
    assert sorted(found["refused"]) == [
        "date_edtf",
        "reference_code",
        "rights",
        "title",
    ]
    assert found["saved"] == {"place": "Leipzig"}
    assert all(found["refused"].values())


def test_the_page_offers_undo_of_what_one_changed(client, cataloguer, photograph):
    client.force_login(cataloguer)
    page = client.get(photograph.get_absolute_url()).content.decode()
    assert "data-undo" not in page
    send(client, photograph, **{"title": "A bridge", "initial-title": "Bridge"})
    page = client.get(photograph.get_absolute_url()).content.decode()
    assert "Undo: title" in page
    done = send(client, photograph, "undo")
    assert done.status_code == 302
    photograph.refresh_from_db()
    assert photograph.title == "Bridge"
    page = client.get(photograph.get_absolute_url()).content.decode()
    assert "Undid your change of: title." in page
    assert "took back a change of the description" in page
    send(client, photograph, "undo")
    page = client.get(photograph.get_absolute_url()).content.decode()
    assert "There is nothing to undo" in page


@pytest.mark.parametrize("verb", ["autosave", "undo"])
def test_it_is_for_those_who_describe_and_by_post(client, viewer, photograph, verb):
    assert send(client, photograph, verb).status_code == 302
    client.force_login(viewer)
    assert send(client, photograph, verb).status_code == 403


@pytest.mark.parametrize("verb", ["autosave", "undo"])
def test_get_changes_nothing_and_a_missing_one_is_missing(client, cataloguer, verb):
    client.force_login(cataloguer)
    address = reverse(f"archive:photograph_{verb}", args=[999])
    assert client.post(address).status_code == 404
    assert client.get(address).status_code == 405
