"""The archive learns from its curator: from decisions to a tagger of its own."""

import io
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from archive import describing, review
from archive.models import Photograph, Suggestion
from archive.vocabularies import ReviewState
from colorizer import comparison, jobs, tasks
from colorizer.comparison import Change
from colorizer.models import Job
from colorizer.tagging import VOCABULARY
from colorizer.vocabularies import JobState, Kind
from tests.training.tiny import quiet
from training import __main__, recipes
from training.decisions import Decisions
from training.finetune import Finetuning, tagger_card
from training.recipes.transfers import Finetune

pytestmark = [pytest.mark.django_db, pytest.mark.results]
SHOWN = {
    "airplane-from-above.jpg": {"aeroplane"},
    "allium-oreophilum.jpg": {"pottedplant"},  # a plant, and the only one to tune on
    "black-canyon.jpg": {"mountain"},
    "dust-bowl-home.jpg": {"buildings"},
    "french-alpine-landscape.jpg": {"mountain"},
    "locomotion-house-cat.jpg": {"cat"},
    "march-pastoral.jpg": {"sheep"},
    "nagasaki-boats.jpg": {"boat", "sea"},
}


@pytest.fixture(autouse=True)
def shipped(
    models: Path, unloaded: None, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Use the shipped tagger alone."""
    monkeypatch.delenv("AUTOCHROME_CHECKPOINTS")


def decide(by: Any) -> None:
    """Decide as someone who sees what the sample shows."""
    for photograph in Photograph.objects.all():
        shown = SHOWN.get(photograph.recto.original_name, set())
        for suggestion in photograph.suggestions.awaiting().select_related("term"):
            if suggestion.term.label in shown:
                review.accept_suggestion(suggestion, by=by)
            else:
                review.reject_suggestion(suggestion, by=by)
        for label in shown:
            term = describing.create_term(label, vocabulary=VOCABULARY)
            describing.assign_term(photograph, term, by=by)


def test_from_the_first_decision_to_the_switch(
    curator: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_command("ingest_sample", "--by", "curator", stdout=io.StringIO())
    photographs = Photograph.objects.order_by("pk")
    jobs.request(photographs, Kind.TAG, by=curator)
    assert tasks.drain() == 9
    decide(curator)
    decided = dict(Suggestion.objects.values_list("pk", "state"))
    assert set(decided.values()) == {ReviewState.ACCEPTED, ReviewState.REJECTED}

    export, run, mine = (tmp_path / name for name in ("export", "run", "mine"))
    call_command("export_decisions", str(export), stdout=io.StringIO())
    recipe = replace(
        recipes.load(Path("own-tags"), Finetune),
        steps=3,
        batch=4,
        size=64,
        warmup=1,
        least_decisions=5,
    )
    decisions = Decisions(export, tagger_card("lite2-tags").labels)
    assert Finetuning(recipe, decisions, run, quiet).run()
    words = ["export", str(run), "--decisions", str(export), "--version", "1"]
    monkeypatch.setattr(sys, "argv", ["training", *words, "--checkpoints", str(mine)])
    assert __main__.main() == 0

    monkeypatch.setenv("AUTOCHROME_CHECKPOINTS", str(mine))
    words = ["compare_taggers", "lite2-tags", "own-tags"]
    call_command(*words, "--request", stdout=io.StringIO(), stderr=io.StringIO())
    tasks.drain()
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.SUCCEEDED}
    assert dict(Suggestion.objects.values_list("pk", "state")) == decided
    found = comparison.compare(photographs, "lite2-tags", "own-tags")
    assert found.compared == 9
    against = [d for d in found.differences if d.change == Change.AGAINST]
    assert against  # three small steps do not unlearn everything

    monkeypatch.setattr(settings, "TAGGERS", ["own-tags"])
    assert len(jobs.request(photographs, Kind.TAG, by=curator).jobs) == 9
    tasks.drain()
    now = dict(Suggestion.objects.values_list("pk", "state"))
    assert {pk: now[pk] for pk in decided} == decided
    for each in against:
        suggestion = Suggestion.objects.get(
            photograph=each.photograph, term__label=each.label
        )
        assert suggestion.state == ReviewState.REJECTED
