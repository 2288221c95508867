"""Batches: previewed exactly, applied once, guarded, undone as one."""

import pytest
from django.utils import translation

from archive import batches, describing, review, terms
from archive.batches import Operations, Selection, TextChange, applying, planning
from archive.errors import InvalidDescription, NotInThisState
from archive.models import Batch, Event, Photograph
from archive.vocabularies import (
    MACHINE_VOCABULARY,
    BatchOutcome,
    BatchState,
    ReviewState,
    Rights,
)
from tests import cast, catalogue
from tests.web import drawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(db):
    within = catalogue.collection("F", title="Kessler")
    return [
        catalogue.photograph(
            f"F/{n}", within=within, title=f"Plate {n}", creator="Kesler", place=place
        )
        for n, place in ((1, "Graz"), (2, ""), (3, "Wien"))
    ]


def texts(**changes):
    return Operations(
        texts={
            name: TextChange(*change) if isinstance(change, tuple) else change
            for name, change in changes.items()
        }
    )


def of(photographs):
    return Selection(keys=tuple(p.pk for p in photographs))


def proposed(photographs, operations, by):
    return batches.propose_edit(of(photographs), operations, by=by)


def now(photograph):
    return Photograph.objects.get(pk=photograph.pk)


def outcomes(batch):
    return list(batch.items.values_list("outcome", flat=True))


def test_a_preview_says_exactly_what_changes_and_changes_nothing(three, curator):
    batch = proposed(
        three,
        texts(
            creator=("replace", "Kessler", "Kesler"),
            place=("append", "Steiermark"),
            title=("clear",),
            rights=("set", Rights.CC0.value),
        ),
        curator,
    )
    assert batch.state == BatchState.PLANNED
    assert batch.items.get(code="F/1").changes == {
        "creator": ["Kesler", "Kessler"],
        "place": ["Graz", "Graz; Steiermark"],
        "title": ["Plate 1", ""],
        "rights": ["", Rights.CC0.value],
    }
    assert batch.items.get(code="F/2").changes["place"] == ["", "Steiermark"]
    assert batch.counts == {"creator": 3, "place": 3, "title": 3, "rights": 3}
    assert batch.needs == ["archive.change_photograph"]
    assert now(three[0]).title == "Plate 1"
    assert not Event.objects.filter(batch=batch).exists()


def test_it_is_applied_with_every_event_tied_to_it_and_undone(three, curator):
    batch = proposed(three, texts(place=("set", "Graz")), curator)
    assert outcomes(batch) == ["unchanged", "waiting", "waiting"]
    batches.apply(batch)
    assert [now(p).place for p in three] == ["Graz"] * 3
    events = Event.objects.filter(batch=batch)
    assert {e.photograph_id for e in events} == {three[1].pk, three[2].pk}
    assert all(e.agent == curator for e in events)
    assert f"Batch {batch.pk}" in events[0].note
    undoing = batches.undo(batch, by=curator)
    assert undoing.state == BatchState.APPLIED
    assert [now(p).place for p in three] == ["Graz", "", "Wien"]
    assert Event.objects.filter(batch=undoing).count() == 2
    with pytest.raises(NotInThisState, match="already"):
        batches.undo(batch, by=curator)
    again = batches.undo(undoing, by=curator)
    assert [now(p).place for p in three] == ["Graz"] * 3
    assert again.reverts == undoing


def test_what_changed_since_the_preview_is_left_alone_and_named(three, curator):
    batch = proposed(
        three, texts(place=("set", "Linz"), creator=("set", "Kessler")), curator
    )
    describing.describe(three[1], {"place": "Villach"}, by=cast.cataloguer())
    batches.apply(batch)
    changed = now(three[1])
    assert (changed.place, changed.creator) == ("Villach", "Kessler")
    item = batch.items.get(code="F/2")
    assert item.changes == {"creator": ["Kesler", "Kessler"]}
    assert "place" in item.reason
    assert now(three[0]).place == "Linz"


def test_undo_leaves_alone_what_someone_changed_since(three, curator):
    batch = batches.apply(proposed(three, texts(place=("set", "Linz")), curator))
    describing.describe(now(three[0]), {"place": "Villach"}, by=cast.cataloguer())
    undoing = batches.undo(batch, by=curator)
    assert [now(p).place for p in three] == ["Villach", "", "Wien"]
    left = undoing.items.get(outcome=BatchOutcome.LEFT)
    assert left.photograph == three[0]
    assert "place" in left.reason


