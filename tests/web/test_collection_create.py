"""Creating a collection."""

import pytest
from django.urls import reverse

from archive.models import Collection, Event
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    return reverse("archive:collection_create")


def values(**changed):
    return {"reference_code": "K", "title": "Kessler", "level": "fonds"} | changed


def test_it_creates_one_at_the_top(client, cataloguer, address):
    client.force_login(cataloguer)
    response = client.post(address, values())
    made = Collection.objects.get()
    assert response.url == made.get_absolute_url()
    assert made.is_root()
    assert Event.objects.get().agent == cataloguer


def test_it_creates_one_below_another(client, cataloguer, address):
    client.force_login(cataloguer)
    above = catalogue.collection("F")
    asked = client.get(f"{address}?below={above.pk}")
    assert asked.context["form"].initial["level"] == "series"
    client.post(address, values(level="series", parent=above.pk))
    made = Collection.objects.get(reference_code="K")
    assert Collection.objects.get_parent(made) == above


def test_the_same_code_again_is_refused(client, cataloguer, address):
    client.force_login(cataloguer)
    client.post(address, values())
    response = client.post(address, values())
    assert response.status_code == 422
    assert response.context["form"].errors["reference_code"]
    assert Collection.objects.count() == 1


def test_a_level_above_its_parents_is_refused(client, cataloguer, address):
    client.force_login(cataloguer)
    above = catalogue.collection("F", level="file")
    response = client.post(address, values(parent=above.pk))
    assert response.status_code == 422
    assert "cannot stand inside" in response.content.decode()


def test_a_date_that_is_none_is_refused(client, cataloguer, address):
    client.force_login(cataloguer)
    response = client.post(address, values(date_edtf="before the war"))
    assert response.status_code == 422
    assert "is not an EDTF date" in response.content.decode()


def test_what_stands_in_the_address_cannot_break_it(client, cataloguer, address):
    client.force_login(cataloguer)
    for below in ("", "x", "-1", "9" * 40):
        assert client.get(address, {"below": below}).status_code == 200


def test_looking_creates_nothing(client, cataloguer, address):
    client.force_login(cataloguer)
    assert client.get(address).status_code == 200
    assert client.put(address).status_code == 405
    assert not Collection.objects.exists()


def test_a_viewer_may_not(client, viewer, address):
    client.force_login(viewer)
    assert client.post(address, values()).status_code == 403
    assert not Collection.objects.exists()
