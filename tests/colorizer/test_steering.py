"""Steering, with the worker: hints change colours, and the same wish is done once."""

import os
import time
import uuid

import numpy as np
import pytest
from django.db import IntegrityError
from PIL import Image

from archive import policy, reconciliation, review, steering, versions
from archive.errors import EditedMeanwhile, NotInThisState
from archive.models import Derivative, Event, Photograph
from archive.steering import Forbidden
from archive.vocabularies import Grade, Policy, Purpose, ReviewState
from colorizer import composition, jobs, tasks
from colorizer import steering as seeing
from colorizer.models import Job
from colorizer.results.models import ColorizationResult
from colorizer.steering import HintsNotTaken, MasterMissing
from colorizer.vision import checkpoints
from colorizer.vision.colour import luma
from colorizer.vocabularies import JobState, Kind
from tests.colorizer import drawn

pytestmark = [pytest.mark.results, pytest.mark.usefixtures("unloaded")]


@pytest.fixture(scope="session")
def hinted_folder(tmp_path_factory):
    return drawn.checkpoints_in(tmp_path_factory.mktemp("hinted"), hints=True)


@pytest.fixture
def hinted(hinted_folder, monkeypatch):
    monkeypatch.setenv("AUTOCHROME_CHECKPOINTS", str(hinted_folder))
    return seeing.model()


def place(photograph, by, colour="#a3262a", x=0.5, why="", number=None):
    now = steering.current(steering.front(photograph))
    number = now.number if number is None else number
    return steering.place(
        photograph, number=number, x=x, y=0.5, colour=colour, why=why, by=by
    )


def seen(state, by):
    """Ask, work, and look."""
    card = seeing.model()
    seeing.ask(state, card, by=by)
    tasks.drain()
    return seeing.view_of(state, card)


def plane(view):
    return composition.chroma_of(view.colorization)


def red_and_blue(photograph, by):
    """Return what comes of a red hint, and of a blue one instead."""
    red = seen(place(photograph, by, "#c01010"), by)
    steering.undo(photograph, number=1, by=by)
    return red, seen(place(photograph, by, "#1020c0"), by)


def test_a_hint_changes_the_colours_and_no_tone(photograph, curator, hinted):
    before = seen(steering.current(steering.front(photograph)), curator)
    red, blue = red_and_blue(photograph, curator)
    for one, other in ((red, blue), (red, before), (blue, before)):
        assert np.abs(plane(one).cr - plane(other).cr).mean() > 0.01
    for view in (red, blue):
        grey = np.asarray(Image.open(view.colorization.master.path))
        full = np.asarray(composition.compose(view.colorization))
        assert np.array_equal(luma(full), grey)
        assert view.colorization.review_state == ReviewState.DRAFT


def test_the_shipped_model_follows_hints_or_says_that_it_does_not(
    photograph, curator, monkeypatch
):
    monkeypatch.delenv("AUTOCHROME_CHECKPOINTS")
    if not seeing.takes_hints(seeing.model()):
        with pytest.raises(HintsNotTaken, match="strength alone"):
            seeing.require_hints(seeing.model())
        return
    red, blue = red_and_blue(photograph, curator)
    assert plane(red).cr.mean() > plane(blue).cr.mean() + 0.5
    assert plane(blue).cb.mean() > plane(red).cb.mean() + 0.5


def test_what_is_kept_of_a_hint(photograph, curator, hinted, tmp_path):
    view = seen(place(photograph, curator, why="letter of 1916"), curator)
    made = view.colorization
    recipe = {**made.recipe}
    assert recipe.pop("hints") == [{"x": 0.5, "y": 0.5, "colour": "#a3262a"}]
    assert recipe["sha256"] == hinted.sha256
    assert recipe["strength"] == 1.0
    assert made.steering == view.state
    assert made.steering.hints[0]["why"] == "letter of 1916"
    draft = ColorizationResult.objects.get(pk=made.result_id)
    assert draft.parameters["hints"] == made.hints
    told = Event.objects.get(action="derived", derivative=made)
    assert "Strength 100 %, 1 colour hint: scarlet #a3262a at 50.0 %" in told.note
    assert "(curator: letter of 1916)" in told.note
    versions.propose(made, by=curator)
    review.accept_colorization(made, by=curator)
    versions.grade(made, Grade.DOCUMENTED, source="letter, box 3", by=curator)
    written = composition.write_full(made, tmp_path / "full")
    said = Image.open(written).info["xmp"]
    said = said if isinstance(said, str) else said.decode()
    sentence = (
        "Colours are a machine's interpretation, steered by a person with 1 colour"
        " hint. Documented by: letter, box 3."
    )
    for word in (
        sentence,
        "<autochrome:ColourHints>1<",
        "<autochrome:SteeredBy>curator<",
        "<autochrome:Grade>documented<",
        "<autochrome:GradeSource>letter, box 3<",
    ):
        assert word in said, word
    screen = made.compositions.get(purpose=Purpose.COLOUR_DISPLAY)
    packet = Image.open(screen.path).info["xmp"].decode()
    assert "steered by a person with 1 colour hint." in packet


