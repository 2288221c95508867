"""`manage.py fixity`: check that the stored masters are what was ingested."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archive.fixity import verify_each
from archive.management import people
from archive.models import MasterFile


class Command(BaseCommand):
    """Read every master back, compare its checksum and record the check."""

    help = "Check every master against its SHA-256."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take which masters, and in whose name."""
        parser.add_argument("--collection", metavar="REF", help="only in and below it")
        parser.add_argument("--by", metavar="USER", help="in whose name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check and report; status 1 where a master is not intact."""
        by = people.person(options["by"])
        masters = MasterFile.objects.select_related("photograph").defer("embedded")
        if options["collection"]:
            above = people.collection(options["collection"])
            masters = masters.filter(
                photograph__collection__path__startswith=above.path
            )
        checked = broken = 0
        for verdict in verify_each(masters.iterator(chunk_size=500), by=by):
            checked += 1
            if not verdict.intact:
                broken += 1
                self.stdout.write(verdict.sentence)
        self.stdout.write(f"{checked} masters checked, {checked - broken} intact.")
        if broken:
            raise CommandError(f"{broken} masters are not intact; see above.")
