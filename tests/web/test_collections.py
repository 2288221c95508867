"""The tree of collections."""

import pytest
from django.urls import reverse
from django.utils import timezone

from archive import publishing
from archive.models import Photograph
from archive.vocabularies import Rights
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


def test_it_shows_how_far_the_work_is(client, viewer, curator, address):
    held = catalogue.collection("F")
    first = catalogue.photograph("F/1", within=held, title="A bridge")
    second = catalogue.photograph("F/2", within=held)
    now = timezone.now()
    Photograph.objects.update(tagged_at=now, colorized_at=now)
    catalogue.colorization(catalogue.master(second))
    Photograph.objects.filter(pk=first.pk).update(rights=Rights.NO_KNOWN)
    first.refresh_from_db()
    publishing.publish(first, by=curator)
    client.force_login(viewer)
    (branch,) = client.get(address).context["branches"]
    assert branch.shares == [
        ("described", 1),
        ("tagged", 2),
        ("colorized", 2),
        ("reviewed", 1),
        ("published", 1),
    ]


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
