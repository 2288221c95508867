"""A sitting by keyboard: groups, regions, trouble, and accepting many."""

import uuid

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from archive import machine_words
from archive.models import MachineWord, Photograph, ReviewBatch, Suggestion
from colorizer.results.models import TaggingResult
from tests import cast
from tests.browser import line, seen

SIZES = [(1440, 900), (1024, 768), (390, 844)]

WHERE_REGION_AND_PICTURE_LIE = """() => {
  const element = document.querySelector(".compare-viewer");
  const { world, viewport } = OpenSeadragon.getViewer(element);
  const { x, y } = element.getBoundingClientRect();
  const box = viewport.viewportToViewerElementRectangle(world.getItemAt(0).getBounds());
  const region = element.querySelector("canvas.region").getBoundingClientRect();
  return [
    [region.x, region.y, region.width, region.height],
    [box.x + x, box.y + y, box.width, box.height],
  ];
}"""


@pytest.fixture
def plates(transactional_db, data_dir, tmp_path):
    """Return four photographs; the first, third and fourth look alike."""
    found = seen.shelf(tmp_path, 4)
    for photograph, leader in zip(found, (0, 1, 0, 0), strict=True):
        Photograph.objects.filter(pk=photograph.pk).update(look=found[leader].pk)
    return found


@pytest.fixture
def queue(plates, curator, sign_in):
    page = sign_in("curator", "/review/")
    page.get_by_role("button", name="Alike together").click()
    expect(page.locator(".review-group")).to_contain_text("3 photographs")
    return page


def title(page):
    return page.locator("#review-title")


def last(page):
    return page.locator(".review-last [role=status]")


def states(label):
    found = Suggestion.objects.filter(term__label=label).order_by("photograph")
    return list(found.values_list("state", flat=True))


def test_one_keystroke_decides_for_every_photograph_that_is_shown(queue, plates):
    assert "order=alike" in queue.url
    queue.keyboard.press("ArrowDown")
    queue.keyboard.press("Shift+A")
    expect(last(queue)).to_contain_text("Accepted “boat” on 3 photographs")
    assert states("boat") == ["accepted", "awaiting", "accepted", "accepted"]
    queue.keyboard.press("Shift+X")
    expect(last(queue)).to_contain_text("Rejected “sea” on 3 photographs")
    queue.keyboard.press("Shift+A")
    expect(title(queue)).to_have_text("Plate 2")
    expect(last(queue)).to_contain_text("Accepted the colours on 3 photographs")
    assert not plates[3].masters.get().derivatives.filter(review_state="awaiting")
    for label in ("colours", "sea", "boat"):
        queue.keyboard.press("u")
        expect(last(queue)).not_to_contain_text(label)
    expect(title(queue)).to_have_text("Plate 1")
    assert set(states("boat") + states("sea")) == {"awaiting"}


def test_the_order_is_remembered_and_kept(queue, live_server):
    queue.keyboard.press("j")
    expect(title(queue)).to_have_text("Plate 3")
    queue.goto(f"{live_server.url}/review/")
    pressed = queue.get_by_role("button", name="Alike together")
    expect(pressed).to_have_attribute("aria-pressed", "true")


def test_trouble_and_an_expired_session_lose_nothing(
    queue, plates, live_server, complaints
):
    queue.keyboard.press("ArrowDown")
    queue.keyboard.press("a")
    expect(last(queue)).to_contain_text("Accepted “boat”")
    line.cut(queue, "**/suggestions/*/accept/")
    queue.keyboard.press("a")
    expect(last(queue)).to_contain_text("The archive did not answer")
    queue.unroute("**/suggestions/*/accept/")
    assert states("sea") == ["awaiting"] * 4
    complaints.clear()  # the browser tells of the request that was cut off
    Session.objects.all().delete()
    queue.keyboard.press("a")
    queue.wait_for_url("**/accounts/login/**")
    queue.get_by_label("Name").fill("curator")
    queue.get_by_label("Password").fill(cast.PASSWORD)
    queue.get_by_role("button", name="Sign in").click()
    expect(title(queue)).to_have_text("Plate 1")
    assert "order=alike" in queue.url
    assert states("boat")[0] == "accepted"
    assert states("sea") == ["awaiting"] * 4
    queue.keyboard.press("ArrowDown")
    queue.keyboard.press("a")
    expect(last(queue)).to_contain_text("Accepted “sea”")


