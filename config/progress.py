"""What the person at the terminal sees while the program runs."""

import contextlib
import shutil
import sys
import time
from collections import deque

from config.status import Counts

PLAIN_EVERY_SECONDS = 5.0
RATE_WINDOW_SECONDS = 60.0


class Terminal:
    """Sentences, and one line that changes where the output is a terminal."""

    def __init__(self) -> None:
        """Write to standard output."""
        self._live = sys.stdout.isatty()
        self._shown = ""
        self._plain_at = 0.0

    def say(self, sentence: str) -> None:
        """Print a sentence that stays."""
        self._wipe()
        self._write(sentence + "\n")

    def show(self, line: str) -> None:
        """Show the present state: in place on a terminal, else a line now and then."""
        if line == self._shown:
            return
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            self._write("\r" + line[:width].ljust(len(self._shown[:width])))
        elif time.monotonic() - self._plain_at < PLAIN_EVERY_SECONDS:
            return
        else:
            self._write(line + "\n")
            self._plain_at = time.monotonic()
        self._shown = line

    def _wipe(self) -> None:
        if self._live and self._shown:
            self._write("\r" + " " * len(self._shown) + "\r")
            self._shown = ""

    def _write(self, words: str) -> None:
        # The terminal may have been closed: the work goes on without it.
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.write(words)
            sys.stdout.flush()


class Pace:
    """How fast photographs are being finished, over the last minute."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._seen: deque[tuple[float, int]] = deque()

    def see(self, done: int) -> None:
        """Take note of how many results there are now."""
        now = time.monotonic()
        self._seen.append((now, done))
        while now - self._seen[0][0] > RATE_WINDOW_SECONDS:
            self._seen.popleft()

    def a_second(self) -> float:
        """Return results a second, 0.0 where nothing can be said."""
        (then, before), (now, after) = self._seen[0], self._seen[-1]
        return (after - before) / (now - then) if now > then else 0.0


def in_one_line(counts: Counts, pace: Pace) -> str:
    """Return the state of the collection as one line.

    Args:
        counts: the present counts.
        pace: has seen these counts.
    """
    words = [
        f"{counts.photographs} photographs",
        f"colorized {counts.colorized}/{counts.photographs}",
        f"tagged {counts.tagged}/{counts.photographs}",
    ]
    if counts.unfinished:
        rate = pace.a_second()
        words.append(f"{counts.unfinished} jobs to do")
        if rate > 0:
            words.append(f"{rate:.1f} a second")
            words.append(f"about {in_time(counts.unfinished / rate)} left")
    words.extend(
        f"{counts.jobs[state]} {state}"
        for state in ("failed", "errored")
        if counts.jobs.get(state)
    )
    return ", ".join(words)


def in_time(seconds: float) -> str:
    """Return a duration as a person says it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
