"""The review queue: its order, its filters, and going on after a decision."""

import pytest
from django.urls import reverse

from archive import review
from archive.review_queue import Queue, Show
from tests import catalogue
from tests.web import drawn

pytestmark = pytest.mark.django_db
ADDRESS = "/review/"


@pytest.fixture
def photographs():
    """Return four: tags, colour, both, nothing."""
    found = [catalogue.photograph(f"GB1/{n}") for n in range(1, 5)]
    drawn.suggestions(found[0], boat=0.9, sea=0.8)
    catalogue.colorization(catalogue.master(found[1]))
    drawn.suggestions(found[2], dog=0.7)
    catalogue.colorization(catalogue.master(found[2]))
    return found


@pytest.fixture
def desk(client, curator):
    client.force_login(curator)
    return client


def decide(client, thing, verb="accept", **words):
    kind = "suggestion" if hasattr(thing, "term") else "colorization"
    address = reverse(f"archive:{kind}_{verb}", args=[thing.pk])
    return client.post(address, {"queue": ""} | words, follow=True)


def shown(response):
    return response.context["photograph"]


def test_it_begins_with_the_first_that_waits(desk, photographs):
    response = desk.get(ADDRESS)
    assert shown(response) == photographs[0]
    assert response.context["counts"] == {"tags": 3, "colour": 2}
    assert response.context["next_address"] == f"{ADDRESS}?at={photographs[1].pk}"
    assert response.context["previous_address"] == ""


def test_keys_are_declared_on_the_buttons(desk, data_dir, tmp_path):
    photograph = drawn.photograph(tmp_path)
    drawn.colours(photograph)
    drawn.suggestions(photograph, boat=0.9, sea=0.8)
    drawn.suggestions(catalogue.photograph("GB1/99"), boat=0.9)
    page = desk.get(ADDRESS).content.decode()
    for key in ("A", "X", "U", "1", "2", "C", "Space", "?", "J ArrowRight"):
        assert f'aria-keyshortcuts="{key}"' in page
    assert page.count('aria-keyshortcuts="A"') == 1


def test_deciding_stays_until_nothing_waits_then_goes_on(desk, photographs):
    boat, sea = photographs[0].suggestions.order_by("-score")
    assert shown(decide(desk, boat)) == photographs[0]
    assert shown(decide(desk, sea, "reject")) == photographs[1]


def test_the_end_begins_again_with_what_was_skipped(desk, photographs):
    colours = photographs[2].masters.get().derivatives.get()
    tag = photographs[2].suggestions.get()
    decide(desk, colours)
    assert shown(decide(desk, tag)) == photographs[0]


def test_the_end_of_everything_says_so(desk, photographs):
    for photograph in photographs:
        photograph.suggestions.update(state="rejected")
    only = photographs[1].masters.get().derivatives.get()
    photographs[2].masters.get().derivatives.update(review_state="rejected")
    response = decide(desk, only)
    assert shown(response) is None
    assert "Nothing waits for review" in response.content.decode()


def test_undo_takes_the_last_decision_back_and_shows_it(desk, photographs):
    boat, sea = photographs[0].suggestions.order_by("-score")
    decide(desk, boat)
    decide(desk, sea, "reject")
    undo = reverse("archive:review_undo")
    assert shown(desk.post(undo, {"queue": ""}, follow=True)) == photographs[0]
    sea.refresh_from_db()
    assert sea.state == "awaiting"
    desk.post(undo, {"queue": ""})
    boat.refresh_from_db()
    assert boat.state == "awaiting"
    assert desk.get(ADDRESS).context["last"] is None
    answer = desk.post(undo, {"queue": ""}, follow=True).content.decode()
    assert "no decision of this sitting" in answer


def test_undo_is_told_when_someone_else_took_it_back_first(desk, curator, photographs):
    boat = photographs[0].suggestions.first()
    decide(desk, boat)
    review.undo_suggestion(boat, by=curator)
    answer = desk.post(reverse("archive:review_undo"), {"queue": ""}, follow=True)
    assert "Nothing was changed" in answer.content.decode()
    assert answer.context["last"] is None


def test_undo_needs_the_right_and_a_post(client, cataloguer, curator):
    client.force_login(cataloguer)
    assert client.post(reverse("archive:review_undo")).status_code == 403
    assert client.get(ADDRESS).status_code == 403
    client.force_login(curator)
    assert client.get(reverse("archive:review_undo")).status_code == 405
    assert client.post(ADDRESS).status_code == 405


def test_a_conflict_is_a_sentence_and_nothing_moves(desk, curator, photographs):
    boat = photographs[0].suggestions.first()
    review.accept_suggestion(boat, by=curator)
    response = decide(desk, boat, "reject")
    assert "Nothing was changed" in response.content.decode()
    assert shown(response) == photographs[0]
    boat.refresh_from_db()
    assert boat.state == "accepted"


def test_previous_leads_to_what_was_just_decided(desk, photographs):
    for suggestion in photographs[0].suggestions.all():
        response = decide(desk, suggestion)
    before = f"{ADDRESS}?at={photographs[0].pk}"
    assert response.context["previous_address"] == before


@pytest.mark.parametrize(
    ("show", "first"), [("tags", 0), ("colour", 1), ("all", 0), ("nonsense", 0)]
)
def test_it_can_ask_for_one_kind_of_decision(desk, photographs, show, first):
    response = desk.get(ADDRESS, {"show": show})
    assert shown(response) == photographs[first]


def test_it_can_keep_to_a_collection(desk, photographs):
    other = catalogue.collection("GB2")
    inside = catalogue.photograph("GB2/1", other)
    drawn.suggestions(inside, boat=0.6)
    response = desk.get(ADDRESS, {"collection": other.pk})
    assert shown(response) == inside
    assert response.context["counts"]["tags"] == 1
    assert response.context["next_address"] == ""


@pytest.mark.parametrize("at", ["999", "x", "9" * 30, "-1"])
def test_an_address_that_leads_nowhere_begins_anew(desk, photographs, at):
    assert shown(desk.get(ADDRESS, {"at": at})) == photographs[0]


def test_the_next_two_are_fetched_beforehand(desk, data_dir, tmp_path):
    for number in range(4):
        drawn.colours(drawn.photograph(tmp_path, number))
    response = desk.get(ADDRESS)
    assert len(response.context["preload"]) == 4
    for key in response.context["preload"]:
        assert reverse("archive:derivative", args=[key]) in response.content.decode()


def test_the_queue_seeks_both_ways(photographs):
    first, second, third, nothing = (photograph.pk for photograph in photographs)
    queue = Queue()
    assert queue.following(0, 9) == [first, second, third]
    assert queue.following(third) == []
    assert queue.preceding(nothing) == third
    assert queue.preceding(first) is None
    assert Queue(Show.COLOUR).following(0, 9) == [second, third]
    assert Queue(Show.TAGS).preceding(nothing) == third
    assert not queue.still_asks(nothing)
