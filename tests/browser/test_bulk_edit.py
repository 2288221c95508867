"""Bulk edit in a browser: a selection over pages, a preview, applying, undoing."""

import pytest
from playwright.sync_api import expect

from archive import sheet
from archive.models import Photograph
from tests import catalogue


@pytest.fixture
def nine(transactional_db, monkeypatch):
    monkeypatch.setattr(sheet, "PAGE_SIZE", 4)
    within = catalogue.collection("F", title="Kessler family")
    return [
        catalogue.photograph(
            f"F/{number}", within=within, title=f"Plate {number}", creator="Kesler"
        )
        for number in range(1, 10)
    ]


def tick(page, code, **options):
    page.get_by_label(f"Select {code}").click(**options)


def test_a_selection_survives_pages_and_reload_and_is_edited(nine, curator, sign_in):
    page = sign_in("curator", "/search/")
    tick(page, "F/1")
    tick(page, "F/3", modifiers=["Shift"])
    said = page.locator("[data-selected]")
    expect(said).to_have_text("3 selected")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_label("Select F/5")).to_be_visible()
    expect(said).to_have_text("3 selected, 3 on other pages")
    tick(page, "F/5")
    page.reload()
    expect(page.get_by_label("Select F/5")).to_be_checked()
    expect(said).to_have_text("4 selected, 3 on other pages")
    page.get_by_role("button", name="Edit…").click()
    expect(page.get_by_role("heading", name="Edit 4 photographs")).to_be_visible()

    page.get_by_label("Creator", exact=True).select_option("replace")
    page.get_by_role("textbox", name="Creator: find").fill("Kesler")
    page.get_by_role("textbox", name="Creator: replace with").fill("Kessler")
    page.get_by_label("Date", exact=True).select_option("set")
    page.get_by_role("textbox", name="Date: text").fill("about 1923")
    expect(page.get_by_text("Understood as 1923~")).to_be_visible()
    page.get_by_role("button", name="Preview the changes").click()
    expect(page.locator(".batch-items tbody tr")).to_have_count(4)
    first = page.locator(".batch-items tbody tr").first
    expect(first.locator("del", has_text="Kesler")).to_have_count(1)
    expect(first.locator("ins", has_text="Kessler")).to_have_count(1)
    expect(first).to_contain_text("1923~")
    assert not Photograph.objects.filter(creator="Kessler").exists()

    page.get_by_role("button", name="Change 4 photographs").click()
    expect(page.get_by_role("status")).to_have_text("Applied")
    assert Photograph.objects.filter(creator="Kessler").count() == 4
    page.get_by_role("button", name="Undo this batch").click()
    expect(page.get_by_role("heading", name="Undo of batch")).to_be_visible()
    assert not Photograph.objects.filter(creator="Kessler").exists()
    assert not Photograph.objects.exclude(date_edtf="").exists()


def test_select_none_frees_the_other_pages_too(nine, curator, sign_in):
    page = sign_in("curator", "/search/")
    page.get_by_label("Select this page").check()
    page.get_by_role("link", name="Next").click()
    expect(page.locator("[data-selected]")).to_have_text("4 selected, 4 on other pages")
    page.get_by_role("button", name="Select none").click()
    expect(page.locator("[data-selected]")).to_have_text("0 selected")
    expect(page.get_by_role("button", name="Edit…")).to_be_disabled()


def test_all_that_match_is_another_button(nine, curator, sign_in):
    page = sign_in("curator", "/search/?words=plate")
    page.locator("summary", has_text="All 9 that match").click()
    page.get_by_role("button", name="Edit: all 9…").click()
    expect(page.get_by_text("These are all that match")).to_be_visible()
    page.get_by_label("Place", exact=True).select_option("set")
    page.get_by_role("textbox", name="Place: text").fill("Graz")
    page.get_by_role("button", name="Preview the changes").click()
    expect(page.get_by_role("button", name="Change 9 photographs")).to_be_visible()
