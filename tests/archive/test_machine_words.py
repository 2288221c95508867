"""How the archive takes a machine's words: mapped, blocked, trusted from a score."""

import datetime as dt

import pytest

from archive import machine_words, review
from archive.errors import InvalidDescription, NotInThisState
from archive.machine_words import learnt
from archive.models import Event, MachineWord, Photograph, Suggestion
from tests import catalogue
from tests.web import drawn

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


@pytest.fixture
def boat():
    """Return the word of a suggestion that waits."""
    photograph = catalogue.photograph("GB1/1")
    drawn.suggestions(photograph, boat=0.9)
    return MachineWord.objects.get(term__label="boat")


def settle(word, by, **values):
    word.refresh_from_db()
    return machine_words.settle(word, values, revision=word.revision, by=by)


def suggest(photograph, **scores):
    terms = {label: MachineWord.objects.get(term__label=label).term for label in scores}
    return review.record_suggestions(
        photograph,
        {terms[label]: score for label, score in scores.items()},
        model=catalogue.MODEL,
        result_id=None,
        at=NOW,
    )


def test_a_mapped_word_assigns_the_archives_own_term(boat, curator):
    ships = catalogue.term("Schiffe")
    word = settle(boat, curator, stands_for=ships)
    assert word.means == ships
    suggestion = Suggestion.objects.get()
    assert review.accept_suggestion(suggestion, by=curator).term == ships
    review.undo_suggestion(suggestion, by=curator)
    assert not suggestion.photograph.assignments.exists()
    other = catalogue.photograph("GB1/2")
    other.assignments.create(term=ships, assigned_by=curator)
    assert suggest(other, boat=0.8) == 0


def test_a_blocked_word_waits_for_nobody_until_it_is_let_again(boat, curator):
    settle(boat, curator, blocked=True)
    assert Suggestion.objects.get().state == "blocked"
    assert not Photograph.objects.awaiting_review().exists()
    other = catalogue.photograph("GB1/2")
    assert suggest(other, boat=0.8) == 0
    settle(boat, curator, blocked=False)
    assert Suggestion.objects.awaiting().count() == 2
    assert Photograph.objects.awaiting_review().count() == 2


def test_blocking_leaves_what_was_decided(boat, curator):
    suggestion = Suggestion.objects.get()
    review.accept_suggestion(suggestion, by=curator)
    settle(boat, curator, blocked=True)
    suggestion.refresh_from_db()
    assert suggestion.state == "accepted"
    review.undo_suggestion(suggestion, by=curator)
    assert suggestion.state == "blocked"


def test_everything_settled_is_an_event_and_can_be_taken_back(boat, curator):
    ships = catalogue.term("Schiffe")
    settle(boat, curator, threshold=0.8)
    settle(boat, curator, stands_for=ships, blocked=True)
    event = Event.objects.filter(action="word settled").first()
    assert event.agent == curator
    assert event.changes == {"stands_for": [None, ships.pk], "blocked": [False, True]}
    for threshold in (0.8, None):
        boat.refresh_from_db()
        machine_words.undo(boat, revision=boat.revision, by=curator)
        boat.refresh_from_db()
        assert (boat.stands_for, boat.blocked) == (None, False)
        assert boat.threshold == threshold
    assert Suggestion.objects.get().state == "awaiting"
    with pytest.raises(NotInThisState, match="Nothing was settled"):
        machine_words.undo(boat, revision=boat.revision, by=curator)
    assert Event.objects.filter(action="word settling undone").count() == 2


def test_two_never_settle_over_each_other(boat, curator, administrator):
    machine_words.settle(boat, {"threshold": 0.7}, revision=0, by=curator)
    with pytest.raises(NotInThisState, match="meanwhile"):
        machine_words.settle(boat, {"threshold": 0.2}, revision=0, by=administrator)
    boat.refresh_from_db()
    assert boat.threshold == 0.7


@pytest.mark.parametrize("threshold", [-0.1, 1.1])
def test_a_threshold_is_a_probability(boat, curator, threshold):
    with pytest.raises(InvalidDescription, match="between 0 and 100"):
        settle(boat, curator, threshold=threshold)


def test_a_word_never_stands_for_itself(boat, curator):
    with pytest.raises(InvalidDescription, match="itself"):
        settle(boat, curator, stands_for=boat.term)


def test_a_threshold_is_learnt_from_enough_decisions():
    high = [(0.9 - place / 100, True) for place in range(10)]
    assert learnt(high[:9]) is None
    found = learnt(high)
    assert (found.threshold, found.accepted, found.rejected) == (high[-1][0], 10, 0)
    mixed = [*high, (0.7, False), (0.6, False), (0.5, True)]
    assert learnt(mixed).threshold == 0.7
    assert learnt([(0.9, False)] * 20) is None
    same = [*high[:9], (0.5, True), *[(0.5, False)] * 5]
    assert learnt(same) is None


def test_learning_tells_what_it_rests_on_and_yields_to_a_person(boat, curator):
    for number in range(2, 14):
        drawn.suggestions(catalogue.photograph(f"GB1/{number}"), boat=0.6 + number / 50)
    for suggestion in Suggestion.objects.order_by("-score")[:11]:
        review.accept_suggestion(suggestion, by=curator)
    review.reject_suggestion(Suggestion.objects.awaiting().first(), by=curator)
    before = Photograph.objects.get(reference_code="GB1/2").tags_doubt
    assert machine_words.learn() == 1
    boat.refresh_from_db()
    assert (boat.learnt_accepted, boat.learnt_rejected) == (11, 1)
    assert boat.trusted_from == boat.learnt_threshold
    assert boat.learnt_at
    waiting = Suggestion.objects.awaiting().get()
    assert waiting.photograph.tags_doubt == pytest.approx(
        abs(waiting.score - boat.learnt_threshold)
    )
    assert before is not None
    assert settle(boat, curator, threshold=0.3).trusted_from == 0.3
    assert settle(boat, curator, threshold=None).trusted_from == boat.learnt_threshold
