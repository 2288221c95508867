"""The contact sheet: selecting a range, acting on it, sizes and filters."""

import pytest
from playwright.sync_api import expect

from archive.models import Assignment
from tests import catalogue


@pytest.fixture
def eight(transactional_db):
    within = catalogue.collection("F", title="Kessler family")
    return [
        catalogue.photograph(f"F/{number}", within=within, title=f"Plate {number}")
        for number in range(1, 9)
    ]


def tick(page, code, **options):
    page.get_by_label(f"Select {code}").click(**options)


def test_a_shift_click_selects_the_range_and_a_verb_acts_on_it(eight, curator, sign_in):
    page = sign_in("curator", "/search/")
    add = page.get_by_role("button", name="Add term…", exact=True)
    expect(add).to_be_disabled()
    tick(page, "F/2")
    tick(page, "F/6", modifiers=["Shift"])
    tick(page, "F/4")
    expect(page.locator("[data-selected]")).to_have_text("4 selected")
    add.click()
    page.get_by_label("Term", exact=True).fill("harbour")
    page.get_by_role("button", name="Add term 4 photographs").click()
    expect(page.get_by_text("None was refused.")).to_be_visible()
    found = Assignment.objects.filter(term__label="harbour").values_list(
        "photograph__reference_code", flat=True
    )
    assert sorted(found) == ["F/2", "F/3", "F/5", "F/6"]


def test_the_whole_page_is_selected_and_freed(eight, curator, sign_in):
    page = sign_in("curator", "/search/")
    every = page.get_by_label("Select this page")
    every.check()
    expect(page.locator("[data-selected]")).to_have_text("8 selected")
    tick(page, "F/1")
    expect(every).to_have_js_property("indeterminate", value=True)
    every.check()
    every.uncheck()
    expect(page.locator("[data-selected]")).to_have_text("0 selected")


def test_the_size_changes_at_once_and_is_remembered(eight, curator, sign_in):
    page = sign_in("curator", "/search/")
    with page.expect_response("**/appearance/"):
        page.get_by_role("button", name="L", exact=True).click()
    expect(page.locator(".sheet")).to_have_attribute("data-size", "l")
    page.reload()
    expect(page.locator(".sheet")).to_have_attribute("data-size", "l")


def test_a_filter_changes_the_sheet_and_the_address(eight, curator, sign_in):
    page = sign_in("curator", "/search/")
    words = page.get_by_label("Words")
    words.fill("Plate 3")
    words.press("Enter")
    expect(page.locator(".cell")).to_have_count(1)
    assert page.url.endswith("/search/?words=Plate%203")
    page.go_back()
    expect(page.locator(".cell")).to_have_count(8)
    page.locator("summary", has_text="State").click()
    page.get_by_role("link", name="Not tagged").click()
    expect(page.get_by_role("link", name="State Not tagged")).to_be_visible()
    page.get_by_label("Words").fill("zeppelin")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()


def test_the_search_field_is_a_key_away(eight, curator, sign_in):
    page = sign_in("curator")
    page.keyboard.press("/")
    page.keyboard.type("plate 7")
    page.keyboard.press("Enter")
    expect(page.locator(".cell")).to_have_count(1)


def test_nothing_moves_while_pictures_arrive(eight, curator, sign_in):
    page = sign_in("curator", "/search/")
    shift = page.evaluate(
        """() => new Promise(done => {
          let sum = 0;
          new PerformanceObserver(list => {
            for (const entry of list.getEntries()) sum += entry.value;
          }).observe({type: "layout-shift", buffered: true});
          setTimeout(() => done(sum), 500);
        })"""
    )
    assert shift <= 0.02
