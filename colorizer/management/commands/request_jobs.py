"""`manage.py request_jobs`: ask for colours or tags of many photographs."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from archive.errors import ArchiveError
from archive.models import Collection, Photograph
from archive.querysets import PhotographQuerySet
from colorizer import jobs
from colorizer.vocabularies import Kind


class Command(BaseCommand):
    """Request colorization or tagging of a collection or of everything."""

    help = "Request colorization or tagging of a collection or of everything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to ask, of which photographs, in whose name."""
        parser.add_argument("--kind", choices=[*Kind.values, "both"], default="both")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--collection", metavar="REF", help="its reference code")
        which.add_argument("--all", action="store_true", help="every photograph")
        parser.add_argument("--by", metavar="USER", help="in whose name")
        parser.add_argument("--checkpoint", metavar="NAME", help="another model")
        parser.add_argument(
            "--force", action="store_true", help="again, where it was done before"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Request, and tell what became of it."""
        kinds = list(Kind) if options["kind"] == "both" else [Kind(options["kind"])]
        photographs = _photographs(options["collection"])
        by = _user(options["by"])
        for kind in kinds:
            try:
                requested = jobs.request(
                    photographs,
                    kind,
                    by=by,
                    checkpoint=options["checkpoint"],
                    force=options["force"],
                )
            except ArchiveError as problem:
                raise CommandError(problem.sentence) from problem
            self.stdout.write(
                f"{kind.label}: {len(requested.jobs)} new in the queue,"
                f" {len(requested.already)} there already,"
                f" {len(requested.answered)} done before,"
                f" {len(requested.refusals)} refused."
            )
            for refusal in requested.refusals:
                self.stdout.write(f"  {refusal.sentence}")


def _photographs(reference_code: str | None) -> PhotographQuerySet:
    if reference_code is None:
        every: PhotographQuerySet = Photograph.objects.all()
        return every
    collection = Collection.objects.filter(reference_code=reference_code).first()
    if collection is None:
        raise CommandError(
            f"No collection has the reference code {reference_code!r}. Look it up on"
            " the page of collections."
        )
    within: PhotographQuerySet = Photograph.objects.within(collection)
    return within


def _user(name: str | None) -> User | None:
    if name is None:
        return None
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"Nobody here is called {name!r}.")
    return user
