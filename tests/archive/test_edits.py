"""Saves while writing, and undo."""

import datetime as dt

import pytest
from django.utils import timezone

from archive import describing, edits
from archive.errors import EditedMeanwhile
from archive.models import Event
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def photograph(db):
    return catalogue.photograph(title="Bridge", notes="old")


def save(photograph, by, seen=None, **typed):
    return edits.save(photograph, typed, seen or photograph.descriptive_values(), by=by)


def shifted(event, minutes):
    """Append the same event as if it had happened at another time."""
    again = Event.objects.get(pk=event.pk)
    again.pk = None
    again.at = timezone.now() + dt.timedelta(minutes=minutes)
    again._state.adding = True
    again.save()


def test_each_save_is_an_event_with_its_person(photograph, cataloguer):
    assert save(photograph, cataloguer, title="A bridge").saved == ["title"]
    event = photograph.events.get()
    assert event.agent == cataloguer
    assert event.changes == {"title": ["Bridge", "A bridge"]}
    save(photograph, cataloguer, title="A bridge")
    assert photograph.events.count() == 1


def test_fields_of_two_curators_are_both_saved(photograph, cataloguer, curator):
    seen = photograph.descriptive_values()
    save(photograph, curator, title="Theirs")
    outcome = save(photograph, cataloguer, seen, notes="mine")
    assert (outcome.saved, outcome.conflicts) == (["notes"], {})
    photograph.refresh_from_db()
    assert (photograph.title, photograph.notes) == ("Theirs", "mine")


def test_the_same_field_is_left_as_the_other_saved_it(photograph, cataloguer, curator):
    seen = photograph.descriptive_values()
    save(photograph, curator, title="Theirs")
    outcome = save(photograph, cataloguer, seen, title="Mine", notes="mine")
    assert outcome.saved == ["notes"]
    assert outcome.conflicts["title"].theirs == "Theirs"
    assert outcome.conflicts["title"].event.agent == curator
    photograph.refresh_from_db()
    assert photograph.title == "Theirs"
    assert save(photograph, cataloguer, seen, title="Theirs").conflicts == {}


def test_a_date_and_its_reading_are_one_thing(photograph, cataloguer, curator):
    seen = photograph.descriptive_values()
    save(photograph, curator, date_edtf="1930")
    outcome = save(
        photograph, cataloguer, seen, date_text="about 1923", date_edtf="1923~"
    )
    assert sorted(outcome.conflicts) == ["date_edtf", "date_text"]
    assert outcome.saved == []


def test_what_cannot_be_meant_holds_nothing_else_up(photograph, cataloguer):
    outcome = save(photograph, cataloguer, title="A bridge", date_edtf="about 1923")
    assert outcome.saved == ["title"]
    assert "is not an EDTF date" in outcome.refused["date_edtf"]
    photograph.refresh_from_db()
    assert (photograph.title, photograph.date_edtf) == ("A bridge", "")


def test_someone_who_saves_between_is_never_overwritten(
    photograph, cataloguer, curator, monkeypatch
):
    seen, describe = photograph.descriptive_values(), describing.describe

    def overtaken(found, changes, *, by, **more):
        monkeypatch.setattr(describing, "describe", describe)
        theirs = type(found).objects.get(pk=found.pk)
        describe(theirs, {"title": "Theirs"}, by=curator)
        return describe(found, changes, by=by, **more)

    monkeypatch.setattr(describing, "describe", overtaken)
    outcome = save(photograph, cataloguer, seen, title="Mine", notes="mine")
    assert outcome.saved == ["notes"]
    assert outcome.conflicts["title"].theirs == "Theirs"


def test_undo_goes_back_step_by_step_and_is_an_event_itself(photograph, cataloguer):
    save(photograph, cataloguer, title="A br")
    save(photograph, cataloguer, title="A bridge")
    save(photograph, cataloguer, notes="new")
    assert edits.undo(photograph, by=cataloguer).changes == {"notes": ["old", "new"]}
    step = edits.undo(photograph, by=cataloguer)
    assert step.changes == {"title": ["Bridge", "A bridge"]}
    photograph.refresh_from_db()
    assert (photograph.title, photograph.notes) == ("Bridge", "old")
    assert [event.action for event in photograph.events.order_by("id")] == [
        *["described"] * 3,
        *["description undone"] * 2,
    ]
    with pytest.raises(edits.NothingToUndo, match="nothing to undo"):
        edits.undo(photograph, by=cataloguer)
    save(photograph, cataloguer, title="Again")
    assert edits.undo(photograph, by=cataloguer).changes["title"][1] == "Again"


def test_saves_far_apart_are_undone_apart(photograph, cataloguer):
    save(photograph, cataloguer, title="A bridge")
    save(photograph, cataloguer, title="A wide bridge")
    shifted(photograph.events.order_by("-id").first(), minutes=30)
    step = edits.undoable(photograph, cataloguer)
    assert step.changes == {"title": ["A bridge", "A wide bridge"]}


def test_nobody_undoes_what_another_did(photograph, cataloguer, curator):
    save(photograph, curator, title="Theirs")
    with pytest.raises(edits.NothingToUndo):
        edits.undo(photograph, by=cataloguer)
    save(photograph, cataloguer, title="Mine")
    save(photograph, curator, title="Theirs again")
    with pytest.raises(EditedMeanwhile, match="Nothing was undone"):
        edits.undo(photograph, by=cataloguer)
    photograph.refresh_from_db()
    assert photograph.title == "Theirs again"
