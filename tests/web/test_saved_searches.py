"""Saved searches: kept by name, followed by address, forgotten by their owner."""

import pytest
from django.urls import reverse

from archive import searches
from archive.models import SavedSearch
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    return reverse("archive:search_save")


def keep(client, address, name="Bridges", query="words=bridge&page=3", **more):
    return client.post(address, {"name": name, "query": query, **more})


def test_it_is_kept_and_leads_to_its_photographs(client, viewer, address):
    catalogue.photograph(title="A bridge")
    client.force_login(viewer)
    response = keep(client, address, query="words=bridge&page=3&csrf=x&state=")
    assert response.url == f"{reverse('archive:search')}?words=bridge"
    saved = SavedSearch.objects.get()
    assert (saved.owner, saved.query) == (viewer, "words=bridge")
    page = client.get(saved.get_absolute_url(), follow=True)
    assert page.context["page"].paginator.count == 1
    assert "Bridges" in page.content.decode()
    assert "Bridges" in client.get("/").content.decode()


def test_a_collections_search_stays_within_it(client, viewer, address):
    held = catalogue.collection("F")
    client.force_login(viewer)
    response = keep(client, address, query="state=undescribed", collection=held.pk)
    assert response.url == f"{held.get_absolute_url()}?state=undescribed"


def test_the_same_name_replaces_it(client, viewer, address):
    client.force_login(viewer)
    keep(client, address)
    keep(client, address, name=" Bridges ", query="words=viaduct")
    assert SavedSearch.objects.get().query == "words=viaduct"


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("", "words=bridge"),
        ("x" * 101, "words=bridge"),
        ("All", ""),
        ("All", "order=title"),
        ("All", "words=" + "x" * 3000),
    ],
)
def test_what_cannot_be_kept_gets_a_sentence(client, viewer, address, name, query):
    client.force_login(viewer)
    response = keep(client, address, name=name, query=query)
    assert response.status_code == 302
    assert not SavedSearch.objects.exists()
    assert "message error" in client.get(reverse("archive:search")).content.decode()


def test_there_is_an_end_to_how_many(viewer, monkeypatch, client, address):
    monkeypatch.setattr(searches, "MOST", 2)
    client.force_login(viewer)
    for number in range(4):
        keep(client, address, name=f"Search {number}")
    assert SavedSearch.objects.count() == 2


def test_others_may_follow_the_address_but_not_forget_it(
    client, viewer, curator, address
):
    client.force_login(viewer)
    keep(client, address)
    saved = SavedSearch.objects.get()
    client.force_login(curator)
    assert client.get(saved.get_absolute_url()).url == saved.address
    forget = reverse("archive:search_forget", args=[saved.pk])
    assert client.post(forget).status_code == 404
    assert "Bridges" not in client.get("/").content.decode()
    client.force_login(viewer)
    assert client.get(forget).status_code == 405
    assert client.post(forget).status_code == 302
    assert client.post(forget).status_code == 404
    assert not SavedSearch.objects.exists()


def test_it_rejects_get(client, viewer, address):
    client.force_login(viewer)
    assert client.get(address).status_code == 405


def test_it_needs_a_role(client, stranger, address):
    client.force_login(stranger)
    assert keep(client, address).status_code == 403


def test_a_missing_collection_is_not_found(client, viewer, address):
    client.force_login(viewer)
    assert keep(client, address, collection="404").status_code == 404
