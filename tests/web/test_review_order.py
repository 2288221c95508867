"""The orders of the review queue, and one decision for photographs that look alike."""

import pytest
from django.urls import reverse

from archive import alike, review, review_order, together
from archive.models import Photograph, ReviewBatch, Suggestion
from archive.review_queue import Order, Queue, Show
from archive.vocabularies import ReviewState
from tests import catalogue
from tests.web import drawn

pytestmark = pytest.mark.django_db
ADDRESS = "/review/"


@pytest.fixture
def desk(client, curator):
    client.force_login(curator)
    return client


@pytest.fixture
def four():
    """Return four; the third is the least certain, the second and fourth are alike."""
    found = [catalogue.photograph(f"GB1/{n}") for n in range(1, 5)]
    for photograph, scores in zip(
        found,
        ({"boat": 0.9}, {"boat": 0.7, "sea": 0.8}, {"dog": 0.52}, {"boat": 0.95}),
        strict=True,
    ):
        drawn.suggestions(photograph, **scores)
    catalogue.colorization(catalogue.master(found[3]))
    review_order.settle_tags([each.pk for each in found])
    for photograph, look in zip(found, (1, 2, 1, 2), strict=True):
        Photograph.objects.filter(pk=photograph.pk).update(look=found[look - 1].pk)
    return found


def keys(photographs, *places):
    return [photographs[place].pk for place in places]


def test_the_least_certain_come_first(four):
    queue = Queue(order=Order.UNSURE)
    assert queue.following(0, 9) == keys(four, 2, 1, 0, 3)
    assert queue.following(four[1].pk, 2) == keys(four, 0, 3)
    assert queue.preceding(four[0].pk) == four[1].pk
    assert queue.preceding(four[2].pk) is None
    decided = {four[2].pk, four[3].pk}
    assert queue.preceding(four[1].pk, decided) == four[2].pk


def test_colours_have_a_doubt_of_their_own(four):
    catalogue.colorization(catalogue.master(four[0]))
    review_order.settle_colours(four[3].pk, 0.1)
    review_order.settle_colours(four[0].pk, 0.3)
    assert Queue(Show.COLOUR, order=Order.UNSURE).following(0, 9) == keys(four, 3, 0)
    assert Queue(Show.TAGS, order=Order.UNSURE).following(0, 1) == keys(four, 2)
    assert Queue(order=Order.UNSURE).following(0, 2) == keys(four, 2, 3)


def test_what_is_alike_comes_together(four):
    assert Queue(order=Order.ALIKE).following(0, 9) == keys(four, 0, 2, 1, 3)
    elsewhere = catalogue.collection("GB9")
    assert Queue(collection=elsewhere, order=Order.ALIKE).following(0) == []


def test_deciding_does_not_change_the_place(four, curator):
    queue = Queue(order=Order.UNSURE)
    for suggestion in four[2].suggestions.all():
        together.decide_suggestions(
            [suggestion.pk], ReviewState.REJECTED, by=curator, words="x"
        )
    assert queue.following(four[2].pk) == keys(four, 1)
    assert queue.following(0) == keys(four, 1)


def test_saving_a_photograph_does_not_bring_an_old_place_back(four):
    stale = Photograph.objects.get(pk=four[0].pk)
    Photograph.objects.filter(pk=four[0].pk).update(doubt=0.25, look=77)
    stale.title = "A new one"
    stale.save()
    stale.refresh_from_db()
    assert (stale.doubt, stale.look, stale.title) == (0.25, 77, "A new one")


def test_the_order_is_in_the_address_and_remembered(desk, four):
    response = desk.post(reverse("archive:review_order"), {"review_order": "unsure"})
    assert response.url == f"{ADDRESS}?order=unsure"
    page = desk.get(ADDRESS)
    assert page.context["photograph"] == four[2]
    assert "order=unsure" in page.context["next_address"]
    came = desk.get(ADDRESS, {"order": "came"})
    assert came.context["photograph"] == four[0]
    assert "order=came" in came.context["next_address"]
    assert desk.get(ADDRESS, {"order": "nonsense"}).context["photograph"] == four[2]


def test_the_order_is_each_persons_own(client, desk, four, administrator):
    desk.post(reverse("archive:review_order"), {"review_order": "alike"})
    client.force_login(administrator)
    assert client.get(ADDRESS).context["queue"].order == Order.CAME


