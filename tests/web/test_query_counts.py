"""The number of queries of each page that lists things, whatever it lists.

`query_counts.json` holds the budget of each page. To change one, run the tests with
`AUTOCHROME_WRITE_QUERY_COUNTS=1` and commit the file with the reason.
"""

import functools
import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from archive import batches, describing, preferences
from archive.batches import Operations, Selection, TextChange
from archive.columns import COLUMNS
from archive.facets import FACETS
from archive.models import (
    Accession,
    AccessionItem,
    Batch,
    Collection,
    Photograph,
    Suggestion,
)
from archive.vocabularies import AccessionState, ItemOutcome, Purpose
from colorizer.models import Job
from tests import catalogue

pytestmark = pytest.mark.django_db
BUDGETS = Path(__file__).with_name("query_counts.json")

PAGES = {
    "desk": lambda: "/",
    "collections": lambda: reverse("archive:collections"),
    "collection": lambda: Collection.objects.get(pk=_first().pk).get_absolute_url(),
    "contact sheet": lambda: reverse("archive:search"),
    "contact sheet, filtered": lambda: (
        reverse("archive:search")
        + "?words=plate&state=awaiting&since=1800&term=term0&restriction=sensitive"
    ),
    "table of photographs": lambda: reverse("archive:search"),
    **{
        f"facet {name}": functools.partial(
            lambda name: reverse("archive:facet", args=[name]) + "?words=plate", name
        )
        for name in FACETS
    },
    "photograph": lambda: Photograph.objects.first().get_absolute_url(),
    "review": lambda: reverse("archive:review"),
    **{
        f"review, {order}": functools.partial(
            lambda order: reverse("archive:review") + f"?order={order}", order
        )
        for order in ("unsure", "alike")
    },
    "jobs": lambda: reverse("colorizer:jobs"),
    "terms": lambda: reverse("archive:terms"),
    "ingest": lambda: reverse("archive:ingest"),
    "accession": lambda: Accession.objects.get().get_absolute_url(),
    "batches": lambda: reverse("archive:batches"),
    "batch": lambda: Batch.objects.first().get_absolute_url(),
}


def _first():
    return Collection.objects.first()


def fill(count, curator):
    """Give the archive as many of everything as said."""
    top = Collection.objects.first() or catalogue.collection("F", sensitive=True)
    accession = Accession.objects.first() or Accession.objects.create(
        collection=top,
        source="/scans",
        state=AccessionState.EXAMINED,
        started_by=curator,
    )
    known = Collection.objects.count()
    for number in range(known, known + count):
        below = catalogue.collection(f"F/{number}", parent=top, level="series")
        photograph = catalogue.photograph(
            f"F/{number}/1",
            within=below,
            title="A plate",
            date_edtf="1911",
            date_earliest="1911-01-01",
            date_latest="1911-12-31",
        )
        master = catalogue.master(photograph)
        catalogue.colorization(master, purpose=Purpose.THUMBNAIL)
        catalogue.colorization(master)
        term = catalogue.term(f"term{number - 1}", f"word{number}")
        describing.assign_term(photograph, term, by=curator)
        describing.assign_term(photograph, _term0(), by=curator)
        Suggestion.objects.create(
            photograph=photograph,
            term=catalogue.term(f"idea{number}"),
            score=0.5,
            model_name="m",
            model_version="1",
            model_sha256="ab" * 32,
            suggested_at=timezone.now(),
        )
        for kind in ("colorize", "tag"):
            Job.objects.create(
                kind=kind,
                photograph=photograph,
                master=master,
                checkpoint="m",
                checkpoint_sha256="0",
                requested_by=curator,
            )
        AccessionItem.objects.create(
            accession=accession,
            path=f"{number}.tif",
            outcome=ItemOutcome.DUPLICATE,
            photograph=photograph,
        )

    for number in range(count):
        selection = Selection(everything=True)
        change = TextChange("append", f"{number}")
        batch = batches.propose_edit(
            selection, Operations(texts={"place": change}), by=curator
        )
        if number:
            batches.apply(batch)


def _term0():
    return describing.create_term("term0")


@pytest.mark.parametrize("name", PAGES)
def test_the_number_of_queries_is_constant_and_within_its_budget(client, curator, name):
    client.force_login(curator)
    if name.startswith("table"):
        preferences.remember(curator, {"view": "table", "columns": list(COLUMNS)})
    counted = []
    for more in (2, 9):
        fill(more, curator)
        address = PAGES[name]()
        client.get(address)  # the session and the permissions of the first request
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
        assert response.status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1], f"{name}: more photographs, more queries"
    budgets = json.loads(BUDGETS.read_text())
    if os.environ.get("AUTOCHROME_WRITE_QUERY_COUNTS"):
        budgets[name] = counted[1]
        BUDGETS.write_text(json.dumps(budgets, indent=2, sort_keys=True) + "\n")
    assert counted[1] == budgets[name]
