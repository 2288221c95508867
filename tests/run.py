"""Run the tests: `python -m tests.run [WORDS FOR PYTEST]`.

Without further words everything runs, coverage is measured, and each part must reach
its floor.
"""

import subprocess
import sys
import tempfile
from pathlib import Path


def main(words: list[str]) -> int:
    """Run pytest, and then compare the coverage with the floors."""
    pytest = [sys.executable, "-m", "pytest"]
    if words:
        return subprocess.run([*pytest, *words], check=False).returncode
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        cover = ["--cov", "--cov-report", f"json:{report}"]
        tested = subprocess.run([*pytest, *cover], check=False).returncode
        floors = [sys.executable, "-m", "tests.floors", str(report)]
        low = report.exists() and subprocess.run(floors, check=False).returncode
    return tested or int(low)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
