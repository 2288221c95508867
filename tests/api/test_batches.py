"""Bulk edits and imports through the programming interface, by role."""

import io

import pytest

from archive.models import Batch, Photograph
from tests import catalogue
from tests.api.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(data_dir):
    return data_dir


@pytest.fixture
def two(fonds):
    return [catalogue.photograph(f"GB1/{n}", within=fonds) for n in (1, 2)]


def edit(photographs, **more):
    return {
        "photographs": [p.pk for p in photographs],
        "texts": [{"field": "place", "how": "set", "value": "Graz"}],
        **more,
    }


def test_an_edit_is_previewed_applied_and_undone(as_cataloguer, two):
    made = as_cataloguer.post("/api/batches/", edit(two), format="json")
    assert made.status_code == 201
    assert made.json()["counts"] == {"place": 2}
    address = f"/api/batches/{made.json()['id']}/"
    items = as_cataloguer.get(f"{address}items/?outcome=waiting").json()["results"]
    assert [item["changes"] for item in items] == [{"place": ["", "Graz"]}] * 2
    assert as_cataloguer.post(f"{address}apply/").json()["state"] == "applied"
    assert Photograph.objects.filter(place="Graz").count() == 2
    assert as_cataloguer.post(f"{address}apply/").status_code == 409
    undone = as_cataloguer.post(f"{address}undo/").json()
    assert (undone["kind"], undone["reverts"]) == ("undo", made.json()["id"])
    assert not Photograph.objects.filter(place="Graz").exists()
    assert as_cataloguer.post(f"{address}discard/").status_code == 409


def test_what_cannot_be_meant_is_refused(as_cataloguer, two):
    wrong = edit(two, texts=[{"field": "date_edtf", "how": "set", "value": "x"}])
    answer = as_cataloguer.post("/api/batches/", wrong, format="json")
    assert answer.status_code == 400
    assert "EDTF" in answer.content.decode()
    assert as_cataloguer.post("/api/batches/", {}, format="json").status_code == 400


def test_a_file_is_examined_and_applied(as_cataloguer, two):
    file = io.BytesIO("reference_code,title\nGB1/1,Ferry\nGB1/9,x\n".encode("utf-16"))
    file.name = "list.csv"
    sent = {"file": file, "new_records": "false"}
    made = as_cataloguer.post("/api/batches/import/", sent, format="multipart")
    assert made.status_code == 201
    address = f"/api/batches/{made.json()['id']}/"
    refused = as_cataloguer.get(f"{address}items/?outcome=refused").json()["results"]
    assert "Row 3" in refused[0]["reason"]
    as_cataloguer.post(f"{address}apply/")
    assert Photograph.objects.get(reference_code="GB1/1").title == "Ferry"


def test_roles(as_viewer, as_cataloguer, as_curator, as_stranger, anonymous, two):
    flags = edit(two, flags={"sensitive": True})
    assert as_viewer.post("/api/batches/", flags, format="json").status_code == 403
    assert as_viewer.post("/api/batches/import/").status_code == 403
    assert as_stranger.get("/api/batches/").status_code == 403
    assert anonymous.get("/api/batches/").status_code == 401
    made = as_cataloguer.post("/api/batches/", flags, format="json").json()
    apply = f"/api/batches/{made['id']}/apply/"
    assert as_cataloguer.post(apply).status_code == 403  # restricts
    assert as_curator.post(apply).status_code == 403  # another's preview
    own = as_curator.post("/api/batches/", flags, format="json").json()
    as_curator.post(f"/api/batches/{own['id']}/apply/")
    undo = f"/api/batches/{own['id']}/undo/"
    assert as_cataloguer.post(undo).status_code == 403
    assert as_viewer.get(f"/api/batches/{own['id']}/").status_code == 200
    assert as_curator.post(undo).status_code == 200
    assert Batch.objects.filter(kind="undo").count() == 1


def test_photographs_come_as_csv(as_viewer, viewer, two):
    answer = signed_in(viewer).get("/api/photographs/csv/?delimiter=semicolon&bom=1")
    content = b"".join(answer.streaming_content).decode("utf-8")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert content.startswith("\ufeffreference_code;filename;collection")
    assert content.count("\r\n") == 3
    wrong = as_viewer.get("/api/photographs/csv/?delimiter=bar")
    assert wrong.status_code == 400
