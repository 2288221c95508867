"""The page on which colours are steered: fragments, refusals, and who may."""

import pytest
from django.urls import reverse

from archive import policy, review, steering, versions
from archive.models import Derivative, Photograph, Steering
from archive.vocabularies import Grade, Policy
from colorizer.models import Job
from tests.colorizer.drawn import checkpoints_in
from tests.web import drawn

pytestmark = pytest.mark.django_db

VERBS = (
    "ready",
    "look",
    "place",
    "remove",
    "clear",
    "undo",
    "restore",
    "strength",
    "propose",
)
HINT = {"number": "0", "x": "25", "y": "50", "colour": "#5f6b5e", "why": "a letter"}
PART = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Return folders of models: one takes hints, one does not."""
    return {
        hints: checkpoints_in(tmp_path_factory.mktemp(f"hints-{hints}"), hints=hints)
        for hints in (True, False)
    }


@pytest.fixture(autouse=True)
def hinted(folders, monkeypatch):
    monkeypatch.setenv("AUTOCHROME_CHECKPOINTS", str(folders[True]))


@pytest.fixture
def photograph(data_dir, tmp_path):
    return drawn.photograph(tmp_path)


def at(photograph, verb=""):
    name = f"colorizer:steer_{verb}" if verb else "colorizer:steer"
    return reverse(name, args=[photograph.pk])


@pytest.mark.parametrize("verb", VERBS)
def test_steering_is_by_post_for_cataloguers_of_what_exists(
    client, viewer, cataloguer, photograph, verb
):
    address = at(photograph, verb)
    assert client.post(address).url.startswith("/accounts/login/")
    client.force_login(viewer)
    assert client.post(address).status_code == 403
    client.force_login(cataloguer)
    assert client.get(address).status_code == 405
    missing = reverse(f"colorizer:steer_{verb}", args=[999])
    assert client.post(missing).status_code == 404


def test_the_page_shows_the_palette_and_nothing_to_those_who_only_look(
    client, viewer, curator, photograph
):
    client.force_login(viewer)
    page = client.get(at(photograph)).content.decode()
    assert "No hint yet" in page
    assert "Place the hint" not in page
    assert "steer_ready" not in page
    client.force_login(curator)
    page = client.get(at(photograph)).content.decode()
    assert "Place the hint" in page
    assert "field grey" in page
    assert "chosen by eye and not measured" in page
    assert not Job.objects.exists()  # looking asks for nothing


def test_placing_answers_with_the_parts_that_changed(client, curator, photograph):
    client.force_login(curator)
    answer = client.post(at(photograph, "place"), HINT, **PART)
    assert answer.status_code == 200
    assert answer["X-Steering-Number"] == "1"
    part = answer.content.decode()
    assert "<html" not in part
    assert "Colouring…" in part
    assert 'data-hint="1"' in part
    assert "field grey" in part
    assert "a letter" in part
    [hint] = Steering.objects.get().hints
    assert (hint["x"], hint["y"], hint["by"]) == (0.25, 0.5, "curator")
    job = Job.objects.get()
    assert job.parameters["hints"] == [{"x": 0.25, "y": 0.5, "colour": "#5f6b5e"}]
    # Without scripts the same form leads back to the whole page.
    plain = client.post(at(photograph, "remove"), {"number": "1", "hint": "1"})
    assert plain.url == at(photograph)


def test_a_point_is_moved_without_a_word_about_its_colour(client, curator, photograph):
    client.force_login(curator)
    client.post(at(photograph, "place"), HINT, **PART)
    move = {"number": "1", "hint": "1", "x": "30.5", "y": "40"}
    assert client.post(at(photograph, "place"), move, **PART).status_code == 200
    hint = Steering.objects.first().hints[0]
    assert (hint["x"], hint["y"], hint["why"]) == (0.305, 0.4, "a letter")
    assert hint["colour"] == "#5f6b5e"


def test_the_second_of_two_is_told_and_shown_the_first(
    client, curator, cataloguer, photograph
):
    steering.place(photograph, number=0, x=0, y=0, colour="#112233", by=cataloguer)
    client.force_login(curator)
    answer = client.post(at(photograph, "place"), HINT, **PART)
    assert answer.status_code == 409
    part = answer.content.decode()
    assert "Someone else steered these colours meanwhile" in part
    assert "#112233" in part
    assert Steering.objects.count() == 1


@pytest.mark.parametrize(
    ("verb", "words", "reason"),
    [
        ("place", {"x": "101"}, "outside the picture"),
        ("place", {"x": "a"}, "outside the picture"),
        ("place", {"y": "nan"}, "outside the picture"),
        ("place", {"colour": "red"}, "#rrggbb"),
        ("strength", {"strength": "151"}, "between 0 and 150"),
        ("strength", {"strength": ""}, "between 0 and 150"),
        ("remove", {"hint": "7"}, "not there any more"),
        ("undo", {}, "nothing to undo"),
        ("restore", {}, "nothing to restore"),
        ("clear", {}, "no hint to remove"),
        ("propose", {}, "not made yet"),
    ],
)
def test_what_cannot_be_done_is_said(client, curator, photograph, verb, words, reason):
    client.force_login(curator)
    answer = client.post(at(photograph, verb), {**HINT, **words}, **PART)
    assert answer.status_code == 422
    assert reason in answer.content.decode()
    assert not Steering.objects.exists()


@pytest.mark.parametrize("flag", [Policy.DO_NOT_COLORIZE, Policy.SENSITIVE])
def test_a_restriction_closes_the_page_and_says_why(client, curator, photograph, flag):
    policy.restrict(Photograph.objects.all(), flag, True, by=curator)
    client.force_login(curator)
    page = client.get(at(photograph)).content.decode()
    assert "its own flag says so. Its colours cannot be steered." in page
    assert "Place the hint" not in page
    answer = client.post(at(photograph, "place"), HINT, **PART)
    assert answer.status_code == 422
    record = client.get(photograph.get_absolute_url()).content.decode()
    assert at(photograph) not in record


def test_a_model_without_hints_offers_the_strength_alone(
    client, curator, photograph, folders, monkeypatch
):
    monkeypatch.setenv("AUTOCHROME_CHECKPOINTS", str(folders[False]))
    client.force_login(curator)
    page = client.get(at(photograph)).content.decode()
    assert "trained without colour hints" in page
    assert "Place the hint" not in page
    answer = client.post(at(photograph, "place"), HINT, **PART)
    assert answer.status_code == 422
    assert "follows the strength alone" in answer.content.decode()
    weaker = {"number": "0", "strength": "40"}
    assert client.post(at(photograph, "strength"), weaker, **PART).status_code == 200
    assert Job.objects.get().parameters["strength"] == 0.4


def test_failed_work_is_told_and_tried_again(client, curator, photograph):
    client.force_login(curator)
    client.post(at(photograph, "place"), HINT, **PART)
    Job.objects.update(state="failed", reason="The disk is full.")
    part = client.get(at(photograph, "picture") + "?number=1", **PART).content.decode()
    assert "The disk is full." in part
    assert "Try again" in part
    client.post(at(photograph, "look"), {"number": "1"}, **PART)
    assert Job.objects.filter(state="queued").count() == 1


def test_two_versions_are_compared_proposed_and_graded(client, curator, photograph):
    one = drawn.colours(photograph, "first 1")
    other = drawn.colours(photograph, "second 2")
    Derivative.objects.filter(pk=one.pk).update(review_state="superseded")
    client.force_login(curator)
    record = photograph.get_absolute_url()
    both = f"{record}?colour={other.pk}&against={one.pk}"
    page = client.get(both).content.decode()
    assert "Compared with first 1." in page
    assert "in the colours of first 1" in page
    same = client.get(f"{record}?colour={one.pk}&against={one.pk}").content.decode()
    assert "Compared with" not in same

    proposed = reverse("archive:colorization_propose", args=[one.pk])
    assert "Proposed “first 1”" in client.post(proposed, follow=True).content.decode()
    one.refresh_from_db()
    review.accept_colorization(one, by=curator)
    grade = reverse("archive:colorization_grade", args=[one.pk])
    said = client.post(grade, {"grade": "documented"}, follow=True).content.decode()
    assert "Say what documents these colours" in said
    said = client.post(grade, {"grade": "certain"}, follow=True).content.decode()
    assert "Choose “illustrative” or “documented”" in said
    words = {"grade": "documented", "source": "letter, box 3"}
    seen = {"seen_grade": "illustrative", "seen_source": ""}
    said = client.post(grade, words | seen, follow=True).content.decode()
    assert "Graded as documented." in said
    assert "letter, box 3" in said
    again = client.post(grade, {"grade": "illustrative", **seen}, follow=True)
    assert again.status_code == 200
    one.refresh_from_db()
    assert one.grade == Grade.DOCUMENTED
    changed = words | {"source": "rumour"} | seen
    said = client.post(grade, changed, follow=True).content.decode()
    assert "Someone else graded these colours meanwhile" in said
    versions.grade(one, Grade.ILLUSTRATIVE, by=curator)
    assert one.grade_source == ""


@pytest.mark.parametrize("verb", ["propose", "grade"])
def test_versions_are_for_curators_by_post(
    client, cataloguer, curator, photograph, verb
):
    colours = drawn.colours(photograph)
    address = reverse(f"archive:colorization_{verb}", args=[colours.pk])
    client.force_login(cataloguer)
    assert client.post(address).status_code == 403
    client.force_login(curator)
    assert client.get(address).status_code == 405
    missing = reverse(f"archive:colorization_{verb}", args=[999])
    assert client.post(missing).status_code == 404
