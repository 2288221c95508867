"""Review: drafts, decisions, and taking them back."""

import datetime as dt

import pytest

from archive import describing, publishing, review
from archive.errors import NotInThisState
from archive.models import Assignment
from archive.vocabularies import ReviewState, Rights
from tests import catalogue

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


def suggest(photograph, model=catalogue.MODEL, **scores):
    """Let a model suggest terms by their labels."""
    found = {describing.create_term(label): score for label, score in scores.items()}
    return review.record_suggestions(
        photograph, found, model=model, result_id=None, at=NOW
    )


@pytest.fixture
def photograph():
    return catalogue.photograph()


@pytest.fixture
def suggestion(photograph):
    suggest(photograph, boat=0.9)
    return photograph.suggestions.get()


def test_suggestions_wait_with_their_model(photograph):
    assert suggest(photograph, boat=0.9, sea=0.7) == 2
    boat = photograph.suggestions.get(term__label="boat")
    assert (boat.model_name, boat.model_sha256) == ("drawn-tagger", "ab" * 32)
    assert boat.state == ReviewState.AWAITING
    assert photograph.events.get().software == "drawn-tagger 1"


def test_running_again_refreshes_the_score_and_doubles_nothing(photograph):
    suggest(photograph, boat=0.9)
    suggest(photograph, boat=0.8)
    assert photograph.suggestions.get().score == 0.8


def test_what_the_model_no_longer_suggests_steps_aside_and_may_return(photograph):
    suggest(photograph, boat=0.9)
    assert suggest(photograph, sea=0.9) == 1
    assert photograph.suggestions.get(term__label="boat").state == "superseded"
    assert suggest(photograph, boat=0.9, sea=0.9) == 2


def test_accepting_assigns_the_term(photograph, suggestion, curator):
    review.accept_suggestion(suggestion, by=curator)
    assignment = photograph.assignments.get()
    assert (assignment.term, assignment.assigned_by) == (suggestion.term, curator)
    assert suggestion.decided_by == curator
    event = photograph.events.first()
    assert (event.action, event.term) == ("accepted", suggestion.term)


def test_a_rejected_suggestion_stays_rejected_for_every_later_model(
    photograph, suggestion, curator
):
    review.reject_suggestion(suggestion, by=curator, reason="a raft")
    suggest(photograph, boat=0.99)
    suggest(photograph, review.Model("newer", "2", "cd" * 32), boat=1.0)
    suggestion.refresh_from_db()
    assert suggestion.state == ReviewState.REJECTED
    assert suggestion.decision_reason == "a raft"
    assert suggestion.score == 0.9


def test_an_assigned_term_is_not_suggested(photograph, curator):
    describing.assign_term(photograph, describing.create_term("boat"), by=curator)
    assert suggest(photograph, boat=0.9) == 0
    assert not photograph.suggestions.exists()


def test_a_decision_is_made_once(suggestion, curator, cataloguer):
    review.accept_suggestion(suggestion, by=curator)
    with pytest.raises(NotInThisState, match="Accepted"):
        review.reject_suggestion(suggestion, by=cataloguer)
    assert Assignment.objects.count() == 1


@pytest.mark.parametrize("decide", [review.accept_suggestion, review.reject_suggestion])
def test_a_decision_can_be_taken_back(photograph, suggestion, curator, decide):
    decide(suggestion, by=curator)
    review.undo_suggestion(suggestion, by=curator)
    assert suggestion.state == ReviewState.AWAITING
    assert suggestion.decided_by is None
    assert not photograph.assignments.exists()
    assert photograph.events.first().action == "decision undone"


def test_there_must_be_a_decision_to_take_back(suggestion, curator):
    with pytest.raises(NotInThisState):
        review.undo_suggestion(suggestion, by=curator)


@pytest.fixture
def colorization(photograph):
    return catalogue.colorization(catalogue.master(photograph))


def test_accepting_a_colorization_supersedes_the_earlier_one(colorization, curator):
    review.accept_colorization(colorization, by=curator)
    newer = catalogue.colorization(colorization.master, made_by="newer 2")
    review.accept_colorization(newer, by=curator)
    colorization.refresh_from_db()
    assert colorization.review_state == ReviewState.SUPERSEDED
    assert newer.review_state == ReviewState.ACCEPTED
    review.undo_colorization(newer, by=curator)
    colorization.refresh_from_db()
    assert colorization.review_state == ReviewState.ACCEPTED
    assert newer.review_state == ReviewState.AWAITING


def test_a_rejected_colorization_can_be_taken_back(colorization, curator):
    review.reject_colorization(colorization, by=curator, reason="purple")
    assert colorization.decision_reason == "purple"
    review.undo_colorization(colorization, by=curator)
    assert colorization.review_state == ReviewState.AWAITING
    actions = [event.action for event in colorization.events.all()]
    assert actions == ["decision undone", "rejected"]


def test_a_colorization_is_decided_once(colorization, curator):
    review.reject_colorization(colorization, by=curator)
    with pytest.raises(NotInThisState, match="Rejected"):
        review.accept_colorization(colorization, by=curator)


def test_an_undecided_colorization_cannot_be_undone(colorization, curator):
    with pytest.raises(NotInThisState, match="Awaiting"):
        review.undo_colorization(colorization, by=curator)


def test_older_waiting_colorizations_step_aside(colorization, curator):
    decided = catalogue.colorization(colorization.master)
    review.reject_colorization(decided, by=curator)
    newest = catalogue.colorization(colorization.master)
    review.offer_colorization(newest)
    states = {d.pk: d.review_state for d in colorization.master.derivatives.all()}
    assert states == {
        colorization.pk: "superseded",
        decided.pk: "rejected",
        newest.pk: "awaiting",
    }


def test_a_colorization_made_again_is_offered_again_unless_decided(
    colorization, curator
):
    newer = catalogue.colorization(colorization.master)
    review.offer_colorization(newer)
    review.offer_colorization(colorization)
    newer.refresh_from_db()
    assert colorization.review_state == ReviewState.AWAITING
    assert newer.review_state == ReviewState.SUPERSEDED
    review.reject_colorization(colorization, by=curator)
    review.offer_colorization(newer)
    review.offer_colorization(colorization)
    newer.refresh_from_db()
    assert colorization.review_state == ReviewState.REJECTED
    assert newer.review_state == ReviewState.AWAITING


def test_a_published_colorization_is_withdrawn_first(photograph, colorization, curator):
    review.accept_colorization(colorization, by=curator)
    described = {"title": "Boat", "rights": Rights.CC0.value}
    photograph = describing.describe(photograph, described, by=curator)
    publishing.publish(photograph, by=curator)
    with pytest.raises(NotInThisState, match="Withdraw"):
        review.undo_colorization(colorization, by=curator)
