"""A review session, wholly by keyboard."""

import pytest
from playwright.sync_api import expect

from archive import review
from archive.models import Suggestion
from tests.browser import seen


@pytest.fixture
def plates(transactional_db, data_dir, tmp_path):
    return seen.shelf(tmp_path)


@pytest.fixture
def queue(plates, curator, sign_in):
    page = sign_in("curator", "/review/")
    expect(title(page)).to_have_text("Plate 1")
    return page


def title(page):
    return page.locator("#review-title")


def last(page):
    return page.locator(".review-last [role=status]")


def marked(page):
    return page.locator(".review-decisions [aria-current]")


def states(photograph):
    found = [each.state for each in photograph.suggestions.order_by("-score")]
    front = photograph.masters.get()
    return [front.derivatives.colorizations().get().review_state, *found]


def press_at_the_next_swap(page, key):
    """Have a key pressed when an answer is there, but not yet settled."""
    page.evaluate(
        """(key) => document.addEventListener("htmx:afterSwap", () => {
          const pressed = new KeyboardEvent("keydown", { key, bubbles: true });
          document.body.dispatchEvent(pressed);
        }, { once: true })""",
        key,
    )


def test_accept_reject_undo_and_on_to_the_next(queue, plates):
    expect(marked(queue)).to_contain_text("Colours")
    queue.keyboard.press("a")
    expect(last(queue)).to_contain_text("Accepted the colours")
    expect(marked(queue)).to_contain_text("boat")
    queue.keyboard.press("x")
    expect(last(queue)).to_contain_text("Rejected “boat”")
    queue.keyboard.press("u")
    expect(last(queue)).to_contain_text("Accepted the colours")
    assert states(plates[0]) == ["accepted", "awaiting", "awaiting"]
    queue.keyboard.press("a")
    expect(last(queue)).to_contain_text("Accepted “boat”")
    queue.keyboard.press("x")
    expect(title(queue)).to_have_text("Plate 2")
    assert states(plates[0]) == ["accepted", "accepted", "rejected"]
    queue.keyboard.press("u")
    expect(title(queue)).to_have_text("Plate 1")
    assert states(plates[0]) == ["accepted", "accepted", "awaiting"]


def test_keys_typed_ahead_are_obeyed_but_never_for_a_picture_unseen(queue, plates):
    for key in "aaaaa":
        queue.keyboard.press(key)
    expect(title(queue)).to_have_text("Plate 2")
    expect(marked(queue)).to_contain_text("Colours")
    assert states(plates[0]) == ["accepted"] * 3
    assert states(plates[1]) == ["awaiting"] * 3


def test_arrows_typed_ahead_mark_what_they_would_have_marked(queue, plates):
    for key in ("a", "ArrowDown", "x"):
        queue.keyboard.press(key)
    expect(last(queue)).to_contain_text("Rejected “sea”")
    assert states(plates[0]) == ["accepted", "awaiting", "rejected"]


def test_a_key_counts_as_soon_as_its_picture_is_there(queue, plates):
    press_at_the_next_swap(queue, "x")
    queue.keyboard.press("j")
    expect(last(queue)).to_contain_text("Rejected the colours")
    expect(title(queue)).to_have_text("Plate 2")
    assert states(plates[1])[0] == "rejected"
    assert states(plates[0]) == ["awaiting"] * 3


def test_a_key_is_for_what_is_marked_once_the_answer_stands(queue, plates):
    queue.keyboard.press("ArrowDown")
    press_at_the_next_swap(queue, "x")
    queue.keyboard.press("a")
    expect(last(queue)).to_contain_text("Rejected “sea”")
    assert states(plates[0]) == ["awaiting", "accepted", "rejected"]


def test_moving_marks_and_goes_back_to_what_was_decided(queue):
    queue.keyboard.press("j")
    expect(title(queue)).to_have_text("Plate 2")
    queue.keyboard.press("ArrowRight")
    expect(title(queue)).to_have_text("Plate 3")
    queue.keyboard.press("k")
    expect(title(queue)).to_have_text("Plate 2")
    queue.keyboard.press("ArrowDown")
    expect(marked(queue)).to_contain_text("boat")
    queue.keyboard.press("ArrowUp")
    expect(marked(queue)).to_contain_text("Colours")
    queue.reload()
    expect(title(queue)).to_have_text("Plate 2")


def test_the_mark_goes_on_from_where_the_decision_was(queue, plates):
    queue.keyboard.press("ArrowDown")
    queue.keyboard.press("a")
    expect(last(queue)).to_contain_text("Accepted “boat”")
    expect(marked(queue)).to_contain_text("sea")
    assert states(plates[0]) == ["awaiting", "accepted", "awaiting"]


def test_numbers_toggle_the_suggested_terms(queue, plates):
    queue.keyboard.press("2")
    expect(last(queue)).to_contain_text("Accepted “sea”")
    assert states(plates[0]) == ["awaiting", "awaiting", "accepted"]
    queue.keyboard.press("2")
    expect(last(queue)).to_contain_text("Nothing decided")
    assert states(plates[0]) == ["awaiting", "awaiting", "awaiting"]


def test_holding_space_shows_the_original_and_c_goes_round(queue):
    colour = queue.locator(".in-colour")
    expect(colour).to_be_visible()
    queue.keyboard.down(" ")
    expect(colour).to_be_hidden()
    queue.keyboard.up(" ")
    expect(colour).to_be_visible()
    for way in ("Blink", "Side by side", "Divider"):
        queue.keyboard.press("c")
        expect(queue.get_by_label(way, exact=True)).to_be_checked()


def test_space_never_presses_the_button_that_has_the_focus(queue, plates):
    queue.get_by_role("button", name="Accept the colours").focus()
    queue.keyboard.press(" ")
    queue.keyboard.press("?")
    expect(queue.get_by_role("dialog")).to_be_visible()
    queue.keyboard.press("Escape")
    assert states(plates[0]) == ["awaiting"] * 3
    queue.keyboard.press("/")
    expect(queue.locator("#find")).to_be_focused()
    queue.keyboard.type("axu")
    assert states(plates[0]) == ["awaiting"] * 3


def test_what_another_curator_decided_is_said_and_kept(queue, plates, curator):
    boat = Suggestion.objects.get(photograph=plates[0], term__label="boat")
    review.reject_suggestion(boat, by=curator)
    queue.keyboard.press("1")
    expect(queue.locator("#messages")).to_contain_text("Nothing was changed")
    boat.refresh_from_db()
    assert boat.state == "rejected"


def test_the_pictures_of_the_next_two_are_there_already(queue):
    queue.wait_for_load_state("networkidle")
    fetched = queue.evaluate(
        "performance.getEntriesByType('resource')"
        ".filter(one => one.name.includes('/derivatives/')).length"
    )
    assert fetched == 6


def test_nothing_moves_when_a_decision_is_made(queue):
    queue.wait_for_load_state("networkidle")
    before = queue.locator(".compare-stage").bounding_box()
    plate = queue.locator(".compare-plate").first.bounding_box()
    queue.keyboard.press("a")
    expect(last(queue)).to_contain_text("Accepted")
    assert queue.locator(".compare-stage").bounding_box() == before
    assert queue.locator(".compare-plate").first.bounding_box() == plate
