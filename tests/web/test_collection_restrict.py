"""Setting and lifting a restriction on a collection."""

import pytest
from django.urls import reverse

from archive.models import Event
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection(db):
    return catalogue.collection("F")


@pytest.fixture
def address(collection):
    return reverse("archive:collection_restrict", args=[collection.pk])


def test_it_is_set_and_lifted(client, curator, collection, address):
    client.force_login(curator)
    client.post(address, {"restriction": "do_not_colorize", "value": "set"})
    collection.refresh_from_db()
    assert collection.do_not_colorize
    client.post(address, {"restriction": "do_not_colorize", "value": "lift"})
    collection.refresh_from_db()
    assert not collection.do_not_colorize
    assert set(
        Event.objects.exclude(action="created").values_list("action", flat=True)
    ) == {"restricted", "released"}


def test_setting_it_again_records_nothing(client, curator, address):
    client.force_login(curator)
    for _time in range(2):
        client.post(address, {"restriction": "sensitive", "value": "set"})
    assert Event.objects.filter(action="restricted").count() == 1


def test_an_unknown_restriction_gets_a_sentence(client, curator, address):
    client.force_login(curator)
    page = client.post(
        address, {"restriction": "title", "value": "set"}, follow=True
    ).content.decode()
    assert "There is no such restriction" in page


def test_it_rejects_get(client, curator, address):
    client.force_login(curator)
    assert client.get(address).status_code == 405


def test_a_cataloguer_may_not(client, cataloguer, collection, address):
    client.force_login(cataloguer)
    response = client.post(address, {"restriction": "sensitive", "value": "set"})
    assert response.status_code == 403
    collection.refresh_from_db()
    assert not collection.sensitive


def test_a_missing_collection_is_not_found(client, curator):
    client.force_login(curator)
    gone = reverse("archive:collection_restrict", args=[404])
    assert client.post(gone, {"restriction": "sensitive"}).status_code == 404
