"""`manage.py reconcile_results`: set the drafts right against the jobs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from colorizer.results import drafts, reconciliation


class Command(BaseCommand):
    """Remove drafts that came to nothing, and name jobs whose draft is gone."""

    help = "Remove drafts that came to nothing, and name jobs whose draft is gone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to do it."""
        parser.add_argument(
            "--dry-run", action="store_true", help="only tell what would be done"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Reconcile and report; status 1 where a draft is gone."""
        try:
            drafts.require_database()
            found = reconciliation.reconcile(dry_run=options["dry_run"])
        except drafts.ResultsAway as away:
            raise CommandError(
                "The results database does not answer. Start the program first."
            ) from away
        would = "would be " if options["dry_run"] else ""
        self.stdout.write(f"{len(found.left_over)} unneeded drafts {would}removed.")
        for job in found.missing:
            self.stdout.write(
                f"The draft of {job.photograph.reference_code}"
                f" ({job.get_kind_display().lower()}) is gone. Request it again with"
                " force, or put the results back from your backup."
            )
        if found.missing:
            raise CommandError("Drafts are gone; see above.")