def test_a_date_is_read_as_in_the_form_and_is_one_thing(three, curator):
    one = three[0]
    describing.describe(one, {"date_text": "1911", "date_edtf": "1911"}, by=curator)
    batch = proposed(three, texts(date_text=("set", "about 1923")), curator)
    assert batch.items.get(code="F/1").changes["date_edtf"] == ["1911", "1923~"]
    batches.apply(batch)
    assert str(now(one).date_earliest) == "1923-01-01"
    doubtful = proposed(three, texts(date_text=("set", "about 1923 or 1925")), curator)
    assert doubtful.items.get(code="F/1").changes["date_edtf"] == ["1923~", ""]
    describing.describe(now(one), {"date_edtf": "1923?"}, by=curator)
    batches.apply(doubtful)
    assert (now(one).date_text, now(one).date_edtf) == ("about 1923", "1923?")


def test_terms_come_and_go_with_their_suggestions(three, curator):
    one = three[0]
    describing.assign_term(one, describing.create_term("Pier"), by=curator)
    waiting, _other = drawn.suggestions(one, boat=0.9, sea=0.8)
    review.accept_suggestion(one.suggestions.get(term__label="sea"), by=curator)
    operations = Operations(add_terms=("BOAT", "harbour"), remove_terms=("pier", "sea"))
    batch = proposed(three, operations, curator)
    assert batch.items.get(code="F/1").changes == {
        "terms": [["Pier", "sea"], ["boat", "harbour"]]
    }
    assert batch.needs == ["archive.add_assignment", "archive.delete_assignment"]
    batches.apply(batch)
    assert sorted(one.assignments.values_list("term__label", flat=True)) == [
        "boat",
        "harbour",
    ]
    waiting.refresh_from_db()
    assert waiting.state == ReviewState.ACCEPTED
    batches.undo(batch, by=curator)
    assert sorted(one.assignments.values_list("term__label", flat=True)) == [
        "Pier",
        "sea",
    ]
    states = dict(one.suggestions.values_list("term__label", "state"))
    assert states == {"boat": ReviewState.AWAITING, "sea": ReviewState.ACCEPTED}


def test_terms_are_also_found_by_their_other_words(three, curator):
    pier = describing.create_term("Pier")
    terms.define(pier, {}, synonyms=["Jetty"], by=curator)
    describing.create_term("dog", vocabulary=MACHINE_VOCABULARY)
    with translation.override("de"):
        operations = Operations(add_terms=("jetty", "pier", "Hund", "Hafen"))
        batch = proposed(three[1:], operations, curator)
    added = ["Hafen", "Pier", "dog"]
    for item in batch.items.all():
        assert sorted(item.changes["terms"][1]) == added
    batches.apply(batch)
    assert three[1].assignments.get(term__label="Pier").term == pier
    gone = proposed(three[1:], Operations(remove_terms=("Jetty",)), curator)
    assert gone.items.get(code="F/2").changes == {"terms": [["Pier"], []]}


def test_moves_and_restrictions_are_batches_too(three, curator):
    catalogue.collection("G")
    operations = Operations(collection="G", flags={"sensitive": True})
    batch = batches.apply(proposed(three[:2], operations, curator))
    assert now(three[0]).collection.reference_code == "G"
    assert now(three[0]).sensitive
    assert set(Event.objects.filter(batch=batch).values_list("action", flat=True)) == {
        "moved",
        "restricted",
    }
    batches.undo(batch, by=curator)
    assert now(three[0]).collection.reference_code == "F"
    assert not now(three[0]).sensitive


def test_reference_codes_are_replaced_and_stay_unique(three, curator):
    catalogue.photograph("G/2", within=three[0].collection)
    batch = proposed(three, texts(reference_code=("replace", "G/", "F/")), curator)
    assert outcomes(batch) == ["waiting", "refused", "waiting"]
    batches.apply(batch)
    assert [now(p).reference_code for p in three] == ["G/1", "F/2", "G/3"]
    batches.undo(batch, by=curator)
    assert [now(p).reference_code for p in three] == ["F/1", "F/2", "F/3"]


