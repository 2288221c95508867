"""A spreadsheet out, changed, and in again, in a browser."""

import csv

import pytest
from playwright.sync_api import expect

from archive.models import Photograph
from tests import catalogue


@pytest.fixture
def shelf(transactional_db, data_dir):
    within = catalogue.collection("F", title="Kessler family")
    return [
        catalogue.photograph(f"F/{n}", within=within, title=f"=Plate {n}")
        for n in (1, 2, 3)
    ]


def test_a_spreadsheet_goes_out_and_comes_back(shelf, curator, sign_in, tmp_path):
    page = sign_in("curator", "/search/")
    page.get_by_label("Select this page").check()
    page.get_by_role("button", name="Export…").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the CSV file").click()
    file = tmp_path / "list.csv"
    download.value.save_as(file)
    rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    assert [row["title"] for row in rows] == ["'=Plate 1", "'=Plate 2", "'=Plate 3"]
    rows[0]["place"], rows[1]["rights"] = "Graz", "whatever"
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys(), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)

    page.get_by_role("link", name="Batches").first.click()
    page.get_by_role("link", name="Import a spreadsheet").click()
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Upload and examine").click()
    expect(page.locator(".batch-items tbody tr")).to_have_count(3)
    expect(page.get_by_text("no known rights statement")).to_be_visible()
    page.get_by_role("button", name="Change 1 photograph").click()
    expect(page.get_by_role("status")).to_have_text("Applied")
    assert Photograph.objects.get(reference_code="F/1").place == "Graz"
    page.get_by_role("button", name="Undo this batch").click()
    expect(page.get_by_role("heading", name="Undo of batch")).to_be_visible()
    assert Photograph.objects.get(reference_code="F/1").place == ""
    assert Photograph.objects.get(reference_code="F/1").title == "=Plate 1"
