"""Whether a photograph waits for a decision, whoever changes what it waits for."""

import pytest
from django.core.management import call_command
from django.db import connection

from archive import describing, review, waiting
from archive.models import Photograph, Suggestion
from archive.vocabularies import ReviewState
from tests import catalogue
from tests.web import drawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def photograph(db):
    return catalogue.photograph()


def waits():
    return Photograph.objects.awaiting_review().exists()


def test_a_suggestion_waits_until_it_is_decided(photograph, curator):
    assert not waits()
    boat, sea = drawn.suggestions(photograph, boat=0.9, sea=0.5)
    assert waits()
    review.accept_suggestion(boat, by=curator)
    assert waits()
    review.reject_suggestion(sea, by=curator)
    assert not waits()
    review.undo_suggestion(sea, by=curator)
    assert waits()


def test_a_term_put_on_by_hand_settles_its_suggestion(photograph, curator):
    (boat,) = drawn.suggestions(photograph, boat=0.9)
    describing.assign_term(photograph, boat.term, by=curator)
    assert not waits()


def test_a_colorization_waits_until_it_is_decided(photograph, curator):
    made = catalogue.colorization(catalogue.master(photograph))
    assert waits()
    review.accept_colorization(made, by=curator)
    assert not waits()


def test_many_at_once_and_rows_that_go(photograph):
    (boat,) = drawn.suggestions(photograph, boat=0.9)
    Suggestion.objects.update(state=ReviewState.REJECTED)
    assert not waits()
    Suggestion.objects.update(state=ReviewState.AWAITING)
    boat.delete()
    assert not waits()


def test_an_old_copy_of_the_photograph_does_not_bring_it_back(photograph):
    drawn.suggestions(photograph, boat=0.9)
    photograph.title = "A boat"
    photograph.save()
    assert waits()
    assert Photograph.objects.get().title == "A boat"


def test_it_is_settled_anew_after_migrations(photograph):
    waiting.drop_triggers()
    drawn.suggestions(photograph, boat=0.9)
    assert not waits()
    waiting.make()
    assert waits()
    call_command("migrate", verbosity=0)
    Suggestion.objects.all().delete()
    assert not waits()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is that of SQLite")
def test_what_one_photograph_waits_for_is_not_looked_for_in_the_whole_archive():
    settling, *_triggers = waiting.statements("sqlite")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {settling}")
        steps = [row[3] for row in cursor.fetchall()]
    assert any("master_id=?" in step for step in steps)
    assert not any("derivative_to_review" in step for step in steps)
