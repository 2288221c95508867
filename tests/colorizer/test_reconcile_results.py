"""Reconciling drafts with jobs: left-overs go, losses are named."""

import pytest
from django.core.management import CommandError, call_command

from colorizer import jobs, tasks
from colorizer.models import Job
from colorizer.results import drafts
from colorizer.results.models import TaggingResult
from colorizer.vocabularies import JobState, Kind

pytestmark = pytest.mark.results


@pytest.fixture
def three(results_database, photographs, curator):
    """Return three jobs that were done."""
    made = jobs.request(photographs(3), Kind.TAG, by=curator).jobs
    tasks.drain()
    return made


def test_it_keeps_what_belongs_together(three, capsys):
    call_command("reconcile_results")
    assert "0 unneeded drafts removed" in capsys.readouterr().out
    assert TaggingResult.objects.count() == 3


def test_it_removes_what_came_to_nothing_and_leaves_what_may_be_finished(three):
    cancelled, queued, _done = three
    Job.objects.filter(pk=cancelled.pk).update(state=JobState.CANCELLED)
    Job.objects.filter(pk=queued.pk).update(state=JobState.QUEUED)
    call_command("reconcile_results", "--dry-run")
    assert TaggingResult.objects.count() == 3
    call_command("reconcile_results")
    left = set(TaggingResult.objects.values_list("job_id", flat=True))
    assert left == {job.pk for job in three[1:]}


def test_it_names_what_is_gone(three, capsys):
    TaggingResult.objects.get(pk=three[0].result_id).delete()
    with pytest.raises(CommandError, match="Drafts are gone"):
        call_command("reconcile_results")
    assert "The draft of GB1/0001" in capsys.readouterr().out


def test_it_says_when_the_database_is_away(db, monkeypatch):
    def away() -> None:
        raise drafts.ResultsAway

    monkeypatch.setattr(drafts, "require_database", away)
    with pytest.raises(CommandError, match="Start the program first"):
        call_command("reconcile_results")
