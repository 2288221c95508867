"""The page with both ways in, and the folders of this machine."""

import pytest
from django.urls import reverse

from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    return reverse("archive:ingest")


@pytest.fixture
def folders():
    return reverse("archive:folders")


def test_it_offers_a_folder_and_an_upload(client, cataloguer, address):
    client.force_login(cataloguer)
    page = client.get(address).content.decode()
    assert reverse("archive:ingest_folder") in page
    assert reverse("archive:ingest_upload") in page


def test_it_proposes_a_code_that_is_free(client, cataloguer, address):
    catalogue.collection("C2")
    client.force_login(cataloguer)
    form = client.get(address).context["form"]
    assert form.initial["reference_code"] == "C3"


def test_it_knows_the_collection_one_comes_from(client, cataloguer, address):
    collection = catalogue.collection()
    client.force_login(cataloguer)
    page = client.get(address, {"collection": collection.pk}).content.decode()
    assert f'value="{collection.pk}" selected' in page
    assert client.get(address, {"collection": "x"}).status_code == 200


def test_folders_are_looked_into(client, cataloguer, folders, tmp_path):
    for name in ("b & c", "a", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "scan.tif").touch()
    client.force_login(cataloguer)
    response = client.get(folders, {"path": tmp_path})
    folder = response.context["folder"]
    assert [name for name, _path in folder.folders] == ["a", "b & c"]
    assert folder.files == 1
    assert "b%20%26%20c" in response.content.decode()


@pytest.mark.parametrize("path", ["/no/such/folder", "\0", "~nobody-at-all/x"])
def test_a_folder_that_cannot_be_read_says_so(client, cataloguer, folders, path):
    client.force_login(cataloguer)
    response = client.get(folders, {"path": path})
    assert response.status_code == 200
    assert "cannot be read" in response.content.decode()


def test_the_root_has_no_folder_above(client, cataloguer, folders):
    client.force_login(cataloguer)
    assert client.get(folders, {"path": "/"}).context["folder"].parent == ""


def test_they_reject_post(client, cataloguer, address, folders):
    client.force_login(cataloguer)
    assert client.post(address).status_code == 405
    assert client.post(folders).status_code == 405


def test_a_viewer_may_not(client, viewer, address, folders):
    client.force_login(viewer)
    assert client.get(address).status_code == 403
    assert client.get(folders).status_code == 403
