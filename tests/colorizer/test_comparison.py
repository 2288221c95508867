"""What another tagger would change: told from drafts, before anyone switches."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from archive import describing, policy, review
from archive.models import Event, Photograph, Suggestion
from archive.vocabularies import Policy, ReviewState
from colorizer import comparison, jobs, tasks
from colorizer.comparison import Change
from colorizer.models import Job
from colorizer.results.models import TaggingResult
from colorizer.tagging import VOCABULARY
from colorizer.vocabularies import JobState, Kind
from tests.colorizer import drawn

pytestmark = [pytest.mark.django_db, pytest.mark.results]
OLD, NEW = "lite2-tags", "lite2-tags-own"
AFTER = {"boat": 0.1, "dog": 0.8, "sea": 0.9, "church": 0.7}


@pytest.fixture(autouse=True)
def both(
    tmp_path: Path, unloaded: None, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let there be a tagger in use and one that may follow."""
    folder = drawn.checkpoints_in(tmp_path)
    drawn.checkpoints_in(folder, suffix="-own", version="2", scores=AFTER)
    monkeypatch.setenv("AUTOCHROME_CHECKPOINTS", str(folder))


@pytest.fixture
def three(
    results_database: None,
    photographs: Callable[[int], list[Photograph]],
    curator: Any,
) -> list[Photograph]:
    """Return photographs: nothing decided; the new one is wrong; it is right."""
    taken = photographs(3)
    jobs.request(taken, Kind.TAG, by=curator)
    tasks.drain()
    _nothing, wrong, right = taken
    review.accept_suggestion(suggestion(wrong, "boat"), by=curator)
    review.reject_suggestion(suggestion(wrong, "dog"), by=curator)
    review.reject_suggestion(suggestion(right, "boat"), by=curator)
    sea = describing.create_term("sea", vocabulary=VOCABULARY)
    describing.assign_term(right, sea, by=curator)
    return taken


def suggestion(photograph: Photograph, label: str) -> Suggestion:
    found: Suggestion = photograph.suggestions.get(term__label=label)
    return found


def tried(three: list[Photograph], curator: Any) -> comparison.Comparison:
    first = comparison.compare(Photograph.objects.all(), OLD, NEW)
    comparison.request_trial(first, by=curator)
    tasks.drain()
    return comparison.compare(Photograph.objects.all(), OLD, NEW)


def test_it_tells_what_is_added_dropped_and_contradicted(
    three: list[Photograph], curator: Any
) -> None:
    found = tried(three, curator)
    assert (found.compared, found.waiting) == (3, [])
    nothing, wrong, right = (photograph.pk for photograph in three)
    told = {(d.photograph, d.label): d.change for d in found.differences}
    assert told == {
        (nothing, "boat"): Change.DROPPED,
        (nothing, "sea"): Change.ADDED,
        (nothing, "church"): Change.ADDED,
        (wrong, "boat"): Change.LOST,
        (wrong, "dog"): Change.AGAINST,
        (wrong, "sea"): Change.ADDED,
        (wrong, "church"): Change.ADDED,
        (right, "boat"): Change.SPARED,
        (right, "sea"): Change.FOUND,
        (right, "church"): Change.ADDED,
    }
    assert found.contradictions == 2
    assert found.by_label["church"][Change.ADDED] == 3
    assert found.totals[Change.ADDED] == 5
    church = next(d for d in found.differences if d.label == "church")
    assert church.before is None
    assert church.after == pytest.approx(0.7, abs=1e-4)


def test_a_trial_suggests_nothing_and_changes_nothing(
    three: list[Photograph], curator: Any
) -> None:
    before = list(Suggestion.objects.order_by("pk").values())
    events = Event.objects.count()
    seen = list(Photograph.objects.order_by("pk").values())
    tried(three, curator)
    assert list(Suggestion.objects.order_by("pk").values()) == before
    assert list(Photograph.objects.order_by("pk").values()) == seen
    assert Event.objects.count() == events
    assert TaggingResult.objects.count() == 6
    assert {job.is_trial for job in Job.objects.filter(checkpoint=NEW)} == {True}


