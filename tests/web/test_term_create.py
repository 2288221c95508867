"""Adding a term."""

import pytest
from django.urls import reverse

from archive.models import Event, Term
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    return reverse("archive:term_create")


def values(**changed):
    return {"label": "bridge", "vocabulary": "local", "synonyms": ""} | changed


def test_it_adds_a_term_with_its_synonyms(client, cataloguer, address):
    client.force_login(cataloguer)
    response = client.post(
        address, values(label=" stone  bridge ", synonyms="viaduct\n\n Viaduct\nspan")
    )
    assert response.url == reverse("archive:terms")
    term = Term.objects.get()
    assert term.label == "stone bridge"
    assert [synonym.label for synonym in term.synonyms.all()] == ["Viaduct", "span"]
    assert Event.objects.get(term=term).agent == cataloguer


def test_the_same_label_again_is_refused_whatever_its_case(client, cataloguer, address):
    client.force_login(cataloguer)
    client.post(address, values())
    response = client.post(address, values(label="Bridge"))
    assert response.status_code == 422
    assert Term.objects.count() == 1
    client.post(address, values(vocabulary="other"))
    assert Term.objects.count() == 2


@pytest.mark.parametrize(
    "wrong", [{"label": ""}, {"uri": "no address"}, {"synonyms": "x" * 201}]
)
def test_what_cannot_be_meant_is_refused(client, cataloguer, address, wrong):
    client.force_login(cataloguer)
    assert client.post(address, values(**wrong)).status_code == 422
    assert not Term.objects.exists()


def test_looking_adds_nothing(client, cataloguer, address):
    client.force_login(cataloguer)
    assert client.get(address).status_code == 200
    assert client.put(address).status_code == 405
    assert not Term.objects.exists()


def test_a_viewer_may_not(client, viewer, address):
    catalogue.term()
    client.force_login(viewer)
    assert client.post(address, values()).status_code == 403
