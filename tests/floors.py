"""How much of each part the tests must reach: `python -m tests.floors REPORT`."""

import json
import sys
from collections import defaultdict
from pathlib import Path

# Lines and branches together, in per cent.
FLOORS = {"archive": 95.0, "colorizer": 90.0, "training": 80.0}


def reached(report: Path) -> dict[str, float]:
    """Return the share of lines and branches that ran, in per cent, by package.

    Args:
        report: what `coverage json` writes.
    """
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    for name, file in files.items():
        summary = file["summary"]
        share = found[Path(name).parts[0]]
        share[0] += summary["covered_lines"] + summary["covered_branches"]
        share[1] += summary["num_statements"] + summary["num_branches"]
    return {name: 100 * ran / of for name, (ran, of) in found.items() if of}


def main() -> int:
    """Print each part's share and floor; return 1 where one is below it."""
    shares = reached(Path(sys.argv[1]))
    low = [name for name, floor in FLOORS.items() if shares.get(name, 0.0) < floor]
    for name, floor in FLOORS.items():
        sys.stdout.write(
            f"{name:<10} {shares.get(name, 0.0):5.1f} % covered, at least {floor:.0f} %"
            f"{' IS WANTED' if name in low else ''}\n"
        )
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
