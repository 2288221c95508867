"""Masters: sent in, listed, handed out."""

import hashlib
import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework.test import APIClient

from archive.models import Accession, MasterFile, Photograph
from tests import catalogue

LIST = "/api/masters/"


def scan(name: str = "scan.png", shade: int = 90) -> SimpleUploadedFile:
    stream = io.BytesIO()
    Image.new("L", (40, 30), shade).save(stream, "PNG")
    return SimpleUploadedFile(name, stream.getvalue(), "text/html")


def send(client: APIClient, *files, **fields):
    return client.post(LIST, {"files": list(files), **fields}, format="multipart")


def test_one_file_becomes_a_photograph(
    as_cataloguer: APIClient, fonds, data_dir: Path
) -> None:
    answer = send(as_cataloguer, scan(), collection=fonds.pk)
    assert answer.status_code == 201, answer.content
    [item] = answer.json()["items"]
    assert item["outcome"] == "ingested"
    [key] = answer.json()["photographs"]
    master = Photograph.objects.get(pk=key).masters.get()
    assert master.media_type == "image/png"
    assert master.path.is_file()
    shown = as_cataloguer.get(f"{LIST}{master.pk}/").json()
    assert (shown["width"], shown["height"]) == (40, 30)


def test_several_files_are_reported_each(
    as_cataloguer: APIClient, fonds, data_dir: Path
) -> None:
    broken = SimpleUploadedFile("broken.jpg", b"\xff\xd8\xff\xe0 not a picture")
    answer = send(
        as_cataloguer, scan("a.png", 1), broken, scan("b.png", 2), collection=fonds.pk
    )
    assert answer.status_code == 201
    outcomes = {each["path"]: each["outcome"] for each in answer.json()["items"]}
    assert outcomes == {
        "a.png": "ingested",
        "b.png": "ingested",
        "broken.jpg": "unreadable",
    }
    assert Accession.objects.get(pk=answer.json()["accession"]).state == "finished"


def test_the_same_bytes_again_are_a_conflict_with_a_link(
    as_cataloguer: APIClient, fonds, data_dir: Path
) -> None:
    [key] = send(as_cataloguer, scan(), collection=fonds.pk).json()["photographs"]
    again = send(as_cataloguer, scan("other name.png"), collection=fonds.pk)
    assert again.status_code == 409
    assert again.json()["code"] == "duplicate"
    assert again.json()["photograph"] == key


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", 415),
        (b"<html><script>alert(1)</script></html>", 415),
        (b"", 422),
    ],
)
def test_what_is_not_a_picture_is_refused_with_its_reason(
    as_cataloguer: APIClient, fonds, data_dir: Path, content: bytes, status: int
) -> None:
    answer = send(
        as_cataloguer, SimpleUploadedFile("a.jpg", content), collection=fonds.pk
    )
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert not MasterFile.objects.exists()


def test_a_back_joins_its_photograph(
    as_cataloguer: APIClient, fonds, data_dir: Path
) -> None:
    [key] = send(as_cataloguer, scan(), collection=fonds.pk).json()["photographs"]
    back = send(as_cataloguer, scan("back.png", 7), photograph=key)
    assert back.status_code == 201, back.content
    assert back.json()["photographs"] == [key]
    sides = Photograph.objects.get(pk=key).masters.values_list("side", flat=True)
    assert set(sides) == {"recto", "verso"}
    third = send(as_cataloguer, scan("third.png", 8), photograph=key)
    assert third.status_code == 409


def test_it_asks_where_files_belong(as_cataloguer: APIClient, data_dir: Path) -> None:
    answer = send(as_cataloguer, scan())
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["collection"]
    nothing = as_cataloguer.post(LIST, {"collection": 1}, format="multipart")
    assert "files" in nothing.json()["errors"]


def test_too_many_bytes_are_refused_before_they_are_read(
    as_cataloguer: APIClient, fonds, data_dir: Path, settings
) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    answer = send(as_cataloguer, scan(), collection=fonds.pk)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_many_bytes"


def test_json_is_not_how_files_are_sent(as_cataloguer: APIClient) -> None:
    answer = as_cataloguer.post(LIST, {"collection": 1}, format="json")
    assert answer.status_code == 415
    assert answer.json()["code"] == "unsupported_media_type"


def test_it_lists_and_filters(as_viewer: APIClient, photograph, master) -> None:
    other = catalogue.master(photograph, side="verso", original_name="back.tif")
    assert as_viewer.get(LIST).json()["count"] == 2
    [found] = as_viewer.get(LIST, {"sha256": other.sha256}).json()["results"]
    assert found["id"] == other.pk
    assert "embedded" not in found
    [found] = as_viewer.get(LIST, {"original_name": "BACK"}).json()["results"]
    assert found["side"] == "verso"


def test_it_is_handed_out_as_a_download(as_viewer: APIClient, master) -> None:
    answer = as_viewer.get(f"{LIST}{master.pk}/content/", HTTP_ACCEPT="image/png")
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == hashlib.sha256(b"scan").hexdigest()
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "/" not in answer["Content-Disposition"].split("filename*")[0][11:]


def test_a_file_that_is_gone_is_a_problem(as_viewer: APIClient, master) -> None:
    master.path.unlink()
    answer = as_viewer.get(f"{LIST}{master.pk}/content/", HTTP_ACCEPT="image/png")
    assert answer.status_code == 404
    assert answer.json()["code"] == "file_missing"


def test_nothing_changes_or_deletes_one(as_curator: APIClient, master) -> None:
    address = f"{LIST}{master.pk}/"
    assert as_curator.patch(address, {"side": "verso"}).status_code == 405
    assert as_curator.delete(address).status_code == 405
