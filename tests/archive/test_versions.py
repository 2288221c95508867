"""Versions of the colours: which is proposed, and what grade the accepted one has."""

import pytest
from django.db import IntegrityError, transaction

from archive import policy, publishing, review, versions
from archive.errors import EditedMeanwhile, NotInThisState
from archive.models import Derivative, Event, Photograph
from archive.steering import Forbidden
from archive.versions import SourceNeeded
from archive.vocabularies import Grade, Policy, ReviewState
from tests import catalogue

pytestmark = pytest.mark.django_db

HINT = {"x": 0.5, "y": 0.5, "colour": "#5f6b5e"}


@pytest.fixture
def master():
    return catalogue.master(catalogue.photograph(title="Boat", rights=""))


@pytest.fixture
def plain(master):
    return catalogue.colorization(master)


def steered(master, strength=1.0, state=ReviewState.DRAFT) -> Derivative:
    """Return a draft with one hint."""
    return catalogue.colorization(
        master,
        recipe={"model": "drawn-colorizer", "strength": strength, "hints": [HINT]},
        recipe_digest=catalogue.digest(f"{strength}"),
        review_state=state,
    )


def states(*colorizations) -> list[str]:
    return [Derivative.objects.get(pk=each.pk).review_state for each in colorizations]


def test_a_draft_is_proposed_in_place_of_the_one_that_waits(master, plain, curator):
    draft = steered(master)
    versions.propose(draft, by=curator)
    assert states(plain, draft) == ["superseded", "awaiting"]
    assert draft.name == "drawn-colorizer 1, steered 1"
    event = Event.objects.get(action="proposed")
    assert event.note == (
        "drawn-colorizer 1, steered 1: steered by a person with 1 colour hint."
    )
    other = steered(master, 0.8)
    versions.propose(other, by=curator)
    assert other.version == 2
    # An earlier one is chosen again, and keeps its number; so is the machine's own.
    for earlier in (draft, plain):
        earlier.refresh_from_db()
        versions.propose(earlier, by=curator)
    assert draft.version == 1
    assert (plain.version, plain.name) == (None, "drawn-colorizer 1")
    assert states(plain, draft, other) == ["awaiting", "superseded", "superseded"]
    master.photograph.refresh_from_db()
    assert master.photograph.colorized_at is not None


def test_what_waits_or_was_decided_is_not_proposed(master, plain, curator):
    for decide in (None, review.accept_colorization, review.reject_colorization):
        if decide:
            decide(plain, by=curator)
        with pytest.raises(NotInThisState, match="meanwhile this is"):
            versions.propose(plain, by=curator)
        if decide:
            review.undo_colorization(plain, by=curator)
    assert not Event.objects.filter(action="proposed").exists()


def test_a_restriction_forbids_a_proposal(master, curator):
    draft = steered(master)
    policy.restrict(Photograph.objects.all(), Policy.SENSITIVE, True, by=curator)
    with pytest.raises(Forbidden):
        versions.propose(draft, by=curator)
    assert states(draft) == ["draft"]


def test_only_what_is_accepted_is_graded(plain, curator):
    with pytest.raises(NotInThisState, match="Only accepted"):
        versions.grade(plain, Grade.DOCUMENTED, source="letter", by=curator)
    review.accept_colorization(plain, by=curator)
    assert plain.grade == Grade.ILLUSTRATIVE
    for nothing in ("", "  "):
        with pytest.raises(SourceNeeded, match="what documents"):
            versions.grade(plain, Grade.DOCUMENTED, source=nothing, by=curator)
    versions.grade(plain, Grade.DOCUMENTED, source=" letter of 1916 ", by=curator)
    assert (plain.grade, plain.grade_source) == ("documented", "letter of 1916")
    event = Event.objects.get(action="graded")
    assert event.changes == {
        "grade": ["illustrative", "documented"],
        "source": ["", "letter of 1916"],
    }
    assert (event.agent, event.note) == (curator, "letter of 1916")
    versions.grade(plain, Grade.DOCUMENTED, source="letter of 1916", by=curator)
    assert Event.objects.filter(action="graded").count() == 1


def test_of_two_who_grade_the_second_is_told(plain, curator, cataloguer):
    review.accept_colorization(plain, by=curator)
    mine = Derivative.objects.get(pk=plain.pk)
    versions.grade(plain, Grade.DOCUMENTED, source="letter", by=curator)
    with pytest.raises(EditedMeanwhile, match="Nothing was overwritten"):
        versions.grade(mine, Grade.DOCUMENTED, source="rumour", by=cataloguer)
    plain.refresh_from_db()
    assert plain.grade_source == "letter"


def test_the_grade_goes_with_the_acceptance(plain, curator):
    review.accept_colorization(plain, by=curator)
    versions.grade(plain, Grade.DOCUMENTED, source="letter", by=curator)
    review.undo_colorization(plain, by=curator)
    plain.refresh_from_db()
    assert (plain.grade, plain.grade_source) == ("illustrative", "")
    last = Event.objects.filter(action="graded").order_by("-pk").first()
    assert last.changes["grade"] == ["documented", "illustrative"]


def test_the_database_wants_a_source_too(plain):
    with pytest.raises(IntegrityError), transaction.atomic():
        Derivative.objects.filter(pk=plain.pk).update(grade="documented")


def test_what_is_published_says_where_its_colours_come_from(master, curator):
    photograph = master.photograph
    photograph.rights = "http://creativecommons.org/publicdomain/zero/1.0/"
    photograph.save()
    draft = steered(master, 0.8)
    versions.propose(draft, by=curator)
    review.accept_colorization(draft, by=curator)
    said = publishing.publish(photograph, by=curator).record["provenance"]
    assert said == (
        "Colours are a machine's interpretation (drawn-colorizer 1), steered by a"
        " person with 1 colour hint, strength 80 %; illustrative"
    )
    versions.grade(draft, Grade.DOCUMENTED, source="letter, box 3", by=curator)
    assert photograph.publication.record["provenance"] == said
    again = publishing.publish(photograph, by=curator).record["provenance"]
    assert again.endswith("; documented by: letter, box 3")
