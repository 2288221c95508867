"""Choosing terms from the vocabulary by keyboard, in a browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from archive.models import Term
from tests import catalogue
from tests.browser import seen


@pytest.fixture
def plate(transactional_db, data_dir, tmp_path):
    for label in ("bridge", "bridle path"):
        catalogue.term(label)
    catalogue.term("ship", "brig")
    return seen.shelf(tmp_path, 1)[0]


@pytest.fixture
def page(plate, curator, sign_in):
    return sign_in("curator", plate.get_absolute_url())


def field(page):
    return page.get_by_role("combobox", name="Term to assign")


def test_terms_are_chosen_by_arrows_and_enter(page, plate):
    field(page).press_sequentially("bri")
    options = page.locator("#term-choices").get_by_role("option")
    expect(options).to_have_count(4)
    expect(options).to_contain_text(
        ["bridge", "bridle path", "ship for “brig”", "Create the term “bri”"],
        use_inner_text=True,
    )
    assert Axe().run(page).response["violations"] == []
    for _times in range(2):
        page.keyboard.press("ArrowDown")
    expect(field(page)).to_have_attribute("aria-expanded", "true")
    chosen = page.locator("[aria-selected=true]")
    expect(chosen).to_have_text("bridle path")
    expect(field(page)).to_have_attribute(
        "aria-activedescendant", chosen.get_attribute("id")
    )
    page.keyboard.press("Enter")
    expect(page.locator(".term")).to_contain_text("bridle path")
    expect(field(page)).to_be_focused()
    field(page).press_sequentially("brig")
    expect(page.locator("#term-choices").get_by_role("option")).not_to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")  # a synonym stands for its term
    expect(page.locator(".terms")).to_contain_text("ship")


def test_a_new_term_is_a_choice_of_its_own(page, plate):
    field(page).press_sequentially("brigantine")
    page.get_by_role("option", name="Create the term “brigantine”").click()
    expect(page.locator(".term")).to_contain_text("brigantine")
    assert Term.objects.filter(label="brigantine", vocabulary="local").exists()
