"""A collection's page: its place, and its contact sheet."""

import pytest
from django.urls import reverse

from tests import catalogue

pytestmark = pytest.mark.django_db


def codes(response):
    return [cell.photograph.reference_code for cell in response.context["page"].cells]


@pytest.fixture
def tree(db):
    fonds = catalogue.collection("F", title="Kessler", do_not_tag=True)
    series = catalogue.collection("F/1", parent=fonds, level="series", title="Streets")
    other = catalogue.collection("G")
    catalogue.photograph("F/2", within=fonds)
    catalogue.photograph("F/1/1", within=series)
    catalogue.photograph("G/1", within=other)
    return fonds, series


def test_it_shows_everything_below_in_order(client, viewer, tree):
    client.force_login(viewer)
    response = client.get(tree[0].get_absolute_url())
    assert codes(response) == ["F/1/1", "F/2"]
    assert [branch.collection for branch in response.context["children"]] == [tree[1]]


def test_a_series_shows_where_it_stands_and_what_holds(client, curator, tree):
    client.force_login(curator)
    response = client.get(tree[1].get_absolute_url())
    page = response.content.decode()
    assert tree[0].get_absolute_url() in page
    assert "Do not tag, from F" in page
    assert [p.value for p in response.context["page"].cells[0].restrictions] == [
        "do_not_tag"
    ]


def test_htmx_gets_only_the_part_that_changes(client, viewer, tree):
    client.force_login(viewer)
    response = client.get(tree[0].get_absolute_url(), headers={"HX-Request": "true"})
    page = response.content.decode()
    assert page.lstrip().startswith('<div id="results"')
    assert "HX-Request" in response.headers["Vary"]


def test_going_back_gets_the_whole_page(client, viewer, tree):
    client.force_login(viewer)
    response = client.get(
        tree[0].get_absolute_url(),
        headers={"HX-Request": "true", "HX-History-Restore-Request": "true"},
    )
    assert "<html" in response.content.decode()
    assert "here" in response.context


def test_an_empty_collection_says_what_to_do(client, curator, db):
    client.force_login(curator)
    empty = catalogue.collection()
    page = client.get(empty.get_absolute_url()).content.decode()
    assert "Nothing here yet" in page
    assert f"{reverse('archive:ingest')}?collection={empty.pk}" in page
    assert reverse("archive:collection_delete", args=[empty.pk]) in page


def test_a_collection_with_photographs_offers_no_removal(client, curator, tree):
    client.force_login(curator)
    page = client.get(tree[0].get_absolute_url()).content.decode()
    assert reverse("archive:collection_delete", args=[tree[0].pk]) not in page


def test_it_rejects_post(client, curator, tree):
    client.force_login(curator)
    assert client.post(tree[0].get_absolute_url()).status_code == 405


def test_it_needs_a_role(client, stranger, tree):
    client.force_login(stranger)
    assert client.get(tree[0].get_absolute_url()).status_code == 403


def test_a_missing_collection_is_not_found(client, viewer, db):
    client.force_login(viewer)
    response = client.get(reverse("archive:collection", args=[404]))
    assert response.status_code == 404
    assert "Nothing at this address" in response.content.decode()