def test_two_curators_never_overwrite_each_other(
    queue, plates, administrator, browser, live_server
):
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(f"{live_server.url}/accounts/login/?next=/review/")
        other.get_by_label("Name").fill("administrator")
        other.get_by_label("Password").fill(cast.PASSWORD)
        other.get_by_role("button", name="Sign in").click()
        expect(title(other)).to_have_text("Plate 1")
        other.wait_for_load_state()  # its keys are heard from then on
        other.keyboard.press("ArrowDown")
        other.keyboard.press("x")
        expect(last(other)).to_contain_text("Rejected “boat”")
        queue.keyboard.press("ArrowDown")
        queue.keyboard.press("Shift+A")
        expect(last(queue)).to_contain_text("Accepted “boat” on 2 photographs")
        expect(queue.locator("#messages")).to_contain_text("1 of them had been decided")
        assert states("boat") == ["rejected", "awaiting", "accepted", "accepted"]
        other.keyboard.press("u")
        expect(last(other)).to_contain_text("Nothing decided")
    assert states("boat") == ["awaiting", "awaiting", "accepted", "accepted"]


def test_accepting_many_is_shown_before_and_undone_after(plates, curator, sign_in):
    boat = MachineWord.objects.get(term__label="boat")
    machine_words.settle(boat, {"threshold": 0.9}, revision=0, by=curator)
    page = sign_in("curator", "/review/batch/")
    page.get_by_role("button", name="Show what would be accepted").click()
    expect(page.locator("#preview-title")).to_contain_text("4 suggestions on 4")
    assert ReviewBatch.objects.count() == 0
    page.get_by_role("button", name="Accept these 4").click()
    expect(page.locator("#messages")).to_contain_text("Accepted 4 suggestions")
    assert states("boat") == ["accepted"] * 4
    page.get_by_role("button", name="Undo: Accepted 4").click()
    expect(page.locator("#messages")).to_contain_text("4 of 4 wait again")
    assert states("boat") == ["awaiting"] * 4


@pytest.mark.results
def test_the_region_is_shown_while_it_is_asked_for(plates, curator, sign_in):
    boat, sea = plates[0].suggestions.order_by("-score")
    for suggestion, rows in ((boat, [[0, 255], [128, 0]]), (sea, None)):
        draft = TaggingResult.objects.create(
            job_id=uuid.uuid4(),
            photograph_id=plates[0].pk,
            master_id=1,
            created_at=timezone.now(),
            regions={suggestion.term.label: rows} if rows else None,
        )
        Suggestion.objects.filter(pk=suggestion.pk).update(result_id=draft.pk)
    page = sign_in("curator", "/review/")
    region, words = page.locator("canvas.region"), page.locator(".region-words")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("r")
    expect(words).to_contain_text("sees “boat”: a machine’s reckoning")
    expect(region).to_have_count(2)  # over the original and over the colours
    alpha = region.first.evaluate(
        "one => [...one.getContext('2d').getImageData(0, 0, 2, 1).data]"
    )
    assert alpha == [0, 0, 0, 184, 0, 0, 0, 0]
    page.keyboard.press("ArrowDown")
    expect(words).to_contain_text("No region was kept")
    expect(region).to_have_count(0)
    page.keyboard.press("r")
    expect(words).to_have_count(0)
    page.goto(page.url.split("/review/")[0] + plates[0].get_absolute_url())
    page.locator(f"#suggestion-{boat.pk}").hover()
    expect(region).to_have_count(2)
    page.locator("h1").hover()
    expect(region).to_have_count(0)
    page.get_by_role("button", name="Accept boat").focus()
    expect(words).to_contain_text("sees “boat”")
    wide = region.first.bounding_box()["width"]
    page.keyboard.press("+")
    page.keyboard.press("+")
    expect(page.locator("[data-compare]")).to_have_attribute("data-sharp", "true")
    page.wait_for_timeout(600)
    lies, picture = page.evaluate(WHERE_REGION_AND_PICTURE_LIE)
    assert lies == pytest.approx(picture, abs=1)
    assert lies[2] > 1.5 * wide
    page.keyboard.press("0")
    expect(region).to_have_count(2)
    assert region.first.bounding_box()["width"] == pytest.approx(wide, abs=1)


@pytest.mark.results
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    plates, curator, sign_in, live_server, theme
):
    page = sign_in("curator", "/review/?order=alike")
    page.emulate_media(color_scheme=theme)
    found = []
    for address in (
        "/review/?order=alike",
        "/review/words/",
        "/review/words/?words=zzz",
        "/review/batch/?look=1&from=50",
        "/review/batch/?look=1&from=x",
        reverse("colorizer:alike", args=[plates[0].pk]),
        plates[0].get_absolute_url(),
    ):
        page.goto(live_server.url + address)
        page.wait_for_load_state("networkidle")
        found += [
            f"{address}: {one['id']}: {one['nodes'][0]['html'][:160]}"
            for one in Axe().run(page).response["violations"]
        ]
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{address} is too wide at {width}")
    assert found == []
