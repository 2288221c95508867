"""Describing a photograph in a browser: saved while writing, and never lost."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from archive import describing
from archive.models import Photograph
from tests import cast
from tests.browser import line, seen


@pytest.fixture
def plates(transactional_db, data_dir, tmp_path):
    return seen.shelf(tmp_path, 2)


@pytest.fixture
def page(plates, curator, sign_in):
    return sign_in("curator", plates[0].get_absolute_url())


def state(page):
    return page.locator("[data-autosave-state]")


def stored(plate, name="title"):
    return Photograph.objects.values_list(name, flat=True).get(pk=plate.pk)


def forgive(complaints, status):
    """The browser itself notes what the server refused."""
    assert all(str(status) in said for said in complaints)
    complaints.clear()


def test_it_saves_itself_and_says_when(page, plates):
    page.get_by_label("Title").press("End")
    page.get_by_label("Title").press_sequentially(" of glass")
    expect(state(page)).to_have_text("Not saved yet")
    expect(state(page)).to_have_text(re.compile(r"^Saved \d\d:\d\d$"))
    assert stored(plates[0]) == "Plate 1 of glass"
    expect(page.get_by_label("Title")).to_be_focused()
    expect(page.locator("#head h1")).to_have_text("Plate 1 of glass")
    expect(page.locator("#story")).to_contain_text("Plate 1 of glass")
    expect(page.locator("#described")).to_contain_text("Revision 2")


def test_leaving_a_field_saves_at_once_and_undo_takes_it_back(page, plates):
    title = page.get_by_label("Title")
    title.fill("A harbour")
    title.press("Tab")
    expect(state(page)).to_contain_text("Saved")
    page.get_by_label("Place").fill("Leipzig")
    page.get_by_role("button", name="Undo: title").click()
    # What was being written is saved first, so that it is what is undone.
    expect(page.locator("#messages")).to_contain_text("Undid your change of: place")
    expect(page.get_by_label("Place")).to_have_value("")
    page.get_by_role("button", name="Undo: title").click()
    expect(page.get_by_label("Title")).to_have_value("Plate 1")
    expect(page.get_by_role("button", name="Undo:")).to_have_count(0)
    assert stored(plates[0]) == "Plate 1"


def test_going_on_to_the_next_photograph_saves(page, plates):
    page.get_by_label("Title").fill("A harbour")
    page.get_by_role("link", name="Next").click()
    page.wait_for_url(f"**{plates[1].get_absolute_url()}*")
    page.go_back()
    expect(page.get_by_label("Title")).to_have_value("A harbour")
    expect(page.locator("[data-draft]")).to_have_count(0)


def test_another_curators_change_is_a_choice(page, plates, cataloguer):
    describing.describe(plates[0], {"title": "Theirs", "place": "Leipzig"}, by=None)
    page.get_by_label("Notes").fill("mine")
    page.get_by_label("Title").fill("Mine")
    page.get_by_role("button", name="Save the description").click()
    expect(page.locator(".conflict")).to_contain_text("Theirs")
    assert stored(plates[0]) == "Theirs"
    assert stored(plates[0], "notes") == "mine"
    expect(page.get_by_label("Title")).to_have_value("Mine")
    page.get_by_role("button", name="Keep mine").click()
    expect(state(page)).to_contain_text("Saved")
    assert (stored(plates[0]), stored(plates[0], "place")) == ("Mine", "Leipzig")
    page.wait_for_load_state("networkidle")
    page.reload()
    describing.describe(
        Photograph.objects.get(pk=plates[0].pk), {"title": "X"}, by=None
    )
    page.get_by_label("Title").fill("Mine again")
    page.get_by_label("Title").press("Tab")
    page.get_by_role("button", name="Take theirs").click()
    expect(page.get_by_label("Title")).to_have_value("X")
    assert stored(plates[0]) == "X"


def test_an_expired_session_loses_nothing(page, plates, complaints, live_server):
    Session.objects.all().delete()
    page.get_by_label("Notes").fill("a long sentence")
    page.get_by_label("Notes").press("Tab")
    expect(state(page)).to_contain_text("no longer signed in")
    assert stored(plates[0], "notes") == ""
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Name").fill("curator")
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{live_server.url}{plates[0].get_absolute_url()}*")
    expect(page.locator(".conflict")).to_contain_text("a long sentence")
    expect(page.get_by_label("Notes")).to_have_value("")
    page.get_by_role("button", name="Put it back").click()
    expect(state(page)).to_contain_text("Saved")
    assert stored(plates[0], "notes") == "a long sentence"
    page.reload()
    expect(page.get_by_label("Notes")).to_have_value("a long sentence")
    expect(page.locator("[data-draft]")).to_have_count(0)


def test_a_server_that_is_away_is_asked_again(page, plates, complaints):
    line.cut(page, "**/describe/save/")
    complaints.clear()
    page.get_by_label("Notes").fill("patience")
    page.get_by_label("Notes").press("Tab")
    expect(state(page)).to_contain_text("the archive does not answer")
    page.reload()  # as one does
    expect(page.locator(".conflict")).to_contain_text("patience")
    page.get_by_role("button", name="Put it back").click()
    expect(state(page)).to_contain_text("the archive does not answer")
    page.unroute("**/describe/save/")
    expect(state(page)).to_contain_text("Saved")
    assert stored(plates[0], "notes") == "patience"
    forgive(complaints, "ERR_FAILED")


def test_what_cannot_be_meant_is_marked_and_the_rest_is_saved(page, plates):
    page.get_by_label("Place").fill("Leipzig")
    page.get_by_label("Date, EDTF").fill("nineteen")
    page.get_by_label("Notes").focus()
    expect(page.locator(".errorlist")).to_contain_text("is not an EDTF date")
    expect(state(page)).to_contain_text("see the fields that are marked")
    assert stored(plates[0], "place") == "Leipzig"
    page.get_by_label("Date, EDTF").fill("1923~")
    page.get_by_label("Notes").focus()
    expect(state(page)).to_contain_text("Saved")
    expect(page.locator(".errorlist")).to_have_count(0)
    assert stored(plates[0], "date_edtf") == "1923~"


def test_without_scripts_the_form_saves(browser, page, live_server, plates):
    still = browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    silent = still.new_page()
    silent.goto(live_server.url + plates[0].get_absolute_url())
    silent.get_by_label("Title").fill("By hand")
    silent.get_by_role("button", name="Save the description").click()
    expect(silent.locator("#messages")).to_contain_text("Saved the description")
    assert stored(plates[0]) == "By hand"
    still.close()


def test_a_date_is_understood_while_it_is_written_and_confirmed(page, plates):
    page.get_by_label("Date", exact=True).fill("um 1923")
    expect(page.locator("#date-reading")).to_contain_text("approximate")
    assert stored(plates[0], "date_edtf") == ""
    page.get_by_role("button", name="Confirm this reading").click()
    expect(page.get_by_label("Date, EDTF")).to_have_value("1923~")
    page.get_by_label("Notes").focus()
    expect(state(page)).to_contain_text("Saved")
    assert stored(plates[0], "date_edtf") == "1923~"
    assert stored(plates[0], "date_text") == "um 1923"
    page.get_by_text("What dates are understood").click()
    expect(page.locator(".date-forms")).to_contain_text("Anfang der 1920er Jahre")
