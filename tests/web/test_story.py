"""Provenance as a story."""

import datetime as dt

import pytest
from django.utils import timezone

from archive import edits, review
from archive.models import Event, Photograph
from archive.views import story
from tests import catalogue
from tests.web import drawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def photograph(data_dir, tmp_path):
    return drawn.photograph(tmp_path)


def write(photograph, by, **typed):
    edits.save(photograph, typed, photograph.descriptive_values(), by=by)


def entries(photograph, action="changed the description"):
    return [each for each in story.told(photograph)[0] if action in each.deed]


def test_saves_of_one_edit_are_told_as_one(photograph, cataloguer, curator):
    write(photograph, cataloguer, title="A br")
    write(photograph, cataloguer, title="A bridge", place="Leipzig")
    write(photograph, curator, title="A wide bridge")
    newest, edit = entries(photograph)
    assert newest.who == "curator"
    assert [(c.field, c.before, c.after) for c in edit.changes] == [
        ("title", "", "A bridge"),
        ("place", "", "Leipzig"),
    ]
    assert edit.since <= edit.at
    assert photograph.events.filter(action="described").count() == 3


def test_saves_far_apart_are_told_apart(photograph, cataloguer):
    write(photograph, cataloguer, title="A bridge")
    first = photograph.events.get(action="described")
    later = Event.objects.get(pk=first.pk)
    later.pk, later._state.adding = None, True
    later.at = timezone.now() + dt.timedelta(minutes=11)
    later.save()
    assert len(entries(photograph)) == 2


def test_what_was_written_and_taken_away_in_one_edit_is_no_change(
    photograph, cataloguer
):
    write(photograph, cataloguer, title="x")
    write(photograph, cataloguer, title="")
    (edit,) = entries(photograph)
    assert edit.changes == []


def test_decisions_name_the_model(client, photograph, curator):
    (suggestion,) = drawn.suggestions(photograph, boat=0.9)
    review.accept_suggestion(suggestion, by=curator)
    review.accept_colorization(drawn.colours(photograph), by=curator)
    (term,) = entries(photograph, "“boat”, suggested by")
    assert term.deed == f"accepted “boat”, suggested by {catalogue.MODEL.name}"
    (colours,) = entries(photograph, "accepted the colours")
    assert colours.deed == "accepted the colours of drawn-colorizer 1"
    client.force_login(curator)
    page = client.get(photograph.get_absolute_url()).content.decode()
    assert f'<h3 class="story-day">{timezone.localdate():%A, }' in page


def test_neighbours_keep_the_list_in_the_address(client, viewer, photograph, tmp_path):
    second = drawn.photograph(tmp_path, 2)
    Photograph.objects.update(title="Plate")
    client.force_login(viewer)
    sheet = client.get("/search/", {"words": "plate", "order": "code"})
    (first_cell, second_cell) = sheet.context["page"].cells
    page = client.get(second_cell.address)
    near = page.context["neighbours"]
    assert near["previous"] == photograph
    assert (near["place"], near["count"]) == (2, 2)
    html = page.content.decode()
    assert first_cell.address.replace("&", "&amp;") in html
    assert near["back"] == f"/search/?words=plate&order=code#cell-{second.pk}"
    assert "list=words" in page.context["here"]
