"""Steering in a browser, with the worker's own work done between the steps."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from archive import steering
from archive.models import Derivative, Event, Steering
from archive.vocabularies import ReviewState
from colorizer import tasks
from tests.browser import seen
from tests.colorizer import drawn
from tests.conftest import MONGODB

pytestmark = [
    pytest.mark.results,
    pytest.mark.django_db(
        transaction=True, databases=["default"] if MONGODB else ["default", "results"]
    ),
]


@pytest.fixture(scope="session")
def hinted_folder(tmp_path_factory):
    return drawn.checkpoints_in(tmp_path_factory.mktemp("hinted"), hints=True)


@pytest.fixture
def photograph(transactional_db, data_dir, tmp_path, hinted_folder, monkeypatch):
    monkeypatch.setenv("AUTOCHROME_CHECKPOINTS", str(hinted_folder))
    tasks._network.cache_clear()
    yield seen.shelf(tmp_path, 1)[0]
    tasks._network.cache_clear()


@pytest.fixture
def page(photograph, curator, sign_in):
    """The page on which the photograph is steered, reached from its own."""
    page = sign_in("curator", photograph.get_absolute_url())
    page.get_by_role("link", name="Steer the colours").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Steer the colours")
    page.wait_for_load_state("networkidle")
    return page


def shown(page) -> str:
    return str(page.locator("#steer-stage .in-colour").get_attribute("src"))


def made(page, before: str) -> None:
    """Do the work that waits, and see another picture in place of the one before."""
    expect(page.get_by_text("Colouring…")).to_be_visible()
    tasks.drain()
    expect(page.get_by_text("Colouring…")).to_have_count(0)
    expect(page.locator("#steer-stage .in-colour")).not_to_have_attribute("src", before)
    page.locator("#steer-stage .in-colour").evaluate("image => image.decode()")


def click_at(page, x: float, y: float) -> None:
    box = page.locator("[data-steer-picture] img").first.bounding_box()
    page.locator("[data-steer-picture]").click(
        position={"x": box["width"] * x, "y": box["height"] * y}
    )


def choose(page, name: str) -> None:
    page.locator(".swatch-choice", has_text=name).click()


def test_from_the_click_to_the_documented_record(page, photograph):
    before = shown(page)
    click_at(page, 0.25, 0.5)
    choose(page, "field grey")
    expect(page.locator("[data-colour-words]")).to_contain_text("German uniforms")
    page.get_by_label("Why").fill("uniform is field grey, see letter")
    page.get_by_role("button", name="Place the hint").click()
    made(page, before)
    hints = page.locator("#steer-list")
    expect(hints).to_contain_text("field grey")
    expect(hints).to_contain_text("“uniform is field grey, see letter”")
    expect(hints).to_contain_text("by curator")
    expect(page.get_by_label("Why")).to_have_value("")
    [hint] = Steering.objects.get().hints
    assert (hint["x"], hint["y"]) == pytest.approx((0.25, 0.5), abs=0.005)

    before = shown(page)
    page.get_by_label("Strength in per cent").fill("60")
    page.get_by_label("Strength in per cent").dispatch_event("change")
    made(page, before)
    expect(page.locator(".steer-bar")).to_contain_text(
        "steered by a person with 1 colour hint, strength 60 %"
    )
    # What was made before is there at once.
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator("#steer-stage .in-colour")).to_have_attribute("src", before)
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("[data-strength]")).to_have_text("60 %")

    page.get_by_role("button", name="Save as a version").click()
    expect(page.locator("#messages")).to_contain_text("steered 1”; it awaits review")
    page.get_by_role("link", name="Compare, accept or reject it").click()
    expect(page.locator("#colour-words")).to_contain_text("steered 1")
    page.get_by_role("link", name="Compare with drawn-colorizer 1").click()
    expect(page.locator("#colour-words")).to_contain_text(
        "Compared with drawn-colorizer 1"
    )
    page.get_by_role("link", name="Compare with the original again").click()
    expect(page.locator("#colour-words")).not_to_contain_text("Compared with")
    page.get_by_role("button", name="Accept the colours").click()
    expect(page.locator("#colour-words")).to_contain_text("Illustrative")
    page.get_by_label("What documents the colours").fill("letter of 1916, box 3")
    page.get_by_role("button", name="Grade as documented").click()
    expect(page.locator("#colour-words")).to_contain_text("Documented")
    page.get_by_text("What was known").click()
    expect(page.locator("#colour")).to_contain_text("uniform is field grey, see letter")

    story = page.locator("#story")
    for told in (
        "placed a colour hint",
        "Strength 60 %, 1 colour hint: field grey #5f6b5e at",
        "set the strength of the colours",
        "undid a change of the colour hints",
        "proposed the colours of lite2-fpn 0, steered 1",
        "accepted the colours of",
        "graded the colours of",
        "letter of 1916, box 3",
    ):
        expect(story).to_contain_text(told)
    accepted = Derivative.objects.get(review_state=ReviewState.ACCEPTED)
    assert accepted.grade_source == "letter of 1916, box 3"
    assert accepted.recipe["strength"] == 0.6


def test_points_are_placed_moved_and_removed_by_keyboard(page, photograph):
    before = shown(page)
    page.get_by_role("button", name="Place by keyboard").press("Enter")
    point = page.get_by_role("button", name="The new point")
    expect(point).to_be_focused()
    point.press("ArrowRight")
    point.press("Shift+ArrowUp")
    expect(page.get_by_label("From the left, %")).to_have_value("50.50")
    expect(page.get_by_label("From the top, %")).to_have_value("45.00")
    page.get_by_label("Why").fill("seen")
    page.get_by_label("Why").press("Enter")
    made(page, before)

    before = shown(page)
    point = page.get_by_role("button", name="Hint 1:")
    point.focus()
    point.press("ArrowLeft")
    point.press("ArrowLeft")
    made(page, before)
    expect(point).to_be_focused()
    assert Steering.objects.count() == 2  # a pause later, both keys are one change
    assert Steering.objects.first().hints[0]["x"] == 0.495
    point.press("Enter")
    expect(page.get_by_role("button", name="Change the hint")).to_be_visible()
    expect(page.get_by_label("Why")).to_have_value("seen")
    page.get_by_role("button", name="Leave it").click()
    point.press("Delete")
    expect(point).to_have_count(0)
    expect(page.get_by_text("No hint yet")).to_be_visible()
    tasks.drain()
    deeds = Event.objects.filter(action__startswith="hint").values_list("action")
    assert {deed for (deed,) in deeds} == {
        "hint placed",
        "hint changed",
        "hint removed",
    }


def test_a_point_is_dragged(page, photograph):
    before = shown(page)
    click_at(page, 0.5, 0.5)
    page.get_by_role("button", name="Place the hint").click()
    made(page, before)
    before = shown(page)
    box = page.locator(".steer-point").bounding_box()
    whole = page.locator("[data-steer-picture] img").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(
        whole["x"] + whole["width"] * 0.75, whole["y"] + whole["height"] * 0.25, steps=4
    )
    page.mouse.up()
    made(page, before)
    hint = Steering.objects.first().hints[0]
    assert (hint["x"], hint["y"]) == pytest.approx((0.75, 0.25), abs=0.01)
    # Dragging is no click: the form did not open the point.
    expect(page.get_by_role("button", name="Place the hint")).to_be_visible()


def test_what_somebody_else_placed_is_shown_and_what_was_typed_stays(
    page, photograph, cataloguer, complaints
):
    click_at(page, 0.5, 0.5)
    page.get_by_label("Why").fill("mine")
    steering.place(
        photograph, number=0, x=0, y=0, colour="#112233", why="theirs", by=cataloguer
    )
    page.get_by_role("button", name="Place the hint").click()
    expect(page.locator("#messages")).to_contain_text("Someone else steered")
    expect(page.locator("#steer-list")).to_contain_text("theirs")
    expect(page.get_by_label("Why")).to_have_value("mine")
    expect(page.get_by_role("button", name="The new point")).to_be_visible()
    page.get_by_role("button", name="Place the hint").click()
    expect(page.locator("#steer-list")).to_contain_text("mine")
    assert [hint["by"] for hint in Steering.objects.first().hints] == [
        "cataloguer",
        "curator",
    ]
    tasks.drain()
    expect(page.get_by_text("Colouring…")).to_have_count(0)
    # The browser itself notes that the answer was a 409, and nothing else.
    assert all("409" in said for said in complaints)
    complaints.clear()


def test_axe_finds_nothing_and_nothing_is_too_wide(page, photograph, curator):
    steering.place(
        photograph, number=0, x=0.3, y=0.3, colour="#5f6b5e", why="seen", by=curator
    )
    found = []
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme)
        for width in (1440, 1024, 390):
            page.set_viewport_size({"width": width, "height": 844})
            page.reload()
            page.wait_for_load_state("networkidle")
            found += [
                f"{theme} {width}: {one['id']}: {node['html'][:160]}"
                for one in Axe().run(page).response["violations"]
                for node in one["nodes"]
            ]
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                found.append(f"{theme} {width}: {wide} pixels wide")
    assert found == []
