"""`manage.py compare_taggers`: what another tagger would change, before it does."""

import csv
import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archive.errors import ArchiveError
from archive.management import people
from archive.models import Photograph
from colorizer import comparison
from colorizer.comparison import Change, Comparison, Difference

SHOWN = 12
HEADS = {
    Change.ADDED: "adds",
    Change.DROPPED: "drops",
    Change.AGAINST: "rejected",
    Change.LOST: "lost",
    Change.SPARED: "spared",
    Change.FOUND: "found",
}
COLUMNS = ("reference_code", "label", "change", "contradicts", "before", "after")


class Command(BaseCommand):
    """Tell what a new tagger would add, drop and contradict."""

    help = "Tell what a new tagger would add, drop and contradict; change nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the two taggers, of which photographs, and how to tell it."""
        parser.add_argument("old", help="the tagger that is in use")
        parser.add_argument("new", help="the one that may follow")
        parser.add_argument("--collection", metavar="REF", help="only in and below it")
        parser.add_argument(
            "--request",
            action="store_true",
            help="let the new one look where only the old one has; it suggests nothing",
        )
        parser.add_argument("--by", metavar="USER", help="in whose name")
        parser.add_argument("--json", action="store_true", help="all of it, as JSON")
        parser.add_argument(
            "--csv", type=Path, metavar="FILE", help="a row a photograph and label"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare and tell; ask the new tagger first where that is wanted."""
        photographs = Photograph.objects.all()
        if options["collection"]:
            photographs = photographs.within(people.collection(options["collection"]))
        by = people.person(options["by"])
        try:
            found = comparison.compare(photographs, options["old"], options["new"])
            if options["request"]:
                requested = comparison.request_trial(found, by=by)
                self.stderr.write(
                    f"{found.new.name} is asked to look at {len(requested.jobs)}"
                    " photographs, and will suggest nothing. Run this again when the"
                    " jobs are done."
                )
        except ArchiveError as problem:
            raise CommandError(problem.sentence) from problem
        if options["csv"]:
            _write_csv(options["csv"], found)
        if options["json"]:
            told = json.dumps(_as_json(found), indent=2, ensure_ascii=False)
            self.stdout.write(told)
        else:
            for line in _lines(found):
                self.stdout.write(line)


def _lines(found: Comparison) -> Iterator[str]:
    old, new = found.old, found.new
    yield (
        f"From {old.name} {old.version} to {new.name} {new.version}, on"
        f" {found.compared} photographs that both have looked at."
    )
    if found.waiting:
        yield (
            f"{new.name} has not looked at {len(found.waiting)} photographs that"
            f" {old.name} has looked at: let it, with --request."
        )
    if not found.differences:
        if found.compared:
            yield "Nothing would change, and nothing that was decided is contradicted."
        return
    rows = [*found.by_label.items(), ("all", found.totals)]
    width = max(len(label) for label, _counts in rows)
    yield ""
    yield " " * width + "".join(f"{head:>10}" for head in HEADS.values())
    for label, counts in rows:
        yield f"{label:<{width}}" + "".join(f"{counts[each]:>10}" for each in HEADS)
    yield ""
    yield (
        f"{found.contradictions} times it goes against a decision: “rejected” is"
        " suggested again and would stay rejected, “lost” was accepted and stays on"
        " the record. “Spared” and “found” agree with what was decided."
    )
    for change, head in HEADS.items():
        some = [each for each in found.differences if each.change == change]
        if some:
            yield ""
            yield f"{head}: {change.label}"
            yield from (_line(each) for each in some[:SHOWN])
            if len(some) > SHOWN:
                yield f"  and {len(some) - SHOWN} more: see --csv or --json"


def _line(each: Difference) -> str:
    return (
        f"  {each.reference_code}  {each.label}"
        f"  {_score(each.before)} → {_score(each.after)}"
    )


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.2f}"


def _as_json(found: Comparison) -> dict[str, Any]:
    return {
        "old": _named(found.old),
        "new": _named(found.new),
        "compared": found.compared,
        "waiting": len(found.waiting),
        "totals": {change.value: n for change, n in found.totals.items()},
        "labels": {
            label: {change.value: n for change, n in counts.items()}
            for label, counts in found.by_label.items()
        },
        "differences": [_row(each) for each in found.differences],
    }


def _named(card: Any) -> dict[str, str]:
    return {"name": card.name, "version": card.version, "sha256": card.sha256}


def _row(each: Difference) -> dict[str, Any]:
    return {
        "reference_code": each.reference_code,
        "label": each.label,
        "change": each.change.value,
        "contradicts": each.contradicts,
        "before": each.before,
        "after": each.after,
    }


def _write_csv(path: Path, found: Comparison) -> None:
    try:
        with path.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(_row(each) for each in found.differences)
    except OSError as problem:
        raise CommandError(
            f"{path} cannot be written: {problem.strerror or problem}."
        ) from problem
