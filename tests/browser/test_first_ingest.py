"""From the empty archive to the first photographs on the contact sheet."""

from playwright.sync_api import expect

from archive.models import Collection, Photograph
from tests.web import scans

PATIENCE = 60_000


def test_the_first_photographs_come_in_by_upload(
    transactional_db, data_dir, curator, sign_in
):
    page = sign_in("curator")
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome to your archive")
    page.get_by_role("link", name="Send files from this browser").click()
    page.get_by_label("Title of the new collection").fill("Kessler family")
    page.locator("#files").set_input_files(
        [
            {"name": f"{name}.png", "mimeType": "image/png", "buffer": content}
            for name, content in (
                ("bridge", scans.png(1)),
                ("harbour", scans.png(90)),
                ("letter", b"this is no picture"),
            )
        ]
    )
    expect(page.locator("[data-chosen]")).to_contain_text("3 files")
    page.get_by_role("button", name="Upload and examine").click()

    ingest = page.get_by_role("button", name="Ingest 2 new photographs")
    expect(ingest).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("row", name="letter.png")).to_contain_text("Unreadable")
    assert not Photograph.objects.exists()
    ingest.click()
    page.get_by_role("link", name="See the photographs").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Kessler family")
    pictures = page.locator(".sheet .well img")
    expect(pictures).to_have_count(2)
    pictures.evaluate_all("all => Promise.all(all.map(one => one.decode()))")
    assert Collection.objects.get().photographs.count() == 2


def test_the_welcome_leads_to_the_first_photographs_in_three_clicks(
    transactional_db, data_dir, tmp_path, curator, sign_in, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    scans.folder(tmp_path / "scans", bridge=scans.png(1))
    page = sign_in("curator")
    page.get_by_role("button", name="scans", exact=True).click()
    expect(page.get_by_label("Folder", exact=True)).to_have_value(
        str(tmp_path / "scans")
    )
    page.get_by_role("button", name="Examine this folder").click()
    ingest = page.get_by_role("button", name="Ingest 1 new photograph")
    ingest.click(timeout=PATIENCE)
    expect(page.get_by_role("link", name="See the photographs")).to_be_visible(
        timeout=PATIENCE
    )
    assert Collection.objects.get().title == "First photographs"
    assert Photograph.objects.count() == 1


def test_a_folder_is_chosen_by_looking_into_it(
    transactional_db, data_dir, tmp_path, curator, sign_in, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    scans.folder(tmp_path / "scans", bridge=scans.png(1))
    page = sign_in("curator", "/ingest/")
    page.get_by_label("Title of the new collection").fill("Kessler family")
    page.get_by_role("button", name="scans", exact=True).click()
    expect(page.get_by_label("Folder", exact=True)).to_have_value(
        str(tmp_path / "scans")
    )
    page.get_by_role("button", name="Examine this folder").click()
    expect(page.get_by_role("button", name="Ingest 1 new photograph")).to_be_visible(
        timeout=PATIENCE
    )


def test_a_collection_that_exists_hides_the_fields_of_a_new_one(
    transactional_db, data_dir, curator, sign_in
):
    from tests import catalogue

    catalogue.collection("F", title="Kessler family")
    page = sign_in("curator", "/ingest/")
    title = page.get_by_label("Title of the new collection")
    expect(title).to_be_visible()
    page.get_by_label("Collection", exact=True).select_option(label="F Kessler family")
    expect(title).to_be_hidden()
