"""Beginning with files that the browser sends."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from archive.models import Accession, Photograph
from archive.vocabularies import AccessionState, ItemOutcome
from tests import catalogue
from tests.web import scans

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    return reverse("archive:ingest_upload")


def sent(**changed):
    files = [
        SimpleUploadedFile("../../front.png", scans.png(1)),
        SimpleUploadedFile("letter.png", b"<svg onload=alert(1)>"),
    ]
    return {"files": files, "title": "Gift", "reference_code": "C1"} | changed


def test_files_are_taken_in_and_examined(client, cataloguer, address, data_dir):
    client.force_login(cataloguer)
    response = client.post(address, sent())
    accession = Accession.objects.get()
    assert response.url == accession.get_absolute_url()
    assert accession.uploaded
    assert accession.state == AccessionState.EXAMINED
    outcomes = dict(accession.items.values_list("path", "outcome"))
    assert outcomes == {
        "front.png": ItemOutcome.NEW,
        "letter.png": ItemOutcome.UNREADABLE,
    }
    assert not Photograph.objects.exists()


def test_no_file_gets_a_sentence(client, cataloguer, address, data_dir):
    client.force_login(cataloguer)
    response = client.post(address, sent(files=[]))
    assert response.status_code == 422
    assert "Choose files or a folder first" in response.content.decode()
    assert not Accession.objects.exists()


def test_a_taken_code_gets_a_sentence(client, cataloguer, address, data_dir):
    catalogue.collection("C1")
    client.force_login(cataloguer)
    response = client.post(address, sent())
    assert response.status_code == 422
    assert "reference_code" in response.context["form"].errors


def test_a_refused_upload_says_why(client, cataloguer, address, data_dir, monkeypatch):
    from archive.ingest import incoming

    monkeypatch.setattr(incoming, "MOST_FILES", 1)
    client.force_login(cataloguer)
    response = client.post(address, sent())
    assert response.status_code == 422
    assert "at most 1 are taken at once" in response.content.decode()


def test_it_rejects_get(client, cataloguer, address):
    client.force_login(cataloguer)
    assert client.get(address).status_code == 405


def test_a_viewer_may_not(client, viewer, address, data_dir):
    client.force_login(viewer)
    assert client.post(address, sent()).status_code == 403
    assert not Accession.objects.exists()


def test_more_files_than_a_request_may_hold_get_a_sentence(
    client, cataloguer, address, data_dir, settings
):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 1
    client.force_login(cataloguer)
    response = client.post(address, sent())
    assert response.status_code == 400
    assert "Send them in parts" in response.content.decode()
