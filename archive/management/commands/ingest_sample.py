"""`manage.py ingest_sample`: bring in the prints that come with the program."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from archive import ingest
from archive.describing import create_collection
from archive.errors import ArchiveError
from archive.management import people
from archive.models import Collection
from archive.vocabularies import AccessionState, ItemOutcome, Level, Rights

_FONDS = {
    "reference_code": "SAMPLE",
    "title": "Sample collection",
    "level": Level.FONDS,
    "date_text": "1865–1940",
    "date_edtf": "1865/1940",
    "extent_and_medium": "9 photographic prints, as digital images",
    "rights": Rights.CC0,
    "description": (
        "Nine historical prints, chosen to show what the archive does. An artificial "
        "collection: the prints never belonged together."
    ),
    "notes": (
        "Digital images courtesy of the Getty's Open Content Program. Originals: "
        "The J. Paul Getty Museum, Los Angeles."
    ),
}
_SERIES = (
    {
        "reference_code": "SAMPLE/1",
        "title": "Form and motion",
        "level": Level.SERIES,
        "date_text": "1887–1929",
        "date_edtf": "1887/1929",
        "description": "Plants, an animal and a machine, isolated and looked at.",
    },
    {
        "reference_code": "SAMPLE/2",
        "title": "Landscapes and places",
        "level": Level.SERIES,
        "date_text": "1865–1940",
        "date_edtf": "1865/1940",
        "description": "Rivers, mountains, pasture, a plain and a harbour.",
    },
)


class Command(BaseCommand):
    """Ingest the sample collection; run again, it goes on or does nothing."""

    help = "Bring in the nine prints that come with the program."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take in whose name."""
        parser.add_argument("--by", metavar="USER", help="in whose name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the collections that are missing, then ingest what is missing."""
        by = people.person(options["by"])
        folder = Path(settings.BASE_DIR) / "sample"
        try:
            fonds = _present(_FONDS) or create_collection(_FONDS, parent=None, by=by)
            for series in _SERIES:
                if not _present(series):
                    create_collection(series, parent=fonds, by=by)
            whole = fonds.accessions.filter(
                source=folder.name, state=AccessionState.FINISHED
            ).exclude(items__outcome__in=(ItemOutcome.FAILED, ItemOutcome.UNREADABLE))
            if whole.exists():
                self.stdout.write("The sample collection is in the archive already.")
                return
            accession = ingest.ingest_folder(folder, fonds, by=by)
        except ArchiveError as problem:
            raise CommandError(problem.sentence) from problem
        kept = accession.items.filter(
            outcome__in=(ItemOutcome.INGESTED, ItemOutcome.DUPLICATE)
        ).count()
        self.stdout.write(f"{kept} prints of the sample collection are in the archive.")
        lost = accession.items.exclude(
            outcome__in=(ItemOutcome.INGESTED, ItemOutcome.DUPLICATE)
        )
        if lost:
            raise CommandError(" ".join(f"{i.path}: {i.reason}" for i in lost))


def _present(values: dict[str, Any]) -> Collection | None:
    found: Collection | None = Collection.objects.filter(
        reference_code=values["reference_code"]
    ).first()
    return found
