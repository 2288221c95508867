"""`manage.py export_csv`: write descriptions as a spreadsheet."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from archive.batches import Selection
from archive.management import people
from archive.spreadsheets import Dialect, lines
from archive.spreadsheets.writing import DELIMITERS


class Command(BaseCommand):
    """Write the photographs of a collection, or those that match, as CSV."""

    help = "Write the descriptions of photographs as CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to write, and how."""
        parser.add_argument(
            "file", type=Path, nargs="?", help="standard output if none"
        )
        parser.add_argument("--collection", metavar="REF", help="with all below it")
        parser.add_argument(
            "--matching",
            default="",
            metavar="QUERY",
            help="as in the address of a contact sheet: words=bridge&state=published",
        )
        parser.add_argument("--delimiter", choices=list(DELIMITERS), default="comma")
        parser.add_argument(
            "--bom", action="store_true", help="with a byte order mark, for Excel"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file in pieces."""
        code = options["collection"]
        selection = Selection(
            everything=True,
            matching=options["matching"],
            collection=people.collection(code).pk if code else None,
        )
        keys = selection.primary_keys()
        pieces = lines(keys, Dialect(options["delimiter"], options["bom"]))
        if options["file"] is None:
            for piece in pieces:
                self.stdout.write(piece, ending="")
            return
        with options["file"].open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        sys.stderr.write(f"{len(keys)} photographs written to {options['file']}.\n")
