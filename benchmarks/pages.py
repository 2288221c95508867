"""The curator's pages at 100,000 photographs.

    python benchmarks/pages.py [--photographs 100000] [--few 1000] [--repeats 15]

Makes two catalogues in temporary folders (rows only, no files), one with many and one
with few photographs, asks for each page through the whole application in this process,
and prints the median server time and the number of queries. The peer of each page is
the same page of the small catalogue: a page that is bounded and indexed costs about
the same on both.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from api_lists import LIMIT, fill, median

PAGES = {
    "desk": "/",
    "collections": "/collections/",
    "contact sheet": "/search/",
    "contact sheet, last page": "/search/?page=100000",
    "contact sheet, newest first": "/search/?order=newest",
    "contact sheet, oldest first": "/search/?order=oldest",
    "contact sheet of a fonds": "/collections/{fonds}/",
    "contact sheet of a series": "/collections/{series}/",
    "contact sheet, one decade": "/search/?since=1920&until=1929",
    "contact sheet, one creator": "/search/?creator=Studio+17",
    "contact sheet, one term": "/search/?term=term+3",
    "contact sheet, to review": "/search/?state=awaiting",
    "contact sheet, sensitive": "/search/?restriction=sensitive",
    "contact sheet, one word": "/search/?words=ferry",
    "contact sheet, nearly all": "/search/?words=view",
    **{
        f"facet {name}": f"/search/facets/{name}/"
        for name in (
            "collection",
            "date",
            "place",
            "creator",
            "term",
            "state",
            "restriction",
            "kind",
            "colour",
        )
    },
    **{
        f"photograph, {name}": f"/photographs/{{photograph}}/{words}"
        for name, words in {
            "of its collection": "",
            "of all": "?list=",
            "of all, oldest first": "?list=order%3Doldest",
            "of all, newest first": "?list=order%3Dnewest",
            "of all, by title": "?list=order%3Dtitle",
            "of a fonds": "?within={fonds}&list=",
            "of those to review": "?list=state%3Dawaiting",
            "of a search": "?list=words%3Dferry",
            "of one decade": "?list=since%3D1920%26until%3D1929",
        }.items()
    },
    "review queue": "/review/",
    "review queue, least certain": "/review/?order=unsure",
    "review queue, colours alone": "/review/?order=unsure&show=colour",
    "review queue, alike": "/review/?order=alike",
    "accept together, shown": "/review/batch/?look=1&from=60",
    "machine's words": "/review/words/",
    "terms": "/terms/",
}
# A word that nearly every photograph holds narrows nothing, and has no limit here.
WITHOUT_LIMIT = {"contact sheet, nearly all"}


def measured(photographs: int, repeats: int) -> dict[str, tuple[float, float, int]]:
    """Fill this process's catalogue and return, by page, what `child` prints.

    Returns:
        Median seconds by the clock, of the processor, and the number of queries.
    """
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from archive.models import Collection, Photograph

    settings.ALLOWED_HOSTS.append("testserver")
    call_command("migrate", verbosity=0)
    keys = fill(photographs)
    keys["fonds"] = Collection.objects.get(reference_code="F00").pk
    keys["photograph"] = Photograph.objects.order_by("pk")[photographs // 2].pk
    client = Client()
    client.force_login(User.objects.get(username="someone"))
    found = {}
    for name, pattern in PAGES.items():
        address = pattern.format(**keys)

        def ask(address: str = address) -> None:
            if client.get(address).status_code != 200:
                raise SystemExit(f"{address} cannot be shown")

        clock, processor = median(ask, repeats)
        with CaptureQueriesContext(connection) as queries:
            ask()
        found[name] = clock, processor, len(queries)
    return found


def child(photographs: int, repeats: int) -> dict[str, tuple[float, float, int]]:
    """Measure in a process with a data folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "AUTOCHROME_DATA": folder,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "AUTOCHROME_LOG_LEVEL": "ERROR",
            "DATABASE_URL": "",
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        }
        words = [sys.executable, __file__, "--measure", str(photographs)]
        printed = subprocess.run(
            [*words, "--repeats", str(repeats)],
            check=True,
            stdout=subprocess.PIPE,
            env=environment,
        ).stdout
    return json.loads(printed.splitlines()[-1])


def main() -> int:
    """Print a line a page; return 1 where one is too slow or its queries grow."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", type=int, default=100_000)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measured(asked.measure, asked.repeats)))
        return 0
    few = child(asked.few, asked.repeats)
    many = child(asked.photographs, asked.repeats)
    print(
        f"{asked.photographs:,} photographs; the peer has {asked.few:,}; "
        f"the limit is {LIMIT * 1e3:.0f} ms"
    )
    heads = f"{'median':>10}{'processor':>11}{'peer':>10}{'ratio':>7}{'queries':>9}"
    print(f"{'page':<30}{heads}")
    failed = False
    for name, (clock, processor, queries) in many.items():
        peer, _peer_processor, peer_queries = few[name]
        slow = clock > LIMIT and name not in WITHOUT_LIMIT
        grown = queries != peer_queries
        failed = failed or slow or grown
        print(
            f"{name:<30}{clock * 1e3:>7.0f} ms{processor * 1e3:>8.0f} ms"
            f"{peer * 1e3:>7.0f} ms{clock / peer:>7.1f}{queries:>9}"
            f"{'  TOO SLOW' if slow else ''}{'  MORE QUERIES' if grown else ''}"
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
