"""Accessions: a folder of the server, examined and then ingested."""

from pathlib import Path

import pytest
from PIL import Image
from rest_framework.test import APIClient

from archive.models import Photograph

LIST = "/api/accessions/"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "box 1"
    place.mkdir()
    for shade in (10, 20):
        Image.new("L", (40, 30), shade).save(place / f"{shade}.png")
    (place / "broken.tif").write_bytes(b"II*\x00")
    return place


def begin(client: APIClient, fonds, folder: Path):
    return client.post(
        LIST, {"collection": fonds.pk, "folder": str(folder)}, format="json"
    )


def test_a_folder_is_examined_and_then_ingested(
    as_cataloguer: APIClient, fonds, folder: Path, data_dir: Path
) -> None:
    begun = begin(as_cataloguer, fonds, folder)
    assert begun.status_code == 202, begun.content
    assert begun.json()["state"] == "examined"
    assert begun.json()["counts"]["new"] == 2
    assert not Photograph.objects.exists()
    address = f"{LIST}{begun.json()['id']}/"
    ended = as_cataloguer.post(f"{address}ingest/")
    assert ended.status_code == 202
    assert ended.json()["state"] == "finished"
    assert ended.json()["counts"]["ingested"] == 2
    report = as_cataloguer.get(f"{address}items/", {"outcome": "unreadable"}).json()
    [item] = report["results"]
    assert item["path"] == "broken.tif"
    assert item["reason"]
    assert Photograph.objects.count() == 2
    assert as_cataloguer.post(f"{address}ingest/").status_code == 409
    assert as_cataloguer.post(f"{address}cancel/").status_code == 409


def test_it_is_cancelled(
    as_cataloguer: APIClient, fonds, folder: Path, data_dir: Path
) -> None:
    begun = begin(as_cataloguer, fonds, folder).json()
    answer = as_cataloguer.post(f"{LIST}{begun['id']}/cancel/")
    assert answer.json()["state"] == "cancelled"


@pytest.mark.parametrize("name", ["/nowhere/at/all", "relative/nowhere", ""])
def test_a_folder_that_is_not_there(
    as_cataloguer: APIClient, fonds, data_dir: Path, name: str
) -> None:
    answer = as_cataloguer.post(
        LIST, {"collection": fonds.pk, "folder": name}, format="json"
    )
    assert answer.status_code == 400


def test_the_archives_own_folder_is_refused(
    as_cataloguer: APIClient, fonds, data_dir: Path
) -> None:
    answer = begin(as_cataloguer, fonds, data_dir)
    assert answer.status_code == 400
    assert answer.json()["code"] == "source_unreadable"


def test_it_is_missing(as_cataloguer: APIClient) -> None:
    assert as_cataloguer.get(f"{LIST}9999/items/").status_code == 404
    assert as_cataloguer.post(f"{LIST}9999/ingest/").status_code == 404
