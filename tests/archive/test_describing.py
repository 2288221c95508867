"""Describing: every change is recorded, and nobody overwrites anybody."""

import datetime as dt

import pytest

from archive import describing
from archive.errors import EditedMeanwhile, InvalidDescription, NotInThisState
from archive.models import Assignment, Collection, Photograph, Term
from archive.vocabularies import ReviewState
from tests import catalogue

pytestmark = pytest.mark.django_db


def test_it_changes_fields_and_records_from_and_to(curator):
    photograph = catalogue.photograph(title="Boat")
    changed = {"title": "Boats", "date_text": "about 1865", "date_edtf": "1865~"}
    described = describing.describe(photograph, changed, by=curator, note="letter")
    assert described.title == "Boats"
    assert described.date_latest == dt.date(1865, 12, 31)
    event = photograph.events.get()
    assert event.changes["title"] == ["Boat", "Boats"]
    assert (event.agent, event.note) == (curator, "letter")
    assert event.get_type_display() == "Metadata modification"


def test_clearing_the_date_clears_its_days(curator):
    photograph = catalogue.photograph()
    describing.describe(photograph, {"date_edtf": "1865"}, by=curator)
    described = describing.describe(photograph, {"date_edtf": ""}, by=curator)
    assert described.date_earliest is None


def test_nothing_changed_is_nothing_recorded(curator):
    photograph = catalogue.photograph(title="Boat")
    describing.describe(photograph, {"title": "Boat"}, by=curator)
    assert photograph.revision == 1
    assert not photograph.events.exists()


def test_the_second_of_two_people_is_told(curator, cataloguer):
    photograph = catalogue.photograph(title="Boat")
    mine = Photograph.objects.get()
    theirs = Photograph.objects.get()
    describing.describe(mine, {"title": "Mine"}, by=curator)
    with pytest.raises(EditedMeanwhile, match="Nothing was overwritten"):
        describing.describe(theirs, {"title": "Theirs"}, by=cataloguer)
    photograph.refresh_from_db()
    assert photograph.title == "Mine"
    assert photograph.events.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"date_edtf": "soon"}, "date_edtf"),
        ({"rights": "none of yours"}, "rights"),
        ({"sha256": "0"}, "sha256"),
        ({"title": "x" * 501}, "title"),
        ({"reference_code": ""}, "reference_code"),
    ],
)
def test_it_refuses_what_cannot_be_meant(curator, changes, field):
    photograph = catalogue.photograph()
    with pytest.raises(InvalidDescription) as refused:
        describing.describe(photograph, changes, by=curator)
    assert field in refused.value.fields
    photograph.refresh_from_db()
    assert photograph.revision == 1


def test_a_taken_reference_code_is_refused(curator):
    catalogue.photograph("A")
    other = catalogue.photograph("B")
    with pytest.raises(InvalidDescription, match="already exists"):
        describing.describe(other, {"reference_code": "A"}, by=curator)
    assert other.reference_code == "B"


def test_a_collection_is_described(curator):
    box = catalogue.collection("A", title="Old")
    describing.describe_collection(box, {"title": "New", "level": "series"}, by=curator)
    box.refresh_from_db()
    assert (box.title, box.level) == ("New", "series")
    changes = box.events.get(action="described").changes
    assert changes == {"title": ["Old", "New"], "level": ["fonds", "series"]}


def test_an_unchanged_collection_records_nothing(curator):
    box = catalogue.collection("A", title="Old")
    describing.describe_collection(box, {"title": "Old"}, by=curator)
    assert not box.events.filter(action="described").exists()


def test_a_collection_keeps_its_place_in_the_levels(curator):
    series = catalogue.collection("A", level="series")
    with pytest.raises(InvalidDescription, match="cannot stand inside"):
        describing.create_collection(
            {"reference_code": "A/1", "level": "fonds"}, parent=series, by=curator
        )
    child = catalogue.collection("A/1", parent=series, level="file")
    with pytest.raises(InvalidDescription, match="cannot stand inside"):
        describing.describe_collection(child, {"level": "fonds"}, by=curator)
    child.refresh_from_db()
    assert child.level == "file"


def test_a_collection_needs_a_free_reference_code():
    catalogue.collection("A")
    with pytest.raises(InvalidDescription, match="already exists"):
        catalogue.collection("A")


def test_a_collection_moves_with_all_in_it(curator):
    one, two = catalogue.collection("A"), catalogue.collection("B")
    child = catalogue.collection("A/1", parent=one, level="series")
    photograph = catalogue.photograph("A/1/1", child)
    moved = describing.move_collection(child, below=two, by=curator)
    assert list(Photograph.objects.within(two)) == [photograph]
    assert moved.events.get(action="moved").changes == {"parent": ["A", "B"]}
    top = describing.move_collection(moved, below=None, by=curator)
    assert top.is_root()


def test_a_collection_cannot_move_into_itself_or_above_its_level(curator):
    fonds = catalogue.collection("A")
    series = catalogue.collection("A/1", parent=fonds, level="series")
    for below in (fonds, series):
        with pytest.raises(InvalidDescription, match="into itself"):
            describing.move_collection(fonds, below=below, by=curator)
    with pytest.raises(InvalidDescription, match="cannot stand inside"):
        describing.move_collection(catalogue.collection("B"), below=series, by=curator)


def test_only_an_empty_collection_is_deleted(curator):
    box = catalogue.collection("A")
    photograph = catalogue.photograph("A/1", box)
    with pytest.raises(NotInThisState, match="not empty"):
        describing.delete_collection(box, by=curator)
    other = catalogue.collection("B")
    describing.move_photographs([photograph], to=other, by=curator)
    describing.delete_collection(box, by=curator)
    assert list(Collection.objects.all()) == [other]


def test_moving_photographs_counts_those_that_moved(curator):
    box, other = catalogue.collection("A"), catalogue.collection("B")
    photographs = [catalogue.photograph("A/1", box), catalogue.photograph("B/1", other)]
    moved = describing.move_photographs(photographs, to=other, by=curator)
    assert moved == photographs[:1]
    event = photographs[0].events.get()
    assert event.changes == {"collection": ["A", "B"]}


def test_terms_are_assigned_once_and_recorded(curator):
    photograph = catalogue.photograph()
    term = describing.create_term("Boats")
    first = describing.assign_term(photograph, term, by=curator)
    assert describing.assign_term(photograph, term, by=curator) == first
    assert photograph.events.get().term == term


def test_assigning_by_hand_accepts_the_waiting_suggestion(curator):
    photograph = catalogue.photograph()
    term = describing.create_term("Boats")
    suggestion = photograph.suggestions.create(
        term=term, score=0.9, suggested_at=dt.datetime.now(dt.UTC)
    )
    describing.assign_term(photograph, term, by=curator)
    suggestion.refresh_from_db()
    assert suggestion.state == ReviewState.ACCEPTED
    assert describing.remove_term(photograph, term, by=curator)
    suggestion.refresh_from_db()
    assert suggestion.state == ReviewState.REJECTED
    assert not Assignment.objects.exists()


def test_removing_a_term_that_is_not_there_does_nothing(curator):
    photograph = catalogue.photograph()
    term = describing.create_term("Boats")
    assert not describing.remove_term(photograph, term, by=curator)
    assert not photograph.events.exists()


def test_a_term_exists_once_whatever_its_case():
    assert describing.create_term(" Steam  engine ") == describing.create_term(
        "steam engine"
    )
    assert Term.objects.get().label == "Steam engine"


def test_a_term_needs_a_label():
    with pytest.raises(InvalidDescription):
        describing.create_term("  ")
