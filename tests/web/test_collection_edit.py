"""Changing the description of a collection."""

import pytest
from django.urls import reverse

from archive.models import Event
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection(db):
    return catalogue.collection("F", title="Kessler")


@pytest.fixture
def address(collection):
    return reverse("archive:collection_edit", args=[collection.pk])


def values(**changed):
    return {"reference_code": "F", "title": "Kessler", "level": "fonds"} | changed


def test_it_saves_and_records_from_and_to(client, cataloguer, collection, address):
    client.force_login(cataloguer)
    response = client.post(address, values(title="Kessler family", date_edtf="1923~"))
    assert response.url == collection.get_absolute_url()
    collection.refresh_from_db()
    assert collection.title == "Kessler family"
    assert collection.date_earliest.year == 1923
    event = Event.objects.get(action="described")
    assert event.changes["title"] == ["Kessler", "Kessler family"]


def test_saving_the_same_again_records_nothing(client, cataloguer, address):
    client.force_login(cataloguer)
    client.post(address, values(title="New"))
    client.post(address, values(title="New"))
    assert Event.objects.filter(action="described").count() == 1


def test_a_refused_value_changes_nothing(client, cataloguer, collection, address):
    client.force_login(cataloguer)
    response = client.post(address, values(title="New", date_edtf="soon"))
    assert response.status_code == 422
    collection.refresh_from_db()
    assert collection.title == "Kessler"


def test_a_level_above_its_parents_is_refused(client, cataloguer, collection):
    client.force_login(cataloguer)
    collection.level = "series"
    collection.save()
    below = catalogue.collection("F/1", parent=collection, level="file")
    response = client.post(
        reverse("archive:collection_edit", args=[below.pk]),
        values(reference_code="F/1"),
    )
    assert response.status_code == 422
    assert "cannot stand inside" in response.content.decode()


def test_looking_shows_the_description(client, cataloguer, address):
    client.force_login(cataloguer)
    assert "Kessler" in client.get(address).content.decode()
    assert client.delete(address).status_code == 405


def test_a_viewer_may_not(client, viewer, address):
    client.force_login(viewer)
    assert client.get(address).status_code == 403


def test_a_missing_collection_is_not_found(client, cataloguer):
    client.force_login(cataloguer)
    gone = reverse("archive:collection_edit", args=[404])
    assert client.get(gone).status_code == 404
