"""`manage.py import_csv`: read descriptions from a spreadsheet."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archive import batches, spreadsheets
from archive.batches.values import label, shown
from archive.management import people
from archive.models import Batch
from archive.vocabularies import BatchOutcome, BatchState


class Command(BaseCommand):
    """Import a CSV file, or say what it would change.

    The exit status is 1 where a row was refused or left alone.
    """

    help = "Change descriptions as a CSV file says; rows are matched by reference code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and in whose name."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, metavar="USER", help="in whose name")
        parser.add_argument(
            "--dry-run", action="store_true", help="only tell what would be done"
        )
        parser.add_argument(
            "--no-create", action="store_true", help="refuse codes that are not here"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine, report, and apply unless it is a dry run."""
        by = people.person(options["by"])
        if by is None:
            raise CommandError("Say in whose name: --by USER.")
        try:
            with options["file"].open("rb") as file:
                batch = spreadsheets.propose_import(
                    file,
                    options["file"].name,
                    create=not options["no_create"],
                    by=by,
                    at_once=True,
                )
        except OSError as problem:
            raise CommandError(
                f"The file cannot be read: {problem.strerror}."
            ) from problem
        if batch.state == BatchState.FAILED:
            raise CommandError(" ".join(batch.notes))
        for note in batch.notes:
            self.stdout.write(note)
        if options["dry_run"]:
            self._report(batch)
            batches.discard(batch)
            return
        if batch.items.filter(outcome=BatchOutcome.WAITING).exists():
            batches.apply(batch, at_once=True)
        self._report(batch)

    def _report(self, batch: Batch) -> None:
        for item in batch.items.exclude(outcome=BatchOutcome.UNCHANGED).iterator(500):
            changes = "; ".join(
                f"{label(name)}: {shown(name, before)!r} → {shown(name, after)!r}"
                for name, (before, after) in item.changes.items()
            )
            said = item.reason or changes
            self.stdout.write(
                f"{item.row} {item.code} ({item.get_outcome_display()}): {said}"
            )
        counts = batches.progress_of(batch).counts
        summary = ", ".join(f"{n} {o.label.lower()}" for o, n in counts.items())
        self.stdout.write(f"Batch {batch.pk}: {summary or 'no row'}.")
        if {BatchOutcome.REFUSED, BatchOutcome.LEFT} & set(counts):
            raise CommandError("Some rows were refused or left alone; see above.")
