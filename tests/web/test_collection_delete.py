"""Removing a collection in which there is nothing."""

import pytest
from django.urls import reverse

from archive.models import Collection
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def empty(db):
    return catalogue.collection("F")


@pytest.fixture
def address(empty):
    return reverse("archive:collection_delete", args=[empty.pk])


def test_an_empty_one_is_removed(client, curator, address):
    client.force_login(curator)
    assert client.post(address).url == reverse("archive:collections")
    assert not Collection.objects.exists()


def test_removing_it_again_finds_nothing(client, curator, address):
    client.force_login(curator)
    client.post(address)
    assert client.post(address).status_code == 404


def test_one_with_photographs_stays_and_says_why(client, curator, empty, address):
    client.force_login(curator)
    catalogue.photograph(within=empty)
    page = client.post(address, follow=True).content.decode()
    assert "is not empty" in page
    assert Collection.objects.exists()


def test_it_rejects_get(client, curator, address):
    client.force_login(curator)
    assert client.get(address).status_code == 405
    assert Collection.objects.exists()


def test_a_cataloguer_may_not(client, cataloguer, address):
    client.force_login(cataloguer)
    assert client.post(address).status_code == 403
    assert Collection.objects.exists()
