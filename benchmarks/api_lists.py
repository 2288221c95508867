"""Lists of the programming interface at 100,000 photographs.

    python benchmarks/api_lists.py [--photographs 100000] [--repeats 15]

Makes a catalogue in a temporary folder (rows only, no files), asks for pages through
the whole application in this process, and prints the median time of each, its ratio
to the limit of 150 ms, and its ratio to the peer: the first fifty photographs read as
plain dictionaries by Django's `values()` and written by `json`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LIMIT = 0.150
PORTION = 5000
ADDRESSES = [
    "photographs/",
    "photographs/?page_size=100",
    "photographs/?page=1000",
    "photographs/?collection={series}",
    "photographs/?ordering=-created_at",
    "photographs/?ordering=title",
    "photographs/?text=ferry",
    "photographs/?date_from=1920-01-01&date_to=1929-12-31",
    "photographs/?state=awaiting_review",
    "photographs/?restricted=sensitive",
    "photographs/?term={term}",
    "collections/",
    "masters/",
    "derivatives/?purpose=colorization&review_state=awaiting",
    "suggestions/?state=awaiting",
    "events/",
    "terms/",
]


def fill(photographs: int) -> dict[str, int]:
    """Make rows of everything; return the keys that addresses name."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from archive import describing, models, provenance
    from archive.vocabularies import EventType, Purpose, ReviewState

    person = User.objects.create_superuser("someone")
    series = []
    for top in range(20):
        fonds = describing.create_collection(
            {"reference_code": f"F{top:02}", "sensitive": top == 7},
            parent=None,
            by=person,
        )
        series += [
            describing.create_collection(
                {"reference_code": f"F{top:02}/{n}", "level": "series"},
                parent=fonds,
                by=person,
            )
            for n in range(10)
        ]
    terms = [describing.create_term(f"term {n}") for n in range(26)]
    models.MachineWord.objects.bulk_create(
        models.MachineWord(term=term, threshold=0.7) for term in terms
    )
    now = timezone.now()
    for start in range(0, photographs, PORTION):
        numbers = range(start, min(start + PORTION, photographs))
        made = models.Photograph.objects.bulk_create(
            models.Photograph(
                collection=series[n % len(series)],
                reference_code=f"P{n:06}",
                title=f"{'Ferry' if n % 50 == 0 else 'View'} number {n * 7919 % 99991}",
                creator=f"Studio {n % 300}",
                place=f"Place {n % 120}",
                description="Stamped on the back. " * (n % 5),
                doubt=(n * 7919 % 1000) / 2000,
                tags_doubt=(n * 7919 % 1000) / 2000,
                colour_doubt=(n * 104729 % 1000) / 1000,
                look=n // 3 + 1,
                date_earliest=f"{1860 + n % 80}-01-01",
                date_latest=f"{1860 + n % 80}-12-31",
            )
            for n in numbers
        )
        masters = models.MasterFile.objects.bulk_create(
            models.MasterFile(
                photograph=one,
                sha256=f"{one.pk:064x}",
                size_bytes=1,
                width=4000,
                height=3000,
                bit_depth=8,
                mode="L",
                media_type="image/tiff",
                extension=".tif",
                original_name=f"{one.reference_code}.tif",
            )
            for one in made
        )
        models.Derivative.objects.bulk_create(
            models.Derivative(
                master=master,
                purpose=purpose,
                recipe={"model": "m"},
                recipe_digest="0" * 64,
                sha256=f"{master.pk:064x}",
                size_bytes=1,
                width=320,
                height=240,
                media_type="image/jpeg",
                extension=".jpg",
                made_by="benchmark",
                review_state=state,
            )
            for master in masters
            for purpose, state in (
                (Purpose.THUMBNAIL, ReviewState.NOT_NEEDED),
                (Purpose.DISPLAY, ReviewState.NOT_NEEDED),
                (Purpose.COLORIZATION, ReviewState.AWAITING),
            )
        )
        models.Suggestion.objects.bulk_create(
            models.Suggestion(
                photograph=one,
                term=terms[one.pk % 26],
                score=0.8,
                suggested_at=now,
                model_name="m",
                model_version="1",
            )
            for one in made
        )
        models.Assignment.objects.bulk_create(
            models.Assignment(
                photograph=one, term=terms[(one.pk + k) % 26], assigned_by=person
            )
            for one in made
            for k in (1, 2)
        )
        models.Event.objects.bulk_create(
            provenance.prepared(EventType.INGESTION, "ingested", one, by=person)
            for one in made
        )
    return {"series": series[0].pk, "term": terms[3].pk}


def median(do: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """Return the median seconds of a call, by the clock and of the processor.

    The two differ where the machine does other work; the first call is not counted.
    """
    do()
    clock, processor = [], []
    for _ in range(repeats):
        began = time.perf_counter(), time.process_time()
        do()
        clock.append(time.perf_counter() - began[0])
        processor.append(time.process_time() - began[1])
    return statistics.median(clock), statistics.median(processor)


def peer() -> str:
    """Read the first fifty photographs with nothing around them."""
    from archive.models import Photograph

    return json.dumps(list(Photograph.objects.values()[:50]), default=str)


def row(took: float, worked: float, plain: float, name: str) -> str:
    """Return one line of the table."""
    return (
        f"{took * 1000:7.1f}  {worked * 1000:7.1f}  {took / LIMIT:6.2f}"
        f"  {took / plain:6.1f}  {name}"
    )


def main() -> int:
    """Measure and print; return 1 where a list is slower than the limit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--photographs", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=15)
    words = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    with tempfile.TemporaryDirectory(prefix="autochrome-bench-") as folder:
        os.environ["AUTOCHROME_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        from django.contrib.auth.models import User
        from django.core.management import call_command
        from rest_framework.test import APIClient
        from rest_framework.throttling import SimpleRateThrottle

        SimpleRateThrottle.allow_request = lambda *_: True  # type: ignore[method-assign]
        call_command("migrate", verbosity=0)
        began = time.perf_counter()
        keys = fill(words.photographs)
        print(
            f"{words.photographs:,} photographs in {time.perf_counter() - began:.0f} s"
        )
        client = APIClient(SERVER_NAME="localhost")
        client.force_authenticate(User.objects.get(username="someone"))
        plain, worked = median(peer, words.repeats)
        print(f"{'ms':>7}  {'cpu ms':>7}  {'of 150':>6}  {'x peer':>6}")
        print(row(plain, worked, plain, "peer: values() and json"))
        slow = 0
        for address in ADDRESSES:
            full = "/api/" + address.format(**keys)

            def ask(full: str = full) -> None:
                answer = client.get(full)
                if answer.status_code != 200:
                    raise SystemExit(f"{full}: {answer.content!r}")

            took, worked = median(ask, words.repeats)
            slow += took > LIMIT
            print(row(took, worked, plain, address), flush=True)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
