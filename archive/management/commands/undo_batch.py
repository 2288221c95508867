"""`manage.py undo_batch`: put back what a batch changed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archive import batches
from archive.errors import ArchiveError
from archive.management import people
from archive.models import Batch
from archive.vocabularies import BatchOutcome


class Command(BaseCommand):
    """Undo a batch; what somebody changed since is left alone and named."""

    help = "Undo a bulk edit or an import, by the number of its batch."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the batch and in whose name."""
        parser.add_argument("batch", type=int)
        parser.add_argument("--by", required=True, metavar="USER", help="in whose name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Undo, and name what is left alone."""
        by = people.person(options["by"])
        batch = Batch.objects.filter(pk=options["batch"]).first()
        if batch is None or by is None:
            raise CommandError(f"There is no batch {options['batch']}.")
        try:
            undoing = batches.undo(batch, by=by)
        except ArchiveError as problem:
            raise CommandError(problem.sentence) from problem
        for item in undoing.items.exclude(reason=""):
            self.stdout.write(f"{item.code}: {item.reason}")
        done = undoing.items.filter(outcome=BatchOutcome.DONE).count()
        self.stdout.write(f"Batch {undoing.pk}: {done} put back.")
