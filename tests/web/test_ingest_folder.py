"""Beginning with a folder of this machine."""

import pytest
from django.urls import reverse

from archive.models import Accession, Collection, Photograph
from archive.vocabularies import AccessionState
from tests import catalogue
from tests.web import scans

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    return reverse("archive:ingest_folder")


@pytest.fixture
def folder(data_dir, tmp_path):
    return scans.folder(tmp_path / "scans", a=scans.png(1), b=b"no picture at all")


def into(folder, **changed):
    return {"path": str(folder), "title": "Gift", "reference_code": "C1"} | changed


def test_a_dry_run_is_made_and_nothing_enters(client, cataloguer, address, folder):
    client.force_login(cataloguer)
    response = client.post(address, into(folder))
    accession = Accession.objects.get()
    assert response.url == accession.get_absolute_url()
    assert accession.state == AccessionState.EXAMINED
    assert accession.collection == Collection.objects.get(reference_code="C1")
    assert accession.started_by == cataloguer
    assert not Photograph.objects.exists()


def test_an_existing_collection_is_used(client, cataloguer, address, folder):
    client.force_login(cataloguer)
    collection = catalogue.collection("F")
    client.post(address, into(folder, collection=collection.pk))
    assert Accession.objects.get().collection == collection
    assert Collection.objects.count() == 1


def test_the_same_folder_again_is_another_dry_run(client, cataloguer, address, folder):
    client.force_login(cataloguer)
    collection = catalogue.collection("F")
    for _time in range(2):
        client.post(address, into(folder, collection=collection.pk))
    assert Accession.objects.count() == 2
    assert not Photograph.objects.exists()


def test_a_missing_folder_gets_a_sentence_and_leaves_nothing(
    client, cataloguer, address, data_dir
):
    client.force_login(cataloguer)
    response = client.post(address, into("/no/such/folder"))
    assert response.status_code == 422
    assert "There is no folder /no/such/folder" in response.content.decode()
    assert not Collection.objects.exists()
    assert not Accession.objects.exists()


@pytest.mark.parametrize("path", ["", "~nobody-at-all/scans", "\0", "x" * 1100])
def test_strange_paths_get_a_sentence(client, cataloguer, address, data_dir, path):
    client.force_login(cataloguer)
    response = client.post(address, into(path))
    assert response.status_code == 422
    assert response.context["form"].non_field_errors()


def test_a_new_collection_needs_a_title_and_a_free_code(
    client, cataloguer, address, folder
):
    client.force_login(cataloguer)
    unnamed = client.post(address, into(folder, title="", reference_code=""))
    assert set(unnamed.context["form"].errors) == {"title", "reference_code"}
    catalogue.collection("C1")
    taken = client.post(address, into(folder))
    assert taken.status_code == 422
    assert "reference_code" in taken.context["form"].errors
    assert not Accession.objects.exists()


def test_a_missing_collection_gets_a_sentence(client, cataloguer, address, folder):
    client.force_login(cataloguer)
    response = client.post(address, into(folder, collection=404))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"collection"}


def test_it_rejects_get(client, cataloguer, address):
    client.force_login(cataloguer)
    assert client.get(address).status_code == 405


def test_a_viewer_may_not(client, viewer, address, folder):
    client.force_login(viewer)
    assert client.post(address, into(folder)).status_code == 403
    assert not Accession.objects.exists()


def test_who_may_not_create_collections_chooses_one(
    client, viewer, address, folder, django_user_model
):
    from django.contrib.auth.models import Permission

    viewer.user_permissions.add(Permission.objects.get(codename="ingest_photograph"))
    client.force_login(viewer)
    assert client.post(address, into(folder)).status_code == 403
    collection = catalogue.collection("F")
    response = client.post(address, into(folder, collection=collection.pk))
    assert response.status_code == 302
