"""The real program in processes of its own, as a person starts it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent
SLOW = 180.0


def title(process: psutil.Process) -> str:
    """Return what a process calls itself; nothing where it has ended meanwhile."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # a zombie is one, too
        return ""


def until(found: Callable[[], Any], what: str, seconds: float = SLOW) -> Any:
    """Return the first true thing that is found; fail when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        thing = found()
        if thing:
            return thing
        time.sleep(0.2)
    raise AssertionError(f"not in {seconds:.0f} s: {what}")


class Program:
    """`python start.py` on one data folder."""

    def __init__(self, data: Path, **environment: str) -> None:
        """Name the data folder; nothing of the tests' own environment is kept."""
        self.data = data
        ours = ("AUTOCHROME_", "MONGODB_", "DATABASE_", "DJANGO_", "COV_")
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(ours)
        } | {"AUTOCHROME_DEVICE": "cpu", **environment}
        self.process: subprocess.Popen[str] | None = None
        self.output = data.parent / f"{data.name[:40]}.out"

    def command(self, *words: str) -> list[str]:
        """Return the command line of start.py for this data folder."""
        start = [sys.executable, str(ROOT / "start.py")]
        return [*start, *words, "--data", str(self.data)]

    def say(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of start.py to its end."""
        return subprocess.run(
            self.command(*words),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SLOW,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def manage(self, *words: str) -> str:
        """Run a management command beside the program and return what it prints."""
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            env=self.environment | {"AUTOCHROME_DATA": str(self.data)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=SLOW,
            check=True,
        ).stdout

    def start(self, *words: str, ready: bool = True) -> None:
        """Start, and wait until the program says that it is ready."""
        with self.output.open("w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                self.command("run", "--no-browser", *(words or ("--port", "0"))),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        if ready:
            until(lambda: "is ready" in self.words() or self.ended(), "ready")
            assert not self.ended(), self.words()

    def ended(self) -> bool:
        """Say whether the program is no longer there."""
        return self.process is None or self.process.poll() is not None

    def words(self) -> str:
        """Return all that it has printed."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def status(self) -> dict[str, Any]:
        """Return what `start.py status --json` prints."""
        answer = self.say("status", "--json")
        assert answer.returncode == 0, answer.stderr
        return dict(json.loads(answer.stdout))

    def state(self) -> dict[str, Any]:
        """Return the program's own record of what runs."""
        record = self.data / "run" / "state.json"
        return dict(json.loads(record.read_text(encoding="utf-8")))

    def part(self, word: str) -> int:
        """Return the process number of the part whose name holds a word."""
        return next(
            int(each["pid"])
            for each in self.state()["processes"]
            if word in each["name"]
        )

    def processes(self) -> list[psutil.Process]:
        """Return every process of the program but itself."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def workers(self, queue: str) -> list[psutil.Process]:
        """Return the workers of a queue that wait for work.

        A title that is shorter than the command line it replaces is padded.
        """
        try:
            below = psutil.Process(self.part(queue)).children(recursive=True)
        except psutil.NoSuchProcess:  # it has just ended
            return []
        return [one for one in below if title(one).rstrip().endswith(" idle")]

    def do_light_work(self, folder: Path) -> None:
        """Have a worker for light work make a folder, and wait until it has."""
        self.manage(
            "shell",
            "-c",
            "from colorizer.queues import enqueue_light; "
            f"enqueue_light('os.mkdir', {str(folder)!r})",
        )
        until(folder.exists, "light work done", 40)

    def answers(self) -> bool:
        """Say whether the web server answers."""
        try:
            with urllib.request.urlopen(  # noqa: S310  http, as it says itself
                f"{self.state()['address']}healthy/", timeout=3
            ) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def end(self, number: int = signal.SIGTERM) -> float:
        """Signal the program; return the seconds until it and all its parts are gone.

        A program that does not end is killed, and the test fails.
        """
        assert self.process is not None
        everyone = self.processes()
        began = time.monotonic()
        self.process.send_signal(number)
        try:
            self.process.wait(30)
        finally:
            self.process.kill()
            self.process.wait()
        _gone, left = psutil.wait_procs(everyone, timeout=10)
        for process in left:
            process.kill()
        assert not left, [process.cmdline() for process in left]
        return time.monotonic() - began
