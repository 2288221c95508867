"""Run the tests: `python -m tests.run [WORDS FOR PYTEST]`.

Without further words everything runs, coverage is measured, and each part must reach
its floor. The order is drawn by lot; the number that is printed draws the same again.
"""

import secrets
import subprocess
import sys
import tempfile
from pathlib import Path


def main(words: list[str]) -> int:
    """Run pytest, and then compare the coverage with the floors."""
    seed = secrets.randbelow(2**32)
    print(f"The tests run in the order of --randomly-seed={seed}", flush=True)  # noqa: T201
    pytest = [sys.executable, "-m", "pytest", f"--randomly-seed={seed}"]
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
