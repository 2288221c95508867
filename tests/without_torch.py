"""The whole application in a fresh environment without torch.

`python3 tests/without_torch.py` copies the repository, runs `start.py setup --light` in
the copy, and has the sample colorized and tagged there. Standard library alone; it
prints what it did, and ends with 1 where something does not hold.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = "sample/dust-bowl-home.jpg"
PRINTS = 9
PATIENCE = 240.0
HINTED = """
import numpy as np
from colorizer.vision.hinting import Hint
from colorizer.vision.inference import Colorizer
colorizer = Colorizer()
grey = np.full((90, 120), 120, np.uint8)
[plain] = colorizer.predict([grey])
[hinted] = colorizer.predict([grey], [[Hint(60, 45, (200, 60, 40))]])
moved = float(np.abs(hinted.cr - plain.cr).max())
assert moved > 1, moved
print(f"a hint moves Cr by {moved:.1f};", end=" ")
print(colorizer.device)
"""


class Failed(Exception):
    """Something does not hold."""


def say(words: str) -> None:
    """Print a line at once."""
    print(words, flush=True)  # noqa: T201


def hold(condition: bool, words: str) -> None:
    """Go on only if something holds."""
    if not condition:
        raise Failed(words)


class Copy:
    """The repository in a folder of its own, with an environment of its own."""

    def __init__(self, folder: Path) -> None:
        """Copy what git keeps, as it lies here."""
        self.root, self.data = folder / "autochrome", folder / "data"
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (ROOT / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.root / name)
        self.venv = self.root / ".venv"
        ours = ("AUTOCHROME_", "MONGODB_", "DATABASE_", "DJANGO_", "PYTHON")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(ours)}

    def run(self, *words: str, fails: bool = False) -> str:
        """Run a command in the copy and return what it prints."""
        ran = subprocess.run(
            words,
            cwd=self.root,
            env=self.env,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=600,
            check=False,
        )
        hold(bool(ran.returncode) == fails, f"{words}: {ran.stdout}{ran.stderr}")
        return ran.stderr if fails else ran.stdout

    def start(self, *words: str) -> str:
        """Run start.py."""
        return self.run(sys.executable, "start.py", *words)

    def python(self, *words: str, fails: bool = False) -> str:
        """Run the environment's Python."""
        place = "Scripts/python.exe" if os.name == "nt" else "bin/python"
        return self.run(str(self.venv / place), *words, fails=fails)

    def has_no_torch(self) -> None:
        """Hold that torch cannot be imported."""
        said = self.python("-c", "import torch", fails=True)
        hold("No module named 'torch'" in said, said)


def application(copy: Copy) -> None:
    """Start it without a further word, and wait for the sample."""
    began = time.monotonic()
    output = copy.root.parent / "output"
    words = ("--no-browser", "--port", "0", "--data", str(copy.data))
    with output.open("w") as out:
        program = subprocess.Popen(
            [sys.executable, "start.py", *words],
            cwd=copy.root,
            env=copy.env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        while True:
            status = json.loads(
                copy.start("status", "--json", "--data", str(copy.data))
            )
            done = status["colorized"], status["tagged"], status["jobs"].get("queued")
            if done == (PRINTS, PRINTS, 0) and not status["jobs"]["running"]:
                break
            hold(program.poll() is None, output.read_text())
            late = time.monotonic() - began > PATIENCE
            hold(not late, f"{status}\n{output.read_text()}")
            time.sleep(1)
        jobs = status["jobs"]
        hold(jobs["failed"] == jobs["errored"] == 0, str(jobs))
        seconds = time.monotonic() - began
        say(
            f"application: {PRINTS} colorized, {PRINTS} tagged, {jobs['succeeded']}"
            f" jobs succeeded, none failed, in {seconds:.0f} s with its start"
        )
    finally:
        copy.start("stop", "--data", str(copy.data))
        program.wait(60)


def main() -> int:
    """Do all of it; return the exit status."""
    with tempfile.TemporaryDirectory(prefix="autochrome-light-") as folder:
        copy = Copy(Path(folder))
        try:
            began = time.monotonic()
            copy.start("setup", "--light")
            size = sum(
                p.stat().st_size for p in copy.venv.rglob("*") if not p.is_symlink()
            )
            say(
                f"start.py setup --light: {time.monotonic() - began:.0f} s,"
                f" {size / 1e6:.0f} MB"
            )
            copy.has_no_torch()
            application(copy)
            copy.has_no_torch()
            say("import torch fails before and after a plain start")
            out = str(copy.root.parent / "colour")
            copy.python("-m", "colorizer", "colorize", SAMPLE, "--out", out)
            hold(len(list(Path(out).glob("*.png"))) == 1, "no colour picture")
            for tagger in ("lite2-tags", "lite0-terms"):
                words = ("tag", SAMPLE, "--json", "--checkpoint", tagger)
                [found] = json.loads(copy.python("-m", "colorizer", *words))
                best = max(found["labels"], key=found["labels"].get)
                say(f"python -m colorizer tag, {tagger}: {best} first")
            say("Colorizer: " + copy.python("-c", HINTED).strip())
        except Failed as failure:
            say(f"FAILED: {failure}")
            return 1
    say("Everything held without torch.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
