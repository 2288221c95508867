"""Changing the description of a collection."""

import pytest
from django.urls import reverse

from archive import describing
from archive.models import Collection, Event
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


def as_shown(client, address):
    """Return what a browser would send back of the form, unchanged."""
    form = client.get(address).context["form"]
    sent = {field.html_name: field.value() or "" for field in form}
    return sent | {field.html_initial_name: field.value() or "" for field in form}


def test_two_who_edit_one_collection_overwrite_nothing(
    client, curator, collection, address
):
    client.force_login(curator)
    sent = as_shown(client, address)
    describing.describe_collection(
        Collection.objects.get(), {"title": "Ferries", "place": "Kiel"}, by=curator
    )
    # What only the other changed stays as the other left it.
    assert client.post(address, {**sent, "creator": "Ada"}).status_code == 302
    now = Collection.objects.get()
    assert (now.title, now.place, now.creator) == ("Ferries", "Kiel", "Ada")
    # What both changed is shown, and replaced only when it is saved again.
    described = "One line\r\nand another"
    describing.describe_collection(
        Collection.objects.get(), {"description": "First\nlines"}, by=curator
    )
    sent["initial-description"] = "First\r\nlines"
    both = {"title": "Boats", "creator": "Ada", "description": described}
    refused = client.post(address, {**sent, **both})
    assert refused.status_code == 422
    assert refused.content.decode().count("Meanwhile someone wrote here") == 1
    assert "Meanwhile someone wrote here: “Ferries”" in refused.content.decode()
    assert Collection.objects.get().title == "Ferries"
    form = refused.context["form"]
    again = {field.html_name: field.value() or "" for field in form} | {
        field.html_initial_name: form.data[field.html_initial_name] for field in form
    }
    assert again["title"] == "Boats"
    assert client.post(address, again).status_code == 302
    assert Collection.objects.get().title == "Boats"
    assert Collection.objects.get().place == "Kiel"


def test_lines_of_a_description_are_no_change(client, curator, collection, address):
    text = "One line\nand another"
    describing.describe_collection(collection, {"description": text}, by=curator)
    client.force_login(curator)
    sent = {
        name: value.replace("\n", "\r\n")
        for name, value in as_shown(client, address).items()
    }
    assert client.post(address, {**sent, "title": "Boats"}).status_code == 302
    assert Collection.objects.get().description == text
