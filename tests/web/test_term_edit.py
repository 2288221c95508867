"""Changing a term."""

import pytest
from django.urls import reverse

from archive.models import Event
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def term(db):
    return catalogue.term("bridge", "viaduct", "span")


@pytest.fixture
def address(term):
    return reverse("archive:term_edit", args=[term.pk])


def values(**changed):
    return {
        "label": "bridge",
        "vocabulary": "local",
        "synonyms": "viaduct\nspan",
    } | changed


def test_it_changes_label_and_synonyms(client, cataloguer, term, address):
    client.force_login(cataloguer)
    assert "viaduct" in client.get(address).content.decode()
    client.post(address, values(label="bridges", synonyms="viaduct\ncrossing"))
    term.refresh_from_db()
    assert term.label == "bridges"
    assert {synonym.label for synonym in term.synonyms.all()} == {"viaduct", "crossing"}
    changes = Event.objects.get().changes
    assert changes["label"] == ["bridge", "bridges"]
    assert changes["synonyms"] == [["span", "viaduct"], ["crossing", "viaduct"]]


def test_saving_the_same_again_records_nothing(client, cataloguer, address):
    client.force_login(cataloguer)
    client.post(address, values())
    assert not Event.objects.exists()


def test_a_taken_label_is_refused(client, cataloguer, term, address):
    catalogue.term("sea")
    client.force_login(cataloguer)
    assert client.post(address, values(label="Sea")).status_code == 422
    term.refresh_from_db()
    assert term.label == "bridge"


def test_it_rejects_other_methods(client, cataloguer, address):
    client.force_login(cataloguer)
    assert client.delete(address).status_code == 405


def test_a_viewer_may_not(client, viewer, address):
    client.force_login(viewer)
    assert client.post(address, values()).status_code == 403


def test_a_missing_term_is_not_found(client, cataloguer):
    client.force_login(cataloguer)
    gone = reverse("archive:term_edit", args=[404])
    assert client.get(gone).status_code == 404
