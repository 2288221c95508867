"""Moving a collection with all that is in it."""

import pytest
from django.urls import reverse

from archive.models import Collection, Event
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def series(db):
    return catalogue.collection("F/1", parent=catalogue.collection("F"), level="series")


@pytest.fixture
def address(series):
    return reverse("archive:collection_move", args=[series.pk])


def test_it_moves_below_another(client, cataloguer, series, address):
    client.force_login(cataloguer)
    other = catalogue.collection("G")
    response = client.post(address, {"parent": other.pk})
    assert response.url == series.get_absolute_url()
    series = Collection.objects.get(pk=series.pk)
    assert Collection.objects.get_parent(series) == other


def test_it_moves_to_the_top(client, cataloguer, series, address):
    client.force_login(cataloguer)
    client.post(address, {"parent": ""})
    assert Collection.objects.get(pk=series.pk).is_root()


def test_moving_again_does_no_harm(client, cataloguer, series, address):
    client.force_login(cataloguer)
    other = catalogue.collection("G")
    for _time in range(2):
        assert client.post(address, {"parent": other.pk}).status_code == 302
    series = Collection.objects.get(pk=series.pk)
    assert Collection.objects.get_parent(series) == other
    assert Event.objects.filter(action="moved").count() == 1


def test_it_cannot_be_moved_into_itself(client, cataloguer, series, address):
    client.force_login(cataloguer)
    below = catalogue.collection("F/1/1", parent=series, level="file")
    response = client.post(address, {"parent": below.pk})
    assert response.status_code == 422
    offered = client.get(address).context["form"].fields["parent"].queryset
    assert below not in offered
    assert series not in offered


def test_in_the_tree_a_refusal_is_a_sentence_there(client, cataloguer, series, address):
    client.force_login(cataloguer)
    below = catalogue.collection("F/1/1", parent=series, level="file")
    response = client.post(address, {"parent": below.pk, "in_tree": "1"})
    tree = reverse("archive:collections")
    assert response.url == f"{tree}#collection-{series.pk}"
    page = client.get(tree).content.decode()
    assert "F/1 cannot be moved into itself or what is below it." in page


def test_who_saw_it_elsewhere_changes_nothing(client, cataloguer, series, address):
    client.force_login(cataloguer)
    seen = Collection.objects.get_parent(series)
    other, third = catalogue.collection("G"), catalogue.collection("H")
    words = {"seen_below": seen.pk, "in_tree": "1"}
    client.post(address, {"parent": other.pk, **words})
    client.post(address, {"parent": third.pk, **words})
    series = Collection.objects.get(pk=series.pk)
    assert Collection.objects.get_parent(series) == other
    page = client.get(reverse("archive:collections")).content.decode()
    assert "Someone else moved F/1 while you were looking" in page
    assert Event.objects.filter(action="moved").count() == 1


def test_a_level_that_cannot_stand_there_is_refused(client, cataloguer, address):
    client.force_login(cataloguer)
    file = catalogue.collection("G", level="file")
    response = client.post(address, {"parent": file.pk})
    assert response.status_code == 422
    assert "cannot stand inside" in response.content.decode()


def test_it_rejects_other_methods(client, cataloguer, address):
    client.force_login(cataloguer)
    assert client.delete(address).status_code == 405


def test_a_viewer_may_not(client, viewer, address):
    client.force_login(viewer)
    assert client.post(address, {"parent": ""}).status_code == 403


def test_a_missing_collection_is_not_found(client, cataloguer):
    client.force_login(cataloguer)
    gone = reverse("archive:collection_move", args=[404])
    assert client.post(gone, {"parent": ""}).status_code == 404
