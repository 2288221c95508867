"""Accepting together above a threshold, undoing it, and the page of machine's words."""

import re

import pytest
from django.urls import reverse

from archive import machine_words, review
from archive.models import Assignment, MachineWord, ReviewBatch, Suggestion
from tests import catalogue
from tests.web import drawn

pytestmark = pytest.mark.django_db
BATCH, WORDS = "/review/batch/", "/review/words/"


@pytest.fixture
def desk(client, curator):
    client.force_login(curator)
    return client


@pytest.fixture
def five():
    """Return five with boats, surer from one to the next, and seas."""
    found = [catalogue.photograph(f"GB1/{n}", title=f"Plate {n}") for n in range(5)]
    for number, photograph in enumerate(found):
        drawn.suggestions(photograph, boat=0.5 + number / 10, sea=0.55)
    return found


def shown(desk, **words):
    return desk.get(BATCH, {"look": "1", **words})


def accept(desk, page, **words):
    fingerprint = page.context["preview"].fingerprint
    words = {**page.context["criteria"].words, "shown": fingerprint, **words}
    return desk.post(reverse("archive:review_batch_accept"), words, follow=True)


def test_it_shows_exactly_what_it_would_accept_and_changes_nothing(desk, five):
    page = shown(desk, **{"from": "70"})
    preview = page.context["preview"]
    assert preview.terms == [("boat", 3)]
    assert [cell.photograph for cell, _ in preview.shown] == five[4:1:-1]
    assert "3 suggestions on 3 photographs would be accepted" in page.content.decode()
    assert "Accept these 3" in page.content.decode()
    assert not Assignment.objects.exists()
    assert shown(desk, **{"from": "99"}).context["preview"].keys == []


def test_it_accepts_that_and_undoes_all_of_it(desk, five):
    response = accept(desk, shown(desk, **{"from": "70"}))
    assert "Accepted 3 suggestions together" in response.content.decode()
    assert Assignment.objects.count() == 3
    assert Suggestion.objects.awaiting().count() == 7
    batch = ReviewBatch.objects.get()
    undo = reverse("archive:review_batch_undo", args=[batch.pk])
    assert "3 of 3 wait again" in desk.post(undo, follow=True).content.decode()
    assert not Assignment.objects.exists()
    assert Suggestion.objects.awaiting().count() == 10
    assert "undone already" in desk.post(undo, follow=True).content.decode()
    assert "Undone by" in desk.get(BATCH).content.decode()


def test_what_changed_since_is_shown_again_and_not_accepted(desk, five, curator):
    page = shown(desk, **{"from": "70"})
    review.reject_suggestion(
        five[4].suggestions.get(term__label="boat"), by=curator, reason="a raft"
    )
    response = accept(desk, page)
    assert "something else waits now" in response.content.decode()
    assert len(response.context["preview"].keys) == 2
    assert not Assignment.objects.exists()


def test_a_word_and_a_collection_narrow_it(desk, five):
    elsewhere = catalogue.collection("GB2")
    drawn.suggestions(catalogue.photograph("GB2/1", elsewhere), boat=0.95, sea=0.9)
    sea = MachineWord.objects.get(term__label="sea")
    page = shown(desk, **{"from": "50", "term": sea.pk, "collection": elsewhere.pk})
    assert page.context["preview"].terms == [("sea", 1)]


def test_without_a_score_each_word_counts_from_its_own(desk, five, curator):
    assert shown(desk).context["preview"].keys == []
    boat = MachineWord.objects.get(term__label="boat")
    machine_words.settle(boat, {"threshold": 0.85}, revision=0, by=curator)
    assert shown(desk).context["preview"].terms == [("boat", 1)]
    assert "each word’s threshold" in accept(desk, shown(desk)).content.decode()


def test_a_restriction_and_a_block_are_obeyed(desk, five, curator):
    five[4].do_not_tag = True
    five[4].save()
    page = shown(desk, **{"from": "70"})
    assert (len(page.context["preview"].keys), page.context["preview"].restricted) == (
        2,
        1,
    )
    assert "1 suggestion is left out" in page.content.decode()
    boat = MachineWord.objects.get(term__label="boat")
    machine_words.settle(boat, {"blocked": True}, revision=0, by=curator)
    assert shown(desk, **{"from": "70"}).context["preview"].keys == []


@pytest.mark.parametrize("score", ["x", "-1", "101", "nan"])
def test_a_threshold_that_is_none_is_a_sentence(desk, five, score):
    page = shown(desk, **{"from": score})
    assert "Give the threshold in per cent" in page.content.decode()
    assert "preview" not in page.context


def test_who_may_and_how(client, desk, cataloguer, five):
    addresses = [
        reverse("archive:review_batch_accept"),
        reverse("archive:review_batch_undo", args=[1]),
        reverse("archive:machine_words_learn"),
        reverse("archive:machine_word_settle", args=[1]),
        reverse("archive:machine_word_undo", args=[1]),
    ]
    for address in addresses:
        assert desk.get(address).status_code == 405
    for address in addresses[1:2] + addresses[3:]:
        assert desk.post(address.replace("1", "999")).status_code == 404
    client.force_login(cataloguer)
    for address in addresses:
        assert client.post(address).status_code == 403
    for address in (BATCH, WORDS):
        assert client.get(address).status_code == 403


def settle(desk, word, **values):
    word.refresh_from_db()
    address = reverse("archive:machine_word_settle", args=[word.pk])
    values = {"revision": word.revision, **values}
    return desk.post(address, values, follow=True).content.decode()


def test_words_are_mapped_blocked_and_trusted_on_their_page(desk, five):
    boat = MachineWord.objects.get(term__label="boat")
    assert "Settled how “boat” is taken" in settle(desk, boat, label="Schiffe")
    page = settle(desk, boat, threshold="82,5 %")
    assert 'value="82.5"' in page
    assert "Set by a person." in page
    assert "Let it again" in settle(desk, boat, blocked="on")
    boat.refresh_from_db()
    assert (boat.means.label, boat.threshold, boat.blocked) == ("Schiffe", 0.825, True)
    assert boat.means.vocabulary == "local"
    undo = reverse("archive:machine_word_undo", args=[boat.pk])
    desk.post(undo, {"revision": boat.revision})
    boat.refresh_from_db()
    assert not boat.blocked
    assert "Give the threshold in per cent" in settle(desk, boat, threshold="much")
    stale = settle(desk, boat, revision="0", threshold="10")
    assert "somebody settled this word meanwhile" in stale


def test_the_page_tells_what_a_threshold_rests_on(desk, curator):
    for number in range(12):
        photograph = catalogue.photograph(f"GB1/{number}")
        drawn.suggestions(photograph, boat=0.7 + number / 100)
        review.accept_suggestion(photograph.suggestions.get(), by=curator)
    answer = desk.post(reverse("archive:machine_words_learn"), follow=True)
    page = re.sub(r"\s+", " ", answer.content.decode())
    assert "1 words have a threshold learnt" in page
    assert "on 12 accepted and 0 rejected at or above it" in page


def test_suggestions_show_the_archives_own_term(desk, five, curator):
    boat = MachineWord.objects.get(term__label="boat")
    settle(desk, boat, label="Schiffe")
    page = desk.get(five[0].get_absolute_url()).content.decode()
    assert "Schiffe" in page
    assert "machine: boat" in page
