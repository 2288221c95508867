"""Every page of the archive, looked at by axe, in both themes and at three sizes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from archive import batches, publishing, review
from archive.batches import Operations, Selection, TextChange
from archive.models import Accession, AccessionItem, GallerySettings
from archive.vocabularies import AccessionState, ItemOutcome, Rights
from colorizer import jobs
from colorizer.vocabularies import Kind
from tests import catalogue
from tests.web import drawn

SIZES = [(1440, 900), (1024, 768), (390, 844)]


@pytest.fixture
def addresses(transactional_db, curator):
    """Return the address of each page, with something on it to see."""
    fonds = catalogue.collection("F", title="Kessler family", sensitive=True)
    series = catalogue.collection("F/1", parent=fonds, level="series", title="Streets")
    empty = catalogue.collection("G", title="Nothing yet")
    photograph = catalogue.photograph("F/1/1", within=series, title="A bridge")
    catalogue.colorization(catalogue.master(photograph))
    term = catalogue.term("bridge", "viaduct")
    accession = Accession.objects.create(
        collection=series,
        source="/scans/box 3",
        state=AccessionState.EXAMINED,
        started_by=curator,
    )
    for path, outcome in (
        ("a.tif", ItemOutcome.NEW),
        ("b.tif", ItemOutcome.UNREADABLE),
    ):
        AccessionItem.objects.create(
            accession=accession, path=path, outcome=outcome, reason="A reason."
        )
    return [
        reverse("archive:desk"),
        reverse("archive:collections"),
        fonds.get_absolute_url(),
        empty.get_absolute_url(),
        reverse("archive:collection_create"),
        reverse("archive:collection_edit", args=[fonds.pk]),
        reverse("archive:collection_move", args=[series.pk]),
        reverse("archive:search"),
        reverse("archive:search") + "?since=1900&state=awaiting",
        reverse("archive:search") + "?since=nonsense",
        reverse("archive:search") + "?words=bridge&term=viaduct&creator=%22%22",
        reverse("archive:ingest"),
        accession.get_absolute_url(),
        reverse("archive:terms"),
        reverse("colorizer:taggers"),
        reverse("archive:term_create"),
        reverse("archive:term_edit", args=[term.pk]),
    ]


@pytest.fixture
def shared(transactional_db, curator, administrator, data_dir, tmp_path):
    """Return the addresses of batches and of the public gallery, and the forms."""
    GallerySettings(open=True, name="Town archive", welcome="Look around.").save()
    one = drawn.photograph(tmp_path, within=catalogue.collection("F", title="Streets"))
    one.title, one.rights = "A bridge", Rights.CC0.value
    one.save()
    review.accept_colorization(drawn.colours(one), by=curator)
    boat, _sea = drawn.suggestions(one, boat=0.9, sea=0.8)
    review.accept_suggestion(boat, by=curator)
    publishing.publish(one, by=curator)
    selection = Selection(keys=(one.pk,))
    preview, applied = (
        batches.propose_edit(
            selection,
            Operations(texts={"place": TextChange("set", place)}),
            by=administrator,
        )
        for place in ("Graz", "Wien")
    )
    batches.apply(applied)
    asked = jobs.request([one], Kind.TAG, by=curator).jobs
    return [
        reverse("archive:batches"),
        preview.get_absolute_url(),
        applied.get_absolute_url(),
        reverse("archive:edit_again", args=[preview.pk]),
        reverse("archive:import"),
        reverse("colorizer:jobs"),
        reverse("colorizer:job", args=[asked[0].pk]),
        reverse("colorizer:alike", args=[one.pk]),
        reverse("archive:gallery_settings"),
        reverse("archive:gallery"),
        reverse("archive:gallery_shelf", args=[one.collection_id]),
        reverse("archive:gallery_plate", args=[one.pk]),
    ]


def posted(page):
    """Yield the pages that only a selection leads to."""
    for name in ("Edit…", "Export…", "Print…"):
        page.goto(
            page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + "/search/"
        )
        page.get_by_label("Select this page").check()
        page.get_by_role("button", name=name).click()
        page.locator("h1").wait_for()
        yield name
    page.get_by_role("button", name="Make the PDF").click()
    page.get_by_role("link", name="Download").wait_for()
    yield "contact sheet"


def violations(page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {one['id']}: {node['html'][:160]}"
        for one in found
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing(addresses, curator, sign_in, live_server, theme):
    page = sign_in("curator")
    page.emulate_media(color_scheme=theme)
    page.goto(f"{live_server.url}/accounts/login/")
    found = violations(page)
    for address in addresses:
        page.goto(live_server.url + address)
        for facet in page.locator(".facet").all()[:6]:
            facet.locator("summary").click()
        expect(page.get_by_text("Counting …")).to_have_count(
            max(0, page.locator(".facet").count() - 6)
        )
        found += violations(page)
    page.goto(live_server.url + addresses[1])
    page.get_by_role("button", name="Move F/1").click()
    found += violations(page)
    assert found == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_no_page_is_wider_than_the_window(
    addresses, curator, sign_in, live_server, size
):
    page = sign_in("curator")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    wide = []
    for address in addresses:
        page.goto(live_server.url + address)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(address)
    assert wide == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_where_much_is_changed_or_shared(
    shared, administrator, sign_in, live_server, theme
):
    page = sign_in("administrator")
    page.emulate_media(color_scheme=theme)
    found = []
    for address in shared:
        page.goto(live_server.url + address)
        found += violations(page)
    page.get_by_role("button", name="Divider").click()
    found += violations(page)
    for _name in posted(page):
        found += violations(page)
    assert found == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_no_shared_page_is_wider_than_the_window(
    shared, administrator, sign_in, live_server, size
):
    page = sign_in("administrator")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    wider = "document.documentElement.scrollWidth > window.innerWidth"
    wide = []
    for address in shared:
        page.goto(live_server.url + address)
        if page.evaluate(wider):
            wide.append(address)
    wide += [name for name in posted(page) if page.evaluate(wider)]
    assert wide == []
