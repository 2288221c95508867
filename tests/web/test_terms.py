"""The vocabularies."""

import pytest
from django.urls import reverse

from archive import describing
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    return reverse("archive:terms")


def labels(response):
    return [term.label for term in response.context["page"].object_list]


def test_it_lists_terms_with_their_use(client, viewer, curator, address):
    bridge = catalogue.term("bridge", "viaduct")
    catalogue.term("sea", vocabulary="scenes")
    describing.assign_term(catalogue.photograph(), bridge, by=curator)
    client.force_login(viewer)
    response = client.get(address)
    assert labels(response) == ["bridge", "sea"]
    assert response.context["page"].object_list[0].assigned == 1
    assert "viaduct" in response.content.decode()


def test_it_finds_by_synonym_and_vocabulary(client, viewer, address):
    catalogue.term("bridge", "viaduct")
    catalogue.term("sea", vocabulary="scenes")
    client.force_login(viewer)
    assert labels(client.get(address, {"words": "VIA"})) == ["bridge"]
    assert labels(client.get(address, {"vocabulary": "scenes"})) == ["sea"]
    nothing = client.get(address, {"words": "zeppelin"}).content.decode()
    assert "Nothing matches" in nothing


def test_without_terms_it_says_how_they_come(client, curator, address):
    client.force_login(curator)
    assert "There are no terms yet" in client.get(address).content.decode()


def test_it_rejects_post(client, viewer, address):
    client.force_login(viewer)
    assert client.post(address).status_code == 405


def test_it_needs_a_role(client, stranger, address):
    client.force_login(stranger)
    assert client.get(address).status_code == 403
