"""Two taggers beside each other: each speaks of its own labels."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from archive.models import Suggestion
from archive.vocabularies import ReviewState
from colorizer import actions, jobs, panels, tasks
from colorizer.models import Job
from colorizer.results.models import TaggingResult
from colorizer.vocabularies import Kind
from tests.colorizer import drawn

pytestmark = [pytest.mark.django_db, pytest.mark.results]
WIDER = "lite2-tags-wider"


@pytest.fixture(autouse=True)
def both(
    tmp_path: Path, unloaded: None, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let the usual tagger and a wider one be asked."""
    folder = drawn.checkpoints_in(tmp_path)
    drawn.checkpoints_in(folder, suffix="-wider", scores={"church": 0.8, "plow": 0.1})
    monkeypatch.setenv("AUTOCHROME_CHECKPOINTS", str(folder))
    monkeypatch.setattr(settings, "TAGGERS", ["lite2-tags", WIDER])


def suggested() -> dict[str, str]:
    """Return the model that made each suggestion that waits."""
    waiting = Suggestion.objects.filter(state=ReviewState.AWAITING)
    return {each.term.label: each.model_name for each in waiting}


def test_a_request_asks_every_tagger_and_each_suggestion_names_its_own(
    photograph: Any, curator: Any
) -> None:
    requested = jobs.request([photograph], Kind.TAG, by=curator)
    assert {job.checkpoint for job in requested.jobs} == {"lite2-tags", WIDER}
    assert tasks.drain() == 2
    expected = {"boat": "lite2-tags", "dog": "lite2-tags", "church": WIDER}
    assert suggested() == expected
    assert TaggingResult.objects.count() == 2
    again = jobs.request([photograph], Kind.TAG, by=curator)
    assert (len(again.jobs), len(again.answered)) == (0, 2)


def test_a_tagger_asked_alone_leaves_the_others_suggestions(
    photograph: Any, curator: Any
) -> None:
    jobs.request([photograph], Kind.TAG, by=curator)
    tasks.drain()
    jobs.request([photograph], Kind.TAG, by=curator, checkpoint=WIDER, force=True)
    assert tasks.drain() == 1
    assert set(suggested()) == {"boat", "dog", "church"}


def test_a_new_tagger_is_asked_where_the_old_one_has_answered(
    photograph: Any, curator: Any
) -> None:
    jobs.request([photograph], Kind.TAG, by=curator, checkpoint="lite2-tags")
    tasks.drain()
    requested = jobs.request([photograph], Kind.TAG, by=curator)
    assert [job.checkpoint for job in requested.jobs] == [WIDER]
    sentence = panels.request_sentence(requested, Kind.TAG)
    assert sentence.startswith("Tags are requested")


def test_a_photograph_counts_once_however_many_models_are_asked(
    photographs: Any, curator: Any
) -> None:
    taken = photographs(2)
    assert actions.tag(taken, curator).done == 2
    assert Job.objects.count() == 4


def test_a_tagger_that_is_not_there_is_named(
    photograph: Any, curator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "TAGGERS", ["lite2-tags", "gone"])
    with pytest.raises(jobs.ModelUnavailable, match="'gone'"):
        jobs.request([photograph], Kind.TAG, by=curator)
    assert not Job.objects.exists()
