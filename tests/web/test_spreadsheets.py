"""Spreadsheets on the pages: exporting a selection, importing after a dry run."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from archive.models import Batch, Photograph
from archive.spreadsheets import planning, reading
from archive.views import spreadsheets as views
from archive.vocabularies import BatchState
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(data_dir):
    return data_dir


@pytest.fixture
def two(db):
    within = catalogue.collection("F", title="Kessler")
    return [catalogue.photograph(f"F/{n}", within=within, title="A") for n in (1, 2)]


def file(content, name="list.csv"):
    return SimpleUploadedFile(name, content.encode())


def test_a_selection_is_exported(client, viewer, two):
    client.force_login(viewer)
    given = {"photographs": str(two[1].pk)}
    asked = client.post(reverse("archive:export"), given)
    assert "Export 1 photograph as a spreadsheet" in asked.content.decode()
    assert "[clear]" in asked.content.decode()
    answer = client.post(
        reverse("archive:export"),
        given | {"download": "1", "delimiter": "semicolon", "mark": "on"},
    )
    content = b"".join(answer.streaming_content).decode()
    assert content.startswith("\ufeffreference_code;")
    assert "F/2;" in content
    assert "F/1;" not in content
    assert ".csv" in answer["Content-Disposition"]


def test_all_that_match_are_exported(client, viewer, two):
    client.force_login(viewer)
    given = {"everything": "1", "matching": "words=F", "download": "1"}
    answer = client.post(reverse("archive:export"), given)
    assert b"".join(answer.streaming_content).count(b"\r\n") == 3


def test_nothing_selected_leads_back(client, viewer, two):
    client.force_login(viewer)
    assert client.post(reverse("archive:export"), {}).status_code == 302
    assert client.get(reverse("archive:export")).status_code == 405


def test_an_import_is_examined_applied_and_undone(client, cataloguer, two):
    client.force_login(cataloguer)
    page = client.get(reverse("archive:import")).content.decode()
    assert "An empty cell leaves what is there alone" in page
    content = "reference_code,title,rights\nF/1,B,\nF/2,A,none\nF/3,,\n"
    answer = client.post(
        reverse("archive:import"), {"file": file(content), "create": "on"}
    )
    batch = Batch.objects.get()
    assert answer.url == batch.get_absolute_url()
    page = client.get(answer.url).content.decode()
    assert "“none” is no known rights statement" in page
    client.post(reverse("archive:batch_apply", args=[batch.pk]))
    assert Photograph.objects.get(reference_code="F/1").title == "B"
    client.post(reverse("archive:batch_undo", args=[batch.pk]))
    assert Photograph.objects.get(reference_code="F/1").title == "A"


def test_a_large_file_is_examined_by_a_worker(client, cataloguer, two, monkeypatch):
    monkeypatch.setattr(planning, "AT_ONCE_BYTES", 1)
    client.force_login(cataloguer)
    content = "reference_code,title\nF/1,B\n"
    client.post(reverse("archive:import"), {"file": file(content)})
    assert Batch.objects.get().state == BatchState.PLANNED


def test_what_is_too_large_or_none_is_refused(client, cataloguer, monkeypatch):
    client.force_login(cataloguer)
    assert client.post(reverse("archive:import"), {}).status_code == 422
    monkeypatch.setattr(views, "LARGEST_BYTES", 1)
    answer = client.post(reverse("archive:import"), {"file": file("reference_code")})
    assert answer.status_code == 422
    assert "in parts" in answer.content.decode()
    monkeypatch.setattr(views, "LARGEST_BYTES", 1000)
    monkeypatch.setattr(reading, "LARGEST_BYTES", 1)
    client.post(reverse("archive:import"), {"file": file("reference_code")})
    page = client.get(Batch.objects.get().get_absolute_url()).content.decode()
    assert "Failed" in page


def test_too_many_rows_are_refused(client, cataloguer, two, monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 1)
    client.force_login(cataloguer)
    content = "reference_code,title\nF/1,B\nF/2,B\n"
    client.post(reverse("archive:import"), {"file": file(content)})
    assert Batch.objects.get().state == BatchState.FAILED
    assert "more than 1 rows" in Batch.objects.get().notes[0]


def test_a_viewer_imports_nothing(client, viewer, two):
    client.force_login(viewer)
    assert client.get(reverse("archive:import")).status_code == 403
