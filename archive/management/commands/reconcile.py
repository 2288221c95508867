"""`manage.py reconcile`: set the stores right against the catalogue."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archive.management import people
from archive.reconciliation import reconcile


class Command(BaseCommand):
    """Sweep what nothing names, remake lost screen copies, report what is missing."""

    help = "Sweep files that nothing names and remake lost screen copies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to do it, and in whose name."""
        parser.add_argument(
            "--dry-run", action="store_true", help="only tell what would be done"
        )
        parser.add_argument("--by", metavar="USER", help="in whose name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reconcile and report; status 1 where a file that a row names is missing."""
        dry = options["dry_run"]
        found = reconcile(dry_run=dry, by=people.person(options["by"]))
        self.stdout.write(
            f"{len(found.swept)} unneeded files {'would be' if dry else ''} removed "
            f"({found.swept_bytes:,} bytes).".replace("  ", " ")
        )
        for path in found.unnamed_masters:
            self.stdout.write(
                f"masters/{'/'.join(path.parts[-3:])} is in no photograph and was "
                "kept. Ingest the same scan again to give it one."
            )
        if found.remade:
            self.stdout.write(f"{len(found.remade)} screen copies were made again.")
        for master in found.missing_masters:
            self.stdout.write(
                f"The master of {master.photograph.reference_code} is missing. Restore "
                f"masters/{'/'.join(master.path.parts[-3:])} from a backup."
            )
        for derivative in found.missing_derivatives:
            self.stdout.write(
                f"A file of {derivative.master.photograph.reference_code} is missing: "
                f"{derivative.get_purpose_display()}."
            )
        if found.missing_masters or found.missing_derivatives:
            raise CommandError("Files are missing; see above.")