def test_a_trial_is_asked_for_once(three: list[Photograph], curator: Any) -> None:
    first = comparison.compare(Photograph.objects.all(), OLD, NEW)
    assert len(comparison.request_trial(first, by=curator).jobs) == 3
    again = comparison.request_trial(first, by=curator)
    assert (len(again.jobs), len(again.already)) == (0, 3)


def test_a_request_in_earnest_is_no_trial_any_more(
    three: list[Photograph], curator: Any
) -> None:
    first = comparison.compare(Photograph.objects.all(), OLD, NEW)
    comparison.request_trial(first, by=curator)
    asked = jobs.request(three, Kind.TAG, by=curator, checkpoint=NEW)
    assert len(asked.already) == 3
    tasks.drain()
    assert suggestion(three[0], "sea").state == ReviewState.AWAITING
    assert not any(job.is_trial for job in Job.objects.filter(checkpoint=NEW))


def test_a_trial_that_runs_can_still_be_made_earnest(
    three: list[Photograph], curator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = comparison.compare(Photograph.objects.all(), OLD, NEW)
    comparison.request_trial(first, by=curator)
    look = tasks.look

    def look_meanwhile(job: Job, network: Any) -> Any:
        jobs.request(three, Kind.TAG, by=curator, checkpoint=NEW)
        return look(job, network)

    monkeypatch.setattr(tasks, "look", look_meanwhile)
    tasks.drain()
    assert suggestion(three[0], "sea").state == ReviewState.AWAITING


def test_after_the_switch_what_was_rejected_stays_rejected(
    three: list[Photograph], curator: Any
) -> None:
    tried(three, curator)
    asked = jobs.request(three, Kind.TAG, by=curator, checkpoint=NEW)
    assert len(asked.jobs) == 3  # a trial is no answer
    tasks.drain()
    _nothing, wrong, right = three
    assert suggestion(wrong, "dog").state == ReviewState.REJECTED
    assert suggestion(wrong, "dog").model_name == OLD
    assert suggestion(wrong, "boat").state == ReviewState.ACCEPTED
    assert suggestion(right, "boat").state == ReviewState.REJECTED
    assert not right.suggestions.filter(term__label="sea").exists()
    assert suggestion(wrong, "sea").model_name == NEW


def test_photographs_that_must_not_be_tagged_are_left_out(
    three: list[Photograph], curator: Any
) -> None:
    restricted = Photograph.objects.filter(pk=three[0].pk)
    policy.restrict(restricted, Policy.DO_NOT_TAG, True, by=curator)
    found = tried(three, curator)
    assert found.compared == 2
    assert Job.objects.filter(checkpoint=NEW).count() == 2


def command(*words: str) -> str:
    out = io.StringIO()
    call_command("compare_taggers", *words, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_the_command_asks_then_tells(
    three: list[Photograph], curator: Any, tmp_path: Path
) -> None:
    assert "has not looked at 3 photographs" in command(OLD, NEW)
    command(OLD, NEW, "--request", "--by", "curator")
    assert set(Job.objects.filter(checkpoint=NEW).values_list("state")) == {
        (JobState.QUEUED,)
    }
    tasks.drain()
    told = command(OLD, NEW)
    assert "From lite2-tags 0 to lite2-tags-own 2, on 3 photographs" in told
    assert "2 times it goes against a decision" in told
    assert "GB1/0002  dog  0.70 → 0.80" in told
    table = tmp_path / "differences.csv"
    read = json.loads(command(OLD, NEW, "--json", "--csv", str(table)))
    assert read["totals"] == {
        "added": 5,
        "dropped": 1,
        "against": 1,
        "lost": 1,
        "spared": 1,
        "found": 1,
    }
    with table.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len(read["differences"]) == 10
    assert sum(row["contradicts"] == "True" for row in rows) == 2


def test_the_same_tagger_changes_nothing(three: list[Photograph]) -> None:
    found = comparison.compare(Photograph.objects.all(), OLD, OLD)
    assert [d.change for d in found.differences] == [Change.AGAINST, Change.AGAINST]


def test_an_unknown_tagger_and_a_colorizer_are_refused(
    three: list[Photograph],
) -> None:
    with pytest.raises(CommandError, match="no checkpoint called 'gone'"):
        command(OLD, "gone")
    with pytest.raises(CommandError, match="lite0-fpn is a colorizer"):
        command(OLD, "lite0-fpn")
