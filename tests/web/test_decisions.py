"""Decisions: one POST each, undone by one, and told where they were made."""

import pytest
from django.urls import reverse

from archive import review
from tests import catalogue
from tests.web import drawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def photograph():
    return catalogue.photograph()


@pytest.fixture
def suggestion(photograph):
    return drawn.suggestions(photograph, boat=0.9)[0]


@pytest.fixture
def colorization(photograph):
    return catalogue.colorization(catalogue.master(photograph))


def decide(client, thing, verb, **words):
    kind = type(thing).__name__.lower().replace("derivative", "colorization")
    address = reverse(f"archive:{kind}_{verb}", args=[thing.pk])
    return client.post(address, words, follow=True)


@pytest.mark.parametrize("kind", ["suggestion", "colorization"])
@pytest.mark.parametrize("verb", ["accept", "reject", "undo"])
def test_decisions_are_for_curators_by_post_about_what_exists(
    request, client, cataloguer, curator, kind, verb
):
    thing = request.getfixturevalue(kind)
    address = reverse(f"archive:{kind}_{verb}", args=[thing.pk])
    assert client.post(address).url.startswith("/accounts/login/")
    client.force_login(cataloguer)
    assert client.post(address).status_code == 403
    client.force_login(curator)
    assert client.get(address).status_code == 405
    missing = reverse(f"archive:{kind}_{verb}", args=[999])
    assert client.post(missing).status_code == 404


def test_an_accepted_suggestion_is_part_of_the_record(
    client, curator, photograph, suggestion
):
    client.force_login(curator)
    page = decide(client, suggestion, "accept").content.decode()
    assert "Accepted “boat”." in page
    assert photograph.assignments.get().suggestion == suggestion


def test_a_rejected_suggestion_can_be_taken_back(client, curator, suggestion):
    client.force_login(curator)
    decide(client, suggestion, "reject", reason="It is a plane.")
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.decision_reason) == (
        "rejected",
        "It is a plane.",
    )
    decide(client, suggestion, "undo")
    suggestion.refresh_from_db()
    assert suggestion.state == "awaiting"


@pytest.mark.parametrize("verb", ["accept", "reject"])
def test_what_another_decided_first_is_told_and_kept(client, curator, suggestion, verb):
    review.reject_suggestion(suggestion, by=curator)
    client.force_login(curator)
    page = decide(client, suggestion, verb).content.decode()
    assert "Nothing was changed" in page
    suggestion.refresh_from_db()
    assert suggestion.state == "rejected"


def test_undoing_what_is_undecided_is_told(client, curator, suggestion):
    client.force_login(curator)
    assert "Nothing was changed" in decide(client, suggestion, "undo").content.decode()


def test_colours_are_accepted_rejected_and_undone(client, curator, colorization):
    client.force_login(curator)
    for verb, state in (
        ("accept", "accepted"),
        ("undo", "awaiting"),
        ("reject", "rejected"),
        ("accept", "rejected"),
    ):
        decide(client, colorization, verb)
        colorization.refresh_from_db()
        assert colorization.review_state == state


def test_a_screen_copy_is_not_a_colorization(client, curator, photograph):
    copy = catalogue.colorization(catalogue.master(photograph), purpose="display")
    client.force_login(curator)
    address = reverse("archive:colorization_accept", args=[copy.pk])
    assert client.post(address).status_code == 404


def test_a_decision_leads_back_to_an_address_of_ours_only(
    client, curator, photograph, suggestion
):
    client.force_login(curator)
    address = reverse("archive:suggestion_accept", args=[suggestion.pk])
    answer = client.post(address, {"next": "https://elsewhere.example/"})
    assert answer.url == photograph.get_absolute_url()
