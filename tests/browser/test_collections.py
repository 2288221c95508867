"""The tree of collections: moved by hand, by key, and refused with a sentence."""

import pytest
from playwright.sync_api import expect

from archive.models import Collection, Event
from tests import catalogue


@pytest.fixture
def tree(transactional_db):
    fonds = catalogue.collection("F", title="Kessler family")
    return {
        "F": fonds,
        "F/1": catalogue.collection("F/1", parent=fonds, level="series"),
        "G": catalogue.collection("G", title="Studio Beato"),
    }


def above(one: Collection) -> str:
    parent = Collection.objects.get_parent(Collection.objects.get(pk=one.pk))
    return parent.reference_code if parent else ""


def row(page, one: Collection):
    return page.locator(f"#collection-{one.pk}")


def test_it_is_moved_by_dragging_its_row(tree, cataloguer, sign_in):
    page = sign_in("cataloguer", "/collections/")
    row(page, tree["F/1"]).drag_to(row(page, tree["G"]))
    expect(page.get_by_text("F/1 now stands below G Studio Beato.")).to_be_visible()
    assert above(tree["F/1"]) == "G"
    assert Event.objects.get(action="moved").agent.username == "cataloguer"


def test_it_is_moved_by_keys_alone(tree, cataloguer, sign_in):
    page = sign_in("cataloguer", "/collections/")
    row(page, tree["F/1"]).get_by_role("button", name="Move F/1").focus()
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("status").filter(has_text="F/1 is taken up")
    ).to_be_visible()
    page.keyboard.press("Escape")
    expect(row(page, tree["F/1"]).locator("[data-carry]")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_have_accessible_name(
        "Put F/1 below G Studio Beato"
    )
    page.keyboard.press("Enter")
    expect(page.get_by_text("F/1 now stands below G Studio Beato.")).to_be_visible()
    expect(row(page, tree["F/1"]).locator("[data-carry]")).to_be_focused()
    assert above(tree["F/1"]) == "G"


def test_what_cannot_be_is_refused_with_a_sentence(tree, cataloguer, sign_in):
    page = sign_in("cataloguer", "/collections/")
    row(page, tree["F"]).drag_to(row(page, tree["F/1"]))
    expect(
        page.get_by_text("F Kessler family cannot be moved into itself")
    ).to_be_visible()
    assert above(tree["F"]) == ""


def test_it_is_put_at_the_top(tree, cataloguer, sign_in):
    page = sign_in("cataloguer", "/collections/")
    page.get_by_role("button", name="Move F/1").click()
    page.get_by_role("button", name="Put it at the top").click()
    expect(page.get_by_text("F/1 now stands at the top.")).to_be_visible()
    assert above(tree["F/1"]) == ""


def test_who_may_not_change_the_tree_is_offered_nothing(tree, viewer, sign_in):
    page = sign_in("viewer", "/collections/")
    expect(page.get_by_role("button", name="Move F/1")).to_have_count(0)
    expect(row(page, tree["F"])).not_to_have_attribute("draggable", "true")


def test_a_branch_is_folded_and_stays_so(tree, viewer, sign_in):
    below = catalogue.collection("F/1/1", parent=tree["F/1"], level="file")
    page = sign_in("viewer", "/collections/")
    expect(page.locator(".twist")).to_have_count(2)
    twist = page.get_by_role("button", name="What stands below Kessler family")
    expect(twist).to_have_attribute("aria-expanded", "true")
    twist.focus()
    page.keyboard.press("ArrowLeft")
    expect(twist).to_have_attribute("aria-expanded", "false")
    expect(row(page, tree["F/1"])).to_be_hidden()
    expect(row(page, below)).to_be_hidden()
    expect(row(page, tree["G"])).to_be_visible()
    page.reload()
    expect(row(page, tree["F/1"])).to_be_hidden()
    page.goto(f"{page.url}#collection-{below.pk}")
    page.reload()
    expect(row(page, below)).to_be_visible()
    twist.click()
    expect(row(page, below)).to_be_hidden()
