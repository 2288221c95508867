"""Lists cost the same number of queries however long they are: the budgets."""

import json
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from archive import describing, publishing
from archive.models import (
    Accession,
    AccessionItem,
    Batch,
    MachineWord,
    ReviewBatch,
    Suggestion,
    Term,
)
from archive.vocabularies import Purpose, ReviewState
from colorizer.models import Job
from tests import cast, catalogue
from tests.api.conftest import signed_in

BUDGETS: dict[str, int] = json.loads(
    Path(__file__).with_name("query_counts.json").read_text(encoding="utf-8")
)


def add_one(number: int, by: User) -> None:
    """Add one of everything, each with all that can hang on it."""
    code = f"GB{number}"
    fonds = catalogue.collection(code, sensitive=bool(number % 2))
    series = catalogue.collection(f"{code}/1", parent=fonds, level="series")
    photograph = catalogue.photograph(
        f"{code}/1/1", within=series, title="x", rights="http://example.org/"
    )
    master = catalogue.master(photograph)
    colours = catalogue.colorization(master, decided_by=by)
    catalogue.colorization(
        master,
        purpose=Purpose.COLOUR_THUMBNAIL,
        source=colours,
        review_state=ReviewState.NOT_NEEDED,
    )
    term = describing.create_term(code)
    term.synonyms.create(label=f"{code} too")
    suggestion = Suggestion.objects.create(
        photograph=photograph,
        term=term,
        score=0.5,
        state=ReviewState.ACCEPTED,
        decided_by=by,
        suggested_at=timezone.now(),
    )
    describing.assign_term(photograph, term, by=by, suggestion=suggestion)
    MachineWord.objects.create(
        term=term, stands_for=Term.objects.exclude(pk=term.pk).first()
    )
    ReviewBatch.objects.create(by=by, decision="accepted", words="x", undone_by=by)
    if not fonds.sensitive:
        publishing.publish(photograph, by=by)
    Batch.objects.create(kind="edit", title=code, started_by=by)
    run = Accession.objects.create(collection=series, source="/box", started_by=by)
    AccessionItem.objects.create(accession=run, path="a.tif", outcome="new")
    Job.objects.create(
        kind="tag",
        photograph=photograph,
        master=master,
        checkpoint="drawn-tagger",
        checkpoint_sha256="ab" * 32,
        requested_by=by,
    )


def queries(client: APIClient, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = client.get(address)
    assert answer.status_code == 200
    assert answer.json()["results"]
    return len(captured)


@pytest.mark.parametrize("name", sorted(BUDGETS))
def test_a_list_keeps_to_its_budget(name: str, curator: User) -> None:
    cast.viewer()
    for number in range(2):
        add_one(number, curator)
    first = queries(signed_in(User.objects.get(username="viewer")), f"/api/{name}/")
    for number in range(2, 9):
        add_one(number, curator)
    then = queries(signed_in(User.objects.get(username="viewer")), f"/api/{name}/")
    assert Term.objects.count() == 9
    assert (first, then) == (BUDGETS[name], BUDGETS[name])