def test_choosing_an_order_needs_the_right_and_a_post(client, desk, cataloguer):
    address = reverse("archive:review_order")
    assert desk.get(address).status_code == 405
    client.force_login(cataloguer)
    assert client.post(address).status_code == 403


def test_a_group_shows_every_member_that_waits(desk, four):
    response = desk.get(ADDRESS, {"order": "alike", "at": four[1].pk})
    group = response.context["group"]
    shown = [member.cell.photograph for member in group.members]
    assert shown == [four[1], four[3]]
    assert group.known
    page = response.content.decode()
    assert "Accept in all 2" in page
    assert page.count('aria-keyshortcuts="Shift+A"') <= 1


def test_without_a_look_the_same_hash_makes_a_group(four):
    Photograph.objects.update(look=0)
    catalogue.master(four[0], perceptual_hash="0f0f0f0f0f0f0f0f")
    catalogue.master(four[2], perceptual_hash="0f0f0f0f0f0f0f0f")
    group = alike.group_of(Photograph.objects.get(pk=four[0].pk))
    assert [m.cell.photograph for m in group.members] == [four[0], four[2]]
    assert not group.known


def decide(desk, four, decision, kind="suggestion", each=None, at=1):
    if each is None:
        found = Suggestion.objects.filter(term__label="boat", photograph__in=four[1:])
        each = list(found.values_list("pk", flat=True))
    address = reverse("archive:review_together")
    words = {"queue": "", "order": "alike", "at": four[at].pk, "kind": kind}
    return desk.post(
        address, {**words, "decision": decision, "each": each}, follow=True
    )


def states(label):
    found = Suggestion.objects.filter(term__label=label).order_by("pk")
    return list(found.values_list("state", flat=True))


def test_one_decision_is_taken_for_a_group_and_undone_with_one_key(desk, four):
    response = decide(desk, four, "accepted")
    assert states("boat") == ["awaiting", "accepted", "accepted"]
    assert four[3].assignments.get().term.label == "boat"
    assert response.context["last"].deed == "Accepted “boat” on 2 photographs"
    assert response.context["photograph"] == four[1]  # where "sea" waits still
    events = four[3].events.filter(action="accepted")
    assert events.get().changes == {"suggestion": ["awaiting", "accepted"]}
    desk.post(reverse("archive:review_undo"), {"queue": ""})
    assert states("boat") == ["awaiting"] * 3
    assert not four[3].assignments.exists()
    assert ReviewBatch.objects.get().undone_at


def test_a_group_can_be_rejected(desk, four):
    decide(desk, four, "rejected")
    assert states("boat") == ["awaiting", "rejected", "rejected"]
    assert not four[1].assignments.exists()


def test_the_colours_of_a_group(desk, four):
    catalogue.colorization(catalogue.master(four[1]))
    each = [
        one.masters.get().derivatives.colorizations().get().pk
        for one in (four[1], four[3])
    ]
    decide(desk, four, "accepted", kind="colorization", each=each)
    for one in (four[1], four[3]):
        assert one.masters.get().derivatives.get().review_state == "accepted"
    desk.post(reverse("archive:review_undo"), {"queue": ""})
    for one in (four[1], four[3]):
        assert one.masters.get().derivatives.get().review_state == "awaiting"


def test_what_another_decided_meanwhile_stays(desk, four, administrator):
    other = four[3].suggestions.get()
    together.decide_suggestions(
        [other.pk], ReviewState.REJECTED, by=administrator, words="x"
    )
    response = decide(desk, four, "accepted")
    other.refresh_from_db()
    assert (other.state, other.decided_by) == ("rejected", administrator)
    assert "1 of them had been decided on meanwhile" in response.content.decode()
    assert "none of these waits" in decide(desk, four, "accepted").content.decode()


def test_an_undone_batch_leaves_what_was_decided_since(desk, four, administrator):
    decide(desk, four, "accepted")
    batch = ReviewBatch.objects.get()
    mine = four[3].suggestions.get()
    review.undo_suggestion(mine, by=administrator)
    review.reject_suggestion(mine, by=administrator)
    assert together.undo(batch, by=administrator) == 1
    assert states("boat") == ["awaiting", "awaiting", "rejected"]


def test_deciding_together_needs_the_right_and_a_post(client, desk, cataloguer, four):
    address = reverse("archive:review_together")
    assert desk.get(address).status_code == 405
    assert desk.post(address, {"at": 999}).status_code == 404
    client.force_login(cataloguer)
    assert client.post(address).status_code == 403
