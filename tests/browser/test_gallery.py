"""The public gallery, seen by somebody who has no account."""

import pytest
from playwright.sync_api import expect

from archive import publishing, review
from archive.models import GallerySettings
from archive.vocabularies import Rights
from tests.browser import seen


@pytest.fixture
def published(transactional_db, curator, data_dir, tmp_path):
    shelf = seen.shelf(tmp_path, 3)
    for photograph in shelf[:2]:
        photograph.rights = Rights.CC0.value
        photograph.description = "Before the flood."
        photograph.save()
        review.accept_colorization(
            photograph.masters.get().derivatives.colorizations().get(), by=curator
        )
        publishing.publish(photograph, by=curator)
    GallerySettings(open=True, name="Town archive").save()
    return shelf


def test_a_stranger_looks_compares_and_downloads(
    published, live_server, page, complaints, tmp_path
):
    page.goto(f"{live_server.url}/gallery/")
    expect(page.get_by_role("heading", name="Town archive")).to_be_visible()
    page.locator(".gallery-shelves a").click()
    expect(page.locator(".gallery-sheet li")).to_have_count(2)
    assert "Plate 3" not in page.content()
    page.get_by_role("link", name="Plate 1").click()

    original = page.get_by_role("img", name="Plate 1", exact=True)
    colour = page.get_by_role("img", name="Plate 1, in a machine’s colours")
    left, right = original.bounding_box(), colour.bounding_box()
    assert left["x"] + left["width"] <= right["x"]
    label = page.locator(".gallery-machine")
    expect(label).to_have_text("Colours are a machine’s interpretation")

    page.get_by_role("button", name="Divider").click()
    box, over = original.bounding_box(), colour.bounding_box()
    assert abs(box["x"] - over["x"]) < 1
    divider = page.get_by_role("slider")
    divider.fill("20")
    assert "80%" in original.evaluate(
        "image => getComputedStyle(image.parentElement).clipPath"
    )
    expect(label).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="In a machine’s colours").click()
    file = tmp_path / "copy.jpg"
    download.value.save_as(file)
    assert b"compositeWithTrainedAlgorithmicMedia" in file.read_bytes()
    page.get_by_role("link", name="Next →").click()
    expect(page.get_by_role("heading", name="Plate 2")).to_be_visible()
    assert page.context.cookies() == []


def test_nothing_moves_while_pictures_arrive(published, live_server, page):
    page.goto(f"{live_server.url}/gallery/photographs/{published[0].pk}/")
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
