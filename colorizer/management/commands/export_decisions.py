"""`manage.py export_decisions`: what curators decided, for a tagger to learn from."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archive.errors import ArchiveError
from archive.management import people
from archive.models import Photograph
from colorizer.decisions import export
from colorizer.vision.checkpoints import CheckpointError


class Command(BaseCommand):
    """Write decisions and small grey pictures into a new folder."""

    help = "Write what curators decided about tags into a new folder, for training."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder, and of which photographs."""
        parser.add_argument("folder", type=Path, help="new or empty")
        parser.add_argument("--collection", metavar="REF", help="only in and below it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Export, and tell what is there and what was left out."""
        photographs = Photograph.objects.all()
        if options["collection"]:
            photographs = photographs.within(people.collection(options["collection"]))
        try:
            exported = export.export(photographs, options["folder"].absolute())
        except ArchiveError as problem:
            raise CommandError(problem.sentence) from problem
        except CheckpointError as problem:
            raise CommandError(str(problem)) from problem
        verdicts = exported.verdicts
        self.stdout.write(
            f"{sum(verdicts.values())} decisions on {exported.photographs} photographs:"
            f" {verdicts['accepted']} accepted, {verdicts['rejected']} rejected,"
            f" {verdicts['corrected']} corrected, {verdicts['assigned']} assigned by"
            " hand."
        )
        left = exported.left_out
        self.stdout.write(
            f"Left out: {left['do_not_tag']} that must not be tagged,"
            f" {left['sensitive']} sensitive, {left[export.NO_PICTURE]} without a"
            " readable master."
        )
        for sentence in exported.sentences:
            self.stdout.write(sentence)
        self.stdout.write(f"{options['folder']}, export {exported.table_sha256[:12]}.")
