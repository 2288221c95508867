"""Zooming into the scan and its colours in a browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from archive import tiles
from tests import catalogue
from tests.browser import line
from tests.web import drawn

PLACES = """() => [...document.querySelectorAll('.compare-viewer')].map((element) => {
  const { viewport } = OpenSeadragon.getViewer(element);
  const { x, y } = viewport.getCenter(true);
  return [viewport.getZoom(true), x, y].map((number) => Math.round(number * 1e4));
})"""


@pytest.fixture
def plate(transactional_db, data_dir, tmp_path):
    found = drawn.photograph(tmp_path, size=(2600, 1900), within=catalogue.collection())
    drawn.colours(found)
    drawn.verso(tmp_path, found)
    return found


@pytest.fixture
def page(plate, curator, sign_in):
    return sign_in("curator", plate.get_absolute_url())


def places(page):
    left, right = page.evaluate(PLACES)
    assert left == right
    return left


def settled(page):
    before = None
    while before != (before := page.evaluate(PLACES)):
        page.wait_for_timeout(250)
    return places(page)


def test_it_zooms_into_the_scan_and_compares_at_one_place(page, plate):
    assert page.evaluate("typeof OpenSeadragon") == "undefined"
    with page.expect_response(lambda answer: "/0/default.jpg" in answer.url):
        page.keyboard.press("+")
    figure = page.locator("[data-compare]")
    expect(figure).to_have_attribute("data-sharp", "true")
    (pyramid,) = tiles.folder().iterdir()
    assert pyramid.suffix == ".zip"
    level, x, y = settled(page)
    page.keyboard.press("+")
    assert settled(page)[0] > level
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    moved = settled(page)
    assert moved[1] > x
    assert moved[2] > y
    assert plate.get_absolute_url() in page.url
    for way in ("Side by side", "Blink", "Divider"):
        page.get_by_text(way, exact=True).click()
        assert settled(page)[1:] == moved[1:]
        expect(page.locator("#colour-words")).to_contain_text(
            "machine's interpretation"
        )
    box = page.locator(".compare-stage").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4 + 90, box["y"] + 60, steps=5)
    page.mouse.up()
    dragged = settled(page)
    assert dragged[1] < moved[1]
    page.keyboard.press("0")
    expect(figure).not_to_have_class("zoomed")
    expect(page.locator(".compare-viewer")).to_have_count(0)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_on_a_zoomed_picture(page, theme):
    page.emulate_media(color_scheme=theme)
    page.keyboard.press("+")
    expect(page.locator("[data-sharp]")).to_have_count(1)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_the_divider_cuts_and_space_shows_the_original_while_zoomed(page):
    page.get_by_role("button", name="Zoom in").click()
    expect(page.locator(".compare-viewer")).to_have_count(2)
    divider = page.get_by_label("Divider:")
    divider.focus()
    divider.press("Home")
    expect(divider).to_have_value("0")
    page.keyboard.down(" ")
    expect(page.locator(".in-colour")).to_be_hidden()
    page.keyboard.up(" ")
    expect(page.locator(".in-colour")).to_be_visible()


def test_a_double_click_zooms_and_the_other_side_starts_whole(page):
    page.locator(".compare-stage").dblclick()
    expect(page.locator(".compare-viewer")).to_have_count(2)
    page.get_by_role("link", name="Verso (back)").click()
    expect(page.locator(".compare-viewer")).to_have_count(0)
    page.keyboard.press("+")
    expect(page.locator("[data-sharp]")).to_have_count(1)
    expect(page.locator(".compare-viewer")).to_have_count(1)


def test_it_opens_where_one_picture_comes_long_after_the_other(page):
    colour = page.locator(".in-colour img").get_attribute("src")

    def late(route):
        page.wait_for_timeout(2000)
        route.continue_()

    asked = line.answer(page, f"**{colour}", late)
    page.keyboard.press("+")
    expect(page.locator("[data-sharp]")).to_have_count(1)
    expect(page.locator(".compare-viewer")).to_have_count(2)
    assert asked


def test_the_wheel_goes_back_to_the_whole_and_that_ends_it(page):
    page.keyboard.press("+")
    expect(page.locator("[data-sharp]")).to_have_count(1)
    page.locator(".compare-stage").hover(position={"x": 90, "y": 200})
    for _ in range(4):
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(100)
    expect(page.locator(".compare-viewer")).to_have_count(0)


def test_the_wheel_over_the_divider_zooms_and_does_not_scroll(page):
    page.keyboard.press("+")
    expect(page.locator("[data-sharp]")).to_have_count(1)
    before = settled(page)
    stage = page.locator(".compare-stage").bounding_box()
    middle = (stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2)
    page.mouse.move(*middle)
    over = "([x, y]) => document.elementFromPoint(x, y).className"
    assert page.evaluate(over, middle) == "compare-divider"
    page.mouse.wheel(0, -100)
    assert settled(page)[0] > before[0]
    assert page.evaluate("scrollY") == 0


def test_without_the_scan_the_screen_copy_is_zoomed(page, plate):
    plate.masters.get(side="recto").path.unlink()
    page.keyboard.press("+")
    expect(page.locator("[data-zoom-said]")).to_contain_text("fixity check")
    expect(page.locator(".compare-viewer")).to_have_count(2)
    page.keyboard.press("+")
    assert settled(page)[0] > 10_000


def test_the_picture_is_shown_where_scripts_are_off(browser, page, live_server, plate):
    still = browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    silent = still.new_page()
    silent.goto(live_server.url + plate.get_absolute_url())
    assert silent.locator(".compare-plate img").first.bounding_box()["width"] > 300
    expect(silent.locator(".zoom-controls")).to_be_hidden()
    still.close()
