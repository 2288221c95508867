"""`manage.py index_alike`: bring the index of similar photographs up to date."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from colorizer.alike import keeping


class Command(BaseCommand):
    """Put what taggers saw into the index, or make it again from the drafts."""

    help = "Bring the index of photographs that look alike up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to begin again."""
        parser.add_argument("--anew", action="store_true", help="from all drafts")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say how many photographs it holds."""
        state = keeping.refresh(anew=options["anew"])
        if state is None:
            self.stdout.write("Nothing to index, or another process is at it.")
        else:
            self.stdout.write(f"{state.count} photographs, as {state.model} saw them.")
