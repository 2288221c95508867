"""`manage.py ingest`: bring a folder of scans into the archive."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archive import ingest
from archive.describing import create_collection
from archive.errors import ArchiveError
from archive.management import people
from archive.models import Accession, Collection
from archive.vocabularies import ItemOutcome

_ENDED_BADLY = (ItemOutcome.UNREADABLE, ItemOutcome.FAILED)
_MEANING = {
    ItemOutcome.NEW: "new",
    ItemOutcome.INGESTED: "ingested",
    ItemOutcome.DUPLICATE: "already in the archive",
    ItemOutcome.UNREADABLE: "unreadable",
    ItemOutcome.FAILED: "failed",
}


class Command(BaseCommand):
    """Ingest a folder, or examine it, and print a report.

    The exit status is 0 where every file is in the archive, new or from before, and
    1 where one could not be read or kept.
    """

    help = "Bring a folder of scans, and a CSV beside them, into the archive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder, the collection, and in whose name."""
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--collection", required=True, metavar="REF", help="its reference code"
        )
        parser.add_argument(
            "--create",
            metavar="TITLE",
            help="make the collection if it is not there, even for a dry run",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only tell what would be done"
        )
        parser.add_argument("--by", metavar="USER", help="in whose name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ingest or examine, and report."""
        by = people.person(options["by"])
        code, title = options["collection"], options["create"]
        verb = ingest.examine if options["dry_run"] else ingest.ingest_folder
        try:
            if title and not Collection.objects.filter(reference_code=code).exists():
                create_collection(
                    {"reference_code": code, "title": title}, parent=None, by=by
                )
            accession = verb(options["folder"], people.collection(code), by=by)
        except ArchiveError as problem:
            raise CommandError(problem.sentence) from problem
        self._report(accession)
        if accession.items.filter(outcome__in=_ENDED_BADLY).exists():
            raise CommandError("Some files are not in the archive; see above.")

    def _report(self, accession: Accession) -> None:
        for item in accession.items.select_related("photograph").iterator(500):
            said = " ".join(
                filter(
                    None,
                    (
                        _MEANING[ItemOutcome(item.outcome)],
                        item.photograph.reference_code if item.photograph else "",
                        item.reason if item.outcome in _ENDED_BADLY else "",
                        item.note,
                    ),
                )
            )
            self.stdout.write(f"{item.path}: {said}")
        if accession.reason:
            self.stdout.write(accession.reason)
        counts = Counter(accession.items.values_list("outcome", flat=True))
        summary = ", ".join(
            f"{counts[outcome]} {words}"
            for outcome, words in _MEANING.items()
            if counts[outcome]
        )
        self.stdout.write(
            f"{accession.collection.reference_code}: {summary or 'no picture found'}."
        )
