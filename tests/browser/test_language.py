"""A curator chooses German in the menu, and pages and scripts speak it."""

from playwright.sync_api import expect

from archive.models import Term
from archive.vocabularies import MACHINE_VOCABULARY
from tests import catalogue
from tests.browser import seen


def test_the_menu_changes_the_language_of_pages_and_scripts(
    transactional_db, curator, sign_in
):
    for code in ("A", "B"):
        catalogue.collection(code)
    page = sign_in("curator", "/collections/")
    move = page.locator("[data-carry]").first
    expect(move).to_have_text("Move")
    page.get_by_text("curator", exact=True).click()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sammlungen")
    expect(move).to_have_text("Verschieben")
    move.click()
    expect(move).to_have_text("Lassen")
    expect(page.locator("[data-carry]").nth(1)).to_have_text("Darunter stellen")
    page.get_by_text("curator", exact=True).click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Collections")


def test_german_has_room_on_a_narrow_screen_and_keys_still_decide(
    transactional_db, curator, sign_in, data_dir, tmp_path, live_server
):
    first, *_others = seen.shelf(tmp_path, 2)
    Term.objects.update(vocabulary=MACHINE_VOCABULARY)
    page = sign_in("curator", "/review/")
    page.get_by_text("curator", exact=True).click()
    page.get_by_role("button", name="Deutsch").click()
    page.set_viewport_size({"width": 390, "height": 844})
    for address in (
        "/review/",
        first.get_absolute_url(),
        "/search/",
        "/batches/",
        "/review/words/",
        "/review/batch/?look=1&from=50",
        "/photographs/import/",
    ):
        page.goto(f"{live_server.url}{address}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, address
    page.goto(f"{live_server.url}/review/")
    expect(page.locator(".compare-showing")).to_have_attribute(
        "data-both", "Links Original, rechts Farben"
    )
    expect(page.locator(".suggestion").nth(1)).to_contain_text("Boot")
    page.keyboard.press("a")
    expect(page.locator(".review-last")).to_contain_text("Farben angenommen")
    page.keyboard.press("a")
    expect(page.locator(".review-last")).to_contain_text("„Boot“ angenommen")