def test_the_same_wish_is_one_job_and_one_colorization(photograph, curator, hinted):
    state = place(photograph, curator)
    first = seeing.ask(state, hinted, by=curator)
    again = seeing.ask(state, hinted, by=curator)
    assert first.waits
    assert again.job == first.job == Job.objects.get()
    tasks.drain()
    view = seeing.ask(state, hinted, by=curator)
    assert view.job is None
    # Undone and done again the same is there at once.
    steering.undo(photograph, number=1, by=curator)
    back = steering.restore(photograph, number=2, by=curator)
    assert seeing.ask(back, hinted, by=curator).colorization == view.colorization
    assert Job.objects.count() == 1
    job = Job.objects.get()
    job.pk, job.state = uuid.uuid4(), JobState.QUEUED
    Job.objects.bulk_create([job])
    job.pk = uuid.uuid4()
    with pytest.raises(IntegrityError):
        Job.objects.bulk_create([job])


def test_no_hint_at_full_strength_is_what_the_model_makes_alone(
    photograph, curator, hinted
):
    jobs.request([photograph], Kind.COLORIZE, by=curator)
    tasks.drain()
    alone = Derivative.objects.get(purpose=Purpose.COLORIZATION)
    view = seeing.view(photograph)
    assert (view.colorization, view.state.number) == (alone, 0)
    assert not alone.steered
    weaker = seen(
        steering.set_strength(photograph, 50, number=0, by=curator), curator
    ).colorization
    assert weaker != alone
    assert weaker.sha256 == alone.sha256  # the same colours, merged at half strength
    assert weaker.steered_words == "steered by a person, strength 50 %"
    full, half = (
        np.asarray(composition.compose(one), np.int16) for one in (alone, weaker)
    )
    grey = np.asarray(Image.open(alone.master.path), np.int16)[..., None]
    assert np.abs(full - grey).mean() > 1.5 * np.abs(half - grey).mean() > 0


def test_a_draft_waits_for_nobody_until_it_is_saved(photograph, curator, hinted):
    jobs.request([photograph], Kind.COLORIZE, by=curator)
    tasks.drain()
    alone = Derivative.objects.get(purpose=Purpose.COLORIZATION)
    state = place(photograph, curator)
    with pytest.raises(NotInThisState, match="not made yet"):
        seeing.save(photograph, number=state.number, by=curator)
    view = seen(state, curator)
    alone.refresh_from_db()
    assert alone.review_state == ReviewState.AWAITING
    with pytest.raises(EditedMeanwhile, match="Nothing was saved"):
        seeing.save(photograph, number=0, by=curator)
    saved = seeing.save(photograph, number=state.number, by=curator)
    alone.refresh_from_db()
    assert (saved, saved.review_state) == (view.colorization, ReviewState.AWAITING)
    assert alone.review_state == ReviewState.SUPERSEDED
    assert saved.version == 1


