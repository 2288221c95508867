"""A search session: words, facets, an address to share, a search that is kept."""

import pytest
from playwright.sync_api import expect

from archive import describing
from archive.models import SavedSearch
from tests import catalogue


@pytest.fixture
def archive(transactional_db, curator):
    within = catalogue.collection("F", title="Kessler family")
    for number in range(1, 9):
        one = catalogue.photograph(
            f"F/{number}",
            within=within,
            title=f"Bridge {number}" if number % 2 else f"Harbour {number}",
            creator="Kessler" if number < 4 else "Beato",
        )
        if number > 2:
            describing.assign_term(one, describing.create_term("river"), by=curator)


def test_a_search_is_narrowed_shared_and_kept(archive, curator, sign_in):
    page = sign_in("curator", "/search/")
    page.get_by_label("Words").fill("bridge*")
    page.get_by_label("Words").press("Enter")
    cells = page.locator(".cell")
    expect(cells).to_have_count(4)

    page.locator("summary", has_text="Term").click()
    page.get_by_role("link", name="river 3").click()
    expect(cells).to_have_count(3)
    expect(page.get_by_role("link", name="Term river : take away")).to_be_visible()
    page.locator("summary", has_text="Creator").click()
    page.get_by_role("link", name="Beato 2").click()
    expect(cells).to_have_count(2)
    expect(page.locator("[data-facet=term]")).to_have_attribute("open", "")
    shared = page.url
    assert shared.endswith("?words=bridge%2A&term=river&creator=%22Beato%22")

    page.get_by_role("link", name="Creator “Beato”").or_(
        page.get_by_role("link", name='Creator "Beato"')
    ).click()
    expect(cells).to_have_count(3)
    page.go_back()
    expect(cells).to_have_count(2)

    page.get_by_text("Saved searches").click()
    page.get_by_label("Keep this search as").fill("Beato’s bridges")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("is kept")).to_be_visible()
    assert SavedSearch.objects.get().address in shared
    page.goto(page.url.split("/search/")[0] + "/")
    page.get_by_role("link", name="Beato’s bridges").click()
    expect(cells).to_have_count(2)


def test_the_columns_of_the_table_are_kept(archive, curator, sign_in):
    page = sign_in("curator", "/search/")
    page.get_by_role("button", name="Table").click()
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("Terms", exact=True).check()
    page.get_by_role("checkbox", name="Place", exact=True).uncheck()
    page.get_by_role("button", name="Show these").click()
    expect(page.get_by_role("columnheader", name="Terms")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Place")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("columnheader", name="Terms")).to_be_visible()


def test_nothing_found_is_widened(archive, curator, sign_in):
    page = sign_in("curator", "/search/?words=harb")
    page.get_by_role("link", name="Look for words that begin so").click()
    expect(page.locator(".cell")).to_have_count(4)
