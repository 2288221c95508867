"""Steering: hints are kept, attributed, undone, and never overwritten by another."""

import pytest
from django.db import DatabaseError, connection, transaction

from archive import policy, steering
from archive.errors import EditedMeanwhile, Immutable, NotInThisState
from archive.models import Event, Photograph, Steering
from archive.steering import Forbidden, HintInvalid, NothingToSteer
from archive.vocabularies import Policy
from tests import catalogue

pytestmark = pytest.mark.django_db
GREY = "#5f6b5e"


@pytest.fixture
def photograph():
    made = catalogue.photograph()
    catalogue.master(made)
    return made


@pytest.fixture
def place(photograph, curator):
    """Place a hint, by default on the state that stands."""

    def put(x=0.25, y=0.5, colour=GREY, why="", *, number=None, by=curator):
        number = now(photograph).number if number is None else number
        return steering.place(
            photograph, number=number, x=x, y=y, colour=colour, why=why, by=by
        )

    return put


def now(photograph) -> Steering:
    return steering.current(steering.front(photograph))


def colours(state: Steering) -> list[str]:
    return [hint["colour"] for hint in state.hints]


def test_a_hint_is_kept_with_who_said_it_and_why(photograph, curator, place):
    assert (now(photograph).number, now(photograph).hints) == (0, [])
    state = place(why="uniform is field grey, see letter")
    [hint] = now(photograph).hints
    assert state.number == 1
    assert (hint["x"], hint["y"], hint["colour"]) == (0.25, 0.5, GREY)
    assert (hint["by"], hint["why"]) == ("curator", "uniform is field grey, see letter")
    event = Event.objects.get(action="hint placed")
    assert (event.agent, event.photograph) == (curator, photograph)
    assert event.note == "uniform is field grey, see letter"
    assert event.changes == {
        "hint 1": [
            None,
            f"field grey {GREY} at 25.0 % from the left, 50.0 % from the top",
        ]
    }


def test_a_hint_is_changed_and_removed(photograph, curator, cataloguer, place):
    place(colour="#112233")
    state = steering.change(photograph, 1, number=1, x=0.5, by=cataloguer)
    [hint] = state.hints
    assert (hint["x"], hint["y"], hint["colour"]) == (0.5, 0.5, "#112233")
    assert hint["by"] == "cataloguer"
    same = steering.change(photograph, 1, number=2, x=0.5, by=curator)
    assert same.number == 2  # nothing is different: nothing is recorded
    assert steering.remove(photograph, 1, number=2, by=curator).hints == []
    assert Event.objects.filter(action__startswith="hint ").count() == 3
    # A number is never used again: another hint is not taken for the one of before.
    assert place().hints[0]["id"] == 2


def test_undoing_goes_back_step_by_step_and_restoring_forward(
    photograph, curator, place
):
    place(colour="#000001")
    place(colour="#000002")
    steering.set_strength(photograph, 60, number=2, by=curator)

    def go(verb):
        return verb(photograph, number=now(photograph).number, by=curator)

    assert go(steering.undo).strength == 100
    assert colours(go(steering.undo)) == ["#000001"]
    assert colours(go(steering.undo)) == []
    with pytest.raises(NotInThisState, match="nothing to undo"):
        go(steering.undo)
    assert colours(go(steering.restore)) == ["#000001"]
    assert colours(go(steering.restore)) == ["#000001", "#000002"]
    assert go(steering.restore).strength == 60
    with pytest.raises(NotInThisState, match="nothing to restore"):
        go(steering.restore)
    go(steering.undo)
    assert colours(place(colour="#000003")) == ["#000001", "#000002", "#000003"]
    with pytest.raises(NotInThisState, match="nothing to restore"):
        go(steering.restore)
    cleared = go(steering.clear)
    assert (cleared.hints, cleared.strength) == ([], 100)
    assert len(go(steering.undo).hints) == 3
    # Nothing was overwritten on the way, and every change is on record.
    numbers = Steering.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, len(numbers) + 1))
    assert Event.objects.filter(master=photograph.recto).count() == len(numbers)


def test_of_two_curators_the_second_is_told(photograph, cataloguer, place):
    place(colour="#000001", number=0)
    for verb in (
        lambda: place(colour="#000002", number=0, by=cataloguer),
        lambda: steering.change(photograph, 1, number=0, x=0.1, by=cataloguer),
        lambda: steering.clear(photograph, number=0, by=cataloguer),
        lambda: steering.undo(photograph, number=0, by=cataloguer),
        lambda: steering.set_strength(photograph, 50, number=0, by=cataloguer),
    ):
        with pytest.raises(EditedMeanwhile, match="Nothing was overwritten"):
            verb()
    assert colours(now(photograph)) == ["#000001"]
    assert Event.objects.filter(agent=cataloguer).count() == 0


def test_of_two_at_the_very_same_moment_the_database_keeps_one(
    photograph, curator, cataloguer, place, monkeypatch
):
    before = now(photograph)
    place(colour="#000001")
    monkeypatch.setattr(steering, "current", lambda _master: before)
    with pytest.raises(EditedMeanwhile):
        place(colour="#000002", number=0, by=cataloguer)
    assert Steering.objects.get().hints[0]["colour"] == "#000001"
    assert not Event.objects.filter(agent=cataloguer).exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"x": 1.01}, "outside"),
        ({"y": -0.1}, "outside"),
        ({"x": float("nan")}, "outside"),
        ({"colour": "green"}, "#rrggbb"),
        ({"colour": "#12345"}, "#rrggbb"),
        ({"why": "x" * 501}, "longer than 500"),
    ],
)
def test_what_cannot_be_meant_is_refused(place, words, reason):
    with pytest.raises(HintInvalid, match=reason):
        place(**words)
    assert not Steering.objects.exists()


def test_there_is_an_end_to_hints_and_to_strength(
    photograph, curator, place, monkeypatch
):
    for wrong in (-1, 151):
        with pytest.raises(HintInvalid, match="between 0 and 150"):
            steering.set_strength(photograph, wrong, number=0, by=curator)
    monkeypatch.setattr(steering, "MOST_HINTS", 1)
    place()
    with pytest.raises(HintInvalid, match="There are 1 already"):
        place()
    with pytest.raises(NotInThisState, match="not there any more"):
        steering.remove(photograph, 9, number=1, by=curator)


@pytest.mark.parametrize("flag", [Policy.DO_NOT_COLORIZE, Policy.SENSITIVE])
def test_a_restriction_forbids_it_and_says_why(photograph, curator, place, flag):
    place()
    policy.restrict(Photograph.objects.all(), flag, True, by=curator)
    with pytest.raises(Forbidden, match=r"GB1/1 .* its own flag says so\. Its colours"):
        place()
    with pytest.raises(Forbidden):
        steering.undo(photograph, number=1, by=curator)
    assert now(photograph).number == 1


def test_without_a_scan_there_is_nothing_to_steer(curator):
    bare = catalogue.photograph("GB1/2", within=catalogue.collection("GB2"))
    with pytest.raises(NothingToSteer, match="GB1/2 has no scan"):
        steering.set_strength(bare, 50, number=0, by=curator)


def test_a_state_is_never_changed(place):
    state = place()
    with pytest.raises(Immutable):
        state.save()
    with pytest.raises(Immutable):
        state.delete()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Steering.objects.update(strength=1)
    assert connection.vendor in {"sqlite", "postgresql"}