def test_what_cannot_be_kept_is_refused_with_a_reason(three, curator):
    describing.describe(three[0], {"creator": "K" * 295}, by=curator)
    batch = proposed(three, texts(creator=("append", "and sons")), curator)
    refused = batch.items.get(outcome=BatchOutcome.REFUSED)
    assert refused.code == "F/1"
    assert "305 characters" in refused.reason
    batches.apply(batch)
    assert now(three[0]).creator == "K" * 295


@pytest.mark.parametrize(
    ("operations", "sentence"),
    [
        (Operations(), "at least one field"),
        (texts(title=("set", "")), "Write a text"),
        (texts(title=("replace", "x", "")), "to be found"),
        (texts(date_edtf=("set", "sometime")), "not an EDTF date"),
        (texts(rights=("append", "x")), "set or cleared"),
        (texts(reference_code=("set", "X")), "replaced in part"),
        (texts(title=("set", "x" * 501)), "500 is the most"),
        (Operations(collection="nowhere"), "no collection nowhere"),
        (Operations(add_terms=("x" * 201,)), "longer than 200"),
        (texts(title=("turn", "x")), "no such change"),
    ],
)
def test_what_cannot_be_meant_is_said(three, curator, operations, sentence):
    with pytest.raises(InvalidDescription, match=sentence):
        proposed(three, operations, curator)
    assert not Batch.objects.exists()


def test_an_empty_selection_is_refused(curator):
    with pytest.raises(InvalidDescription, match="No photograph"):
        batches.propose_edit(Selection(), texts(title=("set", "x")), by=curator)


def test_a_large_one_goes_on_after_it_was_killed(three, curator, monkeypatch):
    monkeypatch.setattr(planning, "AT_ONCE", 1)
    monkeypatch.setattr(applying, "AT_ONCE", 1)
    batch = proposed(three, texts(place=("set", "Linz")), curator)
    batch.refresh_from_db()
    assert batch.state == BatchState.PLANNED
    done = applying._do

    def killed(item, of):
        done(item, of)
        if item.code == "F/2":
            raise KeyboardInterrupt

    monkeypatch.setattr(applying, "_do", killed)
    with pytest.raises(KeyboardInterrupt):
        batches.apply(batch)
    assert [now(p).place for p in three] == ["Linz", "", "Wien"]
    assert Event.objects.filter(batch=batch).count() == 1
    monkeypatch.setattr(applying, "_do", done)
    batches.continue_batch(batch.pk)
    batches.continue_batch(batch.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.APPLIED
    assert [now(p).place for p in three] == ["Linz"] * 3
    assert Event.objects.filter(batch=batch).count() == 3
    undoing = batches.undo(batch, by=curator)
    assert [now(p).place for p in three] == ["Graz", "", "Wien"]
    assert undoing.state == BatchState.APPLIED


def test_a_slice_of_time_leaves_the_rest_for_later(three, curator):
    batch = proposed(three, texts(place=("set", "Linz")), curator)
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.APPLYING)
    batch.refresh_from_db()
    assert not applying.run(batch, seconds=0)
    assert outcomes(batch) == ["waiting"] * 3
    batches.stop(batch)
    assert batch.state == BatchState.APPLIED
    assert outcomes(batch) == ["left"] * 3
    with pytest.raises(NotInThisState):
        batches.undo(batch, by=curator)


def test_a_preview_can_be_dropped_and_an_applied_batch_cannot(three, curator):
    batch = proposed(three, texts(place=("set", "Linz")), curator)
    batches.discard(batch)
    assert not Batch.objects.exists()
    batch = batches.apply(proposed(three, texts(place=("set", "Linz")), curator))
    with pytest.raises(NotInThisState):
        batches.discard(batch)
    with pytest.raises(NotInThisState):
        batches.apply(batch)


def test_all_that_match_is_a_search(three, curator):
    selection = Selection(everything=True, matching="place=%22Wien%22")
    batch = batches.propose_edit(selection, texts(place=("set", "Vienna")), by=curator)
    assert batch.items.get().code == "F/3"


def test_the_plan_of_more_photographs_takes_no_more_queries(
    three, curator, django_assert_num_queries
):
    def plan(photographs):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            proposed(photographs, texts(place=("set", "Linz")), curator)
        return len(queries)

    few = plan(three)
    many = [catalogue.photograph(f"H/{n}", place="x") for n in range(40)]
    assert plan(three + many) == few
