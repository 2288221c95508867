"""How far the collection is: `python -m config.status [--json]`.

Counted in the catalogue alone, so that it can be asked whether or not the program
runs, and without a results database.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from config import places
from config.instance import Instance


@dataclass(frozen=True)
class Counts:
    """What the catalogue holds, and the jobs on it by state."""

    photographs: int = 0
    colorized: int = 0
    tagged: int = 0
    jobs: dict[str, int] = field(default_factory=dict)

    @property
    def unfinished(self) -> int:
        """Return the jobs that wait or run."""
        return self.jobs.get("queued", 0) + self.jobs.get("running", 0)


def counted() -> Counts:
    """Count; Django must have been set up."""
    from archive.models import Photograph  # noqa: PLC0415  after the set-up
    from colorizer.models import Job  # noqa: PLC0415

    return Counts(
        photographs=Photograph.objects.count(),
        colorized=Photograph.objects.colorized().count(),
        tagged=Photograph.objects.tagged().count(),
        jobs=Job.objects.counts_by_state(),
    )


def status(data_dir: Path) -> dict[str, Any]:
    """Return everything that the status command prints."""
    state = Instance(data_dir).running()
    counts, note = Counts(), ""
    if not (data_dir / places.CATALOGUE).exists() and not os.environ.get(
        "DATABASE_URL"
    ):
        note = f"There is no archive in {data_dir} yet: start Autochrome to make one."
    else:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django  # noqa: PLC0415  not needed for an archive that is not there
        from django.db import Error  # noqa: PLC0415

        django.setup()
        try:
            counts = counted()
        except Error as error:
            note = f"The catalogue cannot be read: {error}"
    return {
        **asdict(counts),
        "running": state is not None,
        "address": state.address if state else "",
        "data": str(data_dir),
        "note": note,
    }


def in_words(found: dict[str, Any]) -> str:
    """Return the status as a person reads it."""
    jobs = ", ".join(f"{count} {name}" for name, count in found["jobs"].items())
    where = found["address"] or "no address yet"
    lines = [
        f"Data folder   {found['data']}",
        f"Running       {'yes, ' + where if found['running'] else 'no'}",
        f"Photographs   {found['photographs']}",
        f"Colorized     {found['colorized']}",
        f"Tagged        {found['tagged']}",
        f"Jobs          {jobs or 'none'}",
    ]
    return "\n".join(lines + [found["note"]] * bool(found["note"]))


def main() -> None:
    """Print the status of the data folder."""
    parser = argparse.ArgumentParser(prog="python -m config.status")
    parser.add_argument("--json", action="store_true")
    found = status(places.data_dir())
    words = json.dumps(found) if parser.parse_args().json else in_words(found)
    sys.stdout.write(words + "\n")


if __name__ == "__main__":
    main()
