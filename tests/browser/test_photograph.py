"""The photograph's page in a browser: comparing, describing, deciding."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from colorizer.models import Job
from tests.browser import seen
from tests.web import drawn


@pytest.fixture
def plates(transactional_db, data_dir, tmp_path):
    return seen.shelf(tmp_path)


@pytest.fixture
def page(plates, curator, sign_in):
    return sign_in("curator", plates[0].get_absolute_url())


def boxes(page):
    return [one.bounding_box() for one in page.locator(".compare-plate").all()]


def test_the_divider_moves_by_keyboard_and_cuts_at_its_place(page, plates):
    divider = page.get_by_label("Divider:")
    divider.focus()
    divider.press("Home")
    expect(divider).to_have_value("0")
    cut = "getComputedStyle(document.querySelector('.in-colour')).clipPath"
    assert page.evaluate(cut).endswith("calc(0% + 3px))")
    divider.press("ArrowRight")
    expect(divider).to_have_value("1")
    assert plates[0].get_absolute_url() in page.url


def test_both_pictures_have_one_size_in_every_way_of_comparing(page):
    stage = page.locator(".compare-stage").bounding_box()
    for way in ("Divider", "Blink", "Side by side"):
        page.get_by_text(way, exact=True).click()
        original, colour = boxes(page)
        assert original["width"] == pytest.approx(colour["width"], abs=0.1)
        assert original["height"] == pytest.approx(colour["height"], abs=0.1)
        assert original["width"] > 100
        assert page.locator(".compare-stage").bounding_box() == stage
    assert original["x"] + original["width"] < colour["x"]
    page.reload()
    expect(page.get_by_label("Side by side", exact=True)).to_be_checked()


def test_pressing_the_picture_blinks(page):
    page.get_by_text("Blink", exact=True).click()
    colour = page.locator(".in-colour")
    page.locator(".compare-stage").hover()
    page.mouse.down()
    expect(colour).to_be_hidden()
    page.mouse.up()
    expect(colour).to_be_visible()


def test_deciding_keeps_what_is_being_written(page, plates):
    page.get_by_label("Notes").press_sequentially("half a sentence")
    page.get_by_role("button", name="Accept boat").click()
    expect(page.locator(".term")).to_contain_text("boat")
    expect(page.get_by_label("Notes")).to_have_value("half a sentence")
    page.get_by_role("button", name="Accept the colours").click()
    expect(page.locator("#colour-words")).to_contain_text("Confirmed by a person")
    page.get_by_role("button", name="Undo the decision on boat").click()
    expect(page.get_by_text("No term is assigned yet")).to_be_visible()
    page.get_by_label("Term to assign").fill("harbour")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Create the term “harbour”").click()
    expect(page.locator(".term")).to_contain_text("harbour")
    expect(page.get_by_label("Notes")).to_have_value("half a sentence")
    page.get_by_label("Notes").fill("")


def test_versions_and_sides_are_looked_at_in_place(page, plates, tmp_path):
    drawn.verso(tmp_path, plates[0])
    drawn.colours(plates[0], "other 2")
    page.reload()
    expect(page.locator("#colour-words")).to_contain_text("other 2")
    page.get_by_role("link", name="drawn-colorizer 1", exact=True).click()
    expect(page.locator("#colour-words")).to_contain_text("drawn-colorizer 1")
    page.get_by_role("link", name="Verso (back)").click()
    expect(page.locator("#colour")).to_contain_text("No machine has coloured this")


def test_a_request_shows_how_it_gets_on(page, plates):
    page.get_by_role("button", name="Request: Colours").click()
    expect(page.locator("#vision")).to_contain_text("Queued")
    Job.objects.get().cancel()
    expect(page.locator("#vision")).to_contain_text("Cancelled")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    page, plates, live_server, theme, width
):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 844})
    job = Job.objects.create(
        kind="colorize",
        photograph=plates[0],
        master=plates[0].masters.get(),
        checkpoint="lite0-fpn",
        checkpoint_sha256="0",
        state="failed",
        reason="The disk is full: make room, then retry.",
    )
    found = []
    for address in (
        plates[0].get_absolute_url(),
        "/review/",
        "/jobs/",
        job.get_absolute_url(),
    ):
        page.goto(live_server.url + address)
        page.wait_for_load_state("networkidle")
        found += [
            f"{address}: {one['id']}: {node['html'][:160]}"
            for one in Axe().run(page).response["violations"]
            for node in one["nodes"]
        ]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{address}: {wide} pixels wide")
    assert found == []
