"""Run every check but the tests: `python -m tests.checks`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = {
    "ruff check": ["ruff", "check"],
    "ruff format": ["ruff", "format", "--check"],
    "mypy": ["mypy"],
    "import contracts": ["lint-imports", "--no-cache"],
    "djlint": ["djlint", "--lint", "templates"],
    "codespell": ["codespell"],
    "migrations": ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
    "deployment": ["python", "manage.py", "check", "--deploy", "--fail-level=WARNING"],
}


def main() -> int:
    """Run every check, whether or not one before it fails; say at the end which did."""
    failed = []
    programs = Path(sys.executable).parent
    with tempfile.TemporaryDirectory(prefix="autochrome-check-") as folder:
        env = {**os.environ, "AUTOCHROME_DATA": folder, "AUTOCHROME_DEPLOY": "true"}
        env["PATH"] = f"{programs}{os.pathsep}{env['PATH']}"
        for name in ("MONGODB_URI", "DATABASE_URL", "AUTOCHROME_DEBUG"):
            env.pop(name, None)
        for name, command in CHECKS.items():
            print(f"== {name}", flush=True)  # noqa: T201
            words = [str(programs / command[0]), *command[1:]]
            if subprocess.run(words, cwd=ROOT, env=env, check=False).returncode:
                failed.append(name)
    print(f"Failed: {', '.join(failed)}" if failed else "Every check passed.")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
