"""A child process of the supervisor, with a process group and a log of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

SOURCE = Path(__file__).resolve().parent.parent
LOG_BYTES = 5 * 1024**2
LOGS_KEPT = 3


def turn_over(log: Path) -> None:
    """Start a log afresh once it has grown, and keep the last few.

    The file is copied and then emptied, because the children hold it open; all of
    them append, so they go on at its new end.
    """
    if not log.exists() or log.stat().st_size < LOG_BYTES:
        return
    for number in range(LOGS_KEPT - 1, 0, -1):
        older = log.with_suffix(f".log.{number}")
        if older.exists():
            older.replace(log.with_suffix(f".log.{number + 1}"))
    shutil.copyfile(log, log.with_suffix(".log.1"))
    os.truncate(log, 0)


def last_lines(log: Path, count: int = 5) -> str:
    """Return the end of a log, for a sentence about what went wrong."""
    if not log.exists():
        return ""
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - 8192))
        text = stream.read().decode("utf-8", "replace")
    return "\n".join(text.splitlines()[-count:])


class Child:
    """One program that the supervisor runs, and its process group."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        logs: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Describe the program; `start` runs it."""
        self.name = name
        self.command = list(command)
        self.log = logs / f"{name}.log"
        self.environment = dict(environment or {})
        self.process: subprocess.Popen[bytes] | None = None
        self.began = 0.0
        self._started = 0.0

    def start(self) -> None:
        """Run the program in a process group of its own, its words in its log."""
        turn_over(self.log)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=SOURCE,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=sys.platform != "win32",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        self.began, self._started = time.time(), time.monotonic()

    @property
    def pid(self) -> int:
        """Return the process number, which is also the group's."""
        if self.process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self.process.pid

    def alive(self) -> bool:
        """Say whether the program itself still runs."""
        return self.process is not None and self.process.poll() is None

    def age(self) -> float:
        """Return the seconds since the program was started."""
        return time.monotonic() - self._started

    def ask_to_stop(self) -> None:
        """Send the program, and not its children, the wish to end."""
        if self.process is not None and self.alive():
            self.process.terminate()

    def end(self, grace: float) -> None:
        """Return when nothing of the process group is left.

        Args:
            grace: seconds that the group may take to end by itself.
        """
        if self.process is None:
            return
        deadline = time.monotonic() + grace
        while time.monotonic() < deadline and self._anything_left():
            time.sleep(0.05)
        self._kill_group()
        self.process.wait()

    def _anything_left(self) -> bool:
        if self.alive():
            return True
        if sys.platform == "win32":
            return False
        try:
            os.killpg(self.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def _kill_group(self) -> None:
        if sys.platform != "win32":
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return
        elif self.alive():
            for process in psutil.Process(self.pid).children(recursive=True):
                process.kill()
            psutil.Process(self.pid).kill()
