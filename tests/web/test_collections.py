"""The tree of collections."""

import pytest
from django.urls import reverse

from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    return reverse("archive:collections")


def test_it_counts_what_lies_below(client, viewer, address):
    fonds = catalogue.collection("F", title="Fonds", sensitive=True)
    series = catalogue.collection("F/1", parent=fonds, level="series")
    catalogue.photograph("F-1", within=fonds)
    catalogue.photograph("F/1-1", within=series, title="A bridge")
    client.force_login(viewer)
    above, below = client.get(address).context["branches"]
    assert above.counts["photographs"] == 2
    assert above.counts["described"] == below.counts["described"] == 1
    assert [policy.value for policy in above.own] == ["sensitive"]
    assert [policy.value for policy in below.inherited] == ["sensitive"]


def test_an_archive_without_collections_says_what_one_is(client, curator, address):
    client.force_login(curator)
    page = client.get(address).content.decode()
    assert "There are no collections yet" in page
    assert reverse("archive:ingest") in page


def test_a_viewer_is_offered_no_creation(client, viewer, address):
    client.force_login(viewer)
    page = client.get(address).content.decode()
    assert reverse("archive:collection_create") not in page


def test_it_rejects_post(client, curator, address):
    client.force_login(curator)
    assert client.post(address).status_code == 405


def test_it_needs_a_role(client, stranger, address):
    client.force_login(stranger)
    assert client.get(address).status_code == 403