def test_old_drafts_leave_their_hints_and_are_made_again(photograph, curator, hinted):
    red, blue = red_and_blue(photograph, curator)
    seeing.save(photograph, number=blue.state.number, by=curator)

    def files(view):
        copies = {copy.path for copy in view.colorization.compositions.all()}
        return sorted({view.colorization.path, *copies})

    chroma = plane(red)
    for path in files(red):
        os.utime(path, (time.time() - 29 * reconciliation.DAY,) * 2)
    assert reconciliation.reconcile().swept == []
    for path in (*files(red), *files(blue)):
        os.utime(path, (0, 0))
    found = reconciliation.reconcile()
    assert sorted(found.swept) == files(red)
    assert all(path.is_file() for path in files(blue))
    assert reconciliation.reconcile().missing_derivatives == []
    again = seen(red.state, curator)
    assert again.state.hints == red.state.hints
    assert again.colorization == red.colorization
    assert all(path.is_file() for path in files(again))
    assert np.array_equal(plane(again).cb, chroma.cb)
    assert np.array_equal(plane(again).cr, chroma.cr)


def test_a_draft_without_hints_is_offered_once_everybody_asks_for_it(
    photograph, curator, hinted
):
    view = seen(steering.current(steering.front(photograph)), curator)
    assert view.colorization.review_state == ReviewState.DRAFT
    made = jobs.request([photograph], Kind.COLORIZE, by=curator)
    assert len(made.jobs) == 1
    tasks.drain()
    view.colorization.refresh_from_db()
    assert view.colorization.review_state == ReviewState.AWAITING


def test_a_person_goes_before_the_bulk_and_between_its_pictures(
    photographs, curator, hinted, monkeypatch
):
    many = photographs(4)
    jobs.request(many[:2], Kind.COLORIZE, by=curator)
    jobs.request(many[:2], Kind.TAG, by=curator)
    state = place(many[3], curator)
    seeing.ask(state, hinted, by=curator)
    first = Job.objects.claim("a worker", 8)
    assert [(job.photograph, job.steering) for job in first] == [(many[3], state)]
    first[0].release()
    Job.objects.queued().steered().get().cancel()

    order = []
    real = tasks.look

    def look(job, network):
        order.append(bool(job.asked))
        if len(order) == 1:  # somebody asks while a batch is under way
            seeing.ask(state, hinted, by=curator)
        return real(job, network)

    monkeypatch.setattr(tasks, "look", look)
    tasks.drain()
    assert order == [False, True, False, False, False]
    assert Job.objects.filter(state=JobState.SUCCEEDED).count() == 5


def test_what_was_steered_past_is_dropped(photograph, curator, hinted):
    old = seeing.ask(place(photograph, curator), hinted, by=curator).job
    new = seeing.ask(place(photograph, curator, x=0.1), hinted, by=curator).job
    old.refresh_from_db()
    assert (old.state, new.state) == (JobState.CANCELLED, JobState.QUEUED)
    tasks.drain()
    assert seeing.view(photograph).picture is not None


@pytest.mark.parametrize(
    ("restriction", "said"),
    [
        (Policy.DO_NOT_COLORIZE, "must not be colorized"),
        (Policy.SENSITIVE, "is sensitive"),
    ],
)
def test_a_restriction_stops_it_before_and_in_the_worker(
    photograph, curator, hinted, restriction, said
):
    state = place(photograph, curator)
    seeing.ask(state, hinted, by=curator)
    flagged = Photograph.objects.filter(pk=photograph.pk)
    policy.restrict(flagged, restriction, True, by=curator)
    tasks.drain()
    job = Job.objects.get()
    assert (job.state, job.reason_code) == (JobState.FAILED, "policy")
    assert said in seeing.view(photograph).trouble
    with pytest.raises(Forbidden, match=said):
        seeing.ask(state, hinted, by=curator)


def test_a_lost_scan_is_said(photograph, curator, hinted):
    state = place(photograph, curator)
    photograph.recto.path.unlink()
    with pytest.raises(MasterMissing, match="backup"):
        seeing.ask(state, hinted, by=curator)


def test_a_model_without_hints_follows_the_strength_alone(
    photograph, curator, monkeypatch
):
    card = seeing.model()
    assert not seeing.takes_hints(card)
    state = place(photograph, curator)  # kept, for a model that comes later
    state = steering.set_strength(photograph, 130, number=state.number, by=curator)
    view = seen(state, curator)
    assert view.colorization.hints == []
    assert view.colorization.recipe["strength"] == 1.3


def test_the_worker_makes_itself_ready(hinted):
    tasks.warm_up()
    assert tasks._network.cache_info().currsize == 1
    card = checkpoints.default("colorizer")
    assert tasks._network(Kind.COLORIZE, card.name, card.sha256).takes_hints
