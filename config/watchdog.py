"""Whether the program's parts still do their work, and what to do when not.

django-q2 looks after its own workers, with one gap: a worker that is killed while it
waits for work takes the queue's lock with it, and then the whole cluster waits for
ever, its own stop included. So a queue's process group is started again whenever one
of its processes has gone, and whenever work waits that nobody takes.
"""

import datetime as dt
import logging
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import psutil
from django.db import Error as DatabaseError
from django.db import close_old_connections
from django.utils import timezone
from django_q.models import OrmQ

from config.children import Child
from config.mongod import PrivateMongod

log = logging.getLogger(__name__)

# Work that no worker has taken for so long means that the queue is stuck.
STUCK_SECONDS = 12.0
# Until a queue has started up, nothing is expected of it.
SETTLE_SECONDS = 15.0
ASK_EVERY_SECONDS = 10.0
ANSWER_SECONDS = 2.0
UNANSWERED_LIMIT = 4
STOP_SECONDS = 4.0
PUT_OFF_AT_MOST = dt.timedelta(minutes=30)
CRASH_WINDOW_SECONDS = 180.0
LONGEST_WAIT_SECONDS = 60.0


class Watched(Protocol):
    """A part of the program that can be seen to be well, and started again."""

    child: Child

    def trouble(self) -> str:
        """Return what is wrong, in words that follow the part's name, or nothing."""

    def restart(self) -> None:
        """End whatever is left of the part and start it again."""


def release_locks(queue: str | None = None) -> int:
    """Let the tasks that dead workers held be taken again; return how many.

    Only for whoever knows that no worker of this queue runs. Delivery is at least
    once, and a task that another host holds would at worst be done twice.
    """
    now = timezone.now()
    held = OrmQ.objects.filter(lock__gt=now)
    if queue is not None:
        held = held.filter(key=queue)
    return int(held.update(lock=now))


@dataclass
class Queue:
    """A django-q cluster: a main process, its sentinel, and the sentinel's children."""

    child: Child
    seen: set[psutil.Process] = field(default_factory=set)
    waiting: int | None = None
    waiting_since: float = 0.0

    def trouble(self) -> str:
        """Look for dead processes first, then for work that nobody takes."""
        if not self.child.alive():
            return "has stopped"
        try:
            present = self._processes()
        except psutil.NoSuchProcess:
            return "has stopped"
        gone = self.seen - present
        self.seen |= present
        if gone:
            return "has lost a process"
        return "does not take its work" if self._stuck(present) else ""

    def restart(self) -> None:
        """End the whole process group, give back its tasks and start another."""
        self.child.ask_to_stop()
        self.child.end(STOP_SECONDS)
        self.seen.clear()
        self.waiting = None
        try:
            release_locks(self.child.name)
        except DatabaseError as error:
            log.warning("The locks of %s stay for now: %s", self.child.name, error)
        self.child.start()

    def _processes(self) -> set[psutil.Process]:
        """Return the main process, the sentinel and the sentinel's children.

        What a task itself runs for a while is not among them.
        """
        found = {psutil.Process(self.child.pid)}
        for _generation in range(2):
            found |= {child for parent in found for child in parent.children()}
        return {each for each in found if each.status() != psutil.STATUS_ZOMBIE}

    def _stuck(self, present: set[psutil.Process]) -> bool:
        """Say whether one task has waited long while every worker was idle."""
        now = time.monotonic()
        oldest = (
            OrmQ.objects.filter(key=self.child.name)
            .exclude(lock__range=_put_off())
            .order_by("pk")
            .values_list("pk", flat=True)
            .first()
        )
        if (
            oldest is None
            or oldest != self.waiting
            or self.child.age() < SETTLE_SECONDS
            or any(_is_working(process) for process in present)
        ):
            self.waiting, self.waiting_since = oldest, now
            return False
        return now - self.waiting_since > STUCK_SECONDS


def _put_off() -> tuple[dt.datetime, dt.datetime]:
    """Return the span of locks of messages that are not to be taken yet.

    A lock that ends later is one that a worker holds: see `retry` in the settings.
    """
    now = timezone.now()
    return now, now + PUT_OFF_AT_MOST


def _is_working(process: psutil.Process) -> bool:
    """Read the title that a django-q worker gives itself while it runs a task."""
    try:
        return " processing " in " ".join(process.cmdline())
    except psutil.Error:
        return False


@dataclass
class Asked(ABC):
    """A part that is asked now and then whether it answers."""

    child: Child
    asked: float = 0.0
    unanswered: int = 0

    def trouble(self) -> str:
        """Look whether the process lives, and now and then whether it answers."""
        if not self.child.alive():
            return "has stopped"
        now = time.monotonic()
        if self.child.age() < SETTLE_SECONDS or now - self.asked < ASK_EVERY_SECONDS:
            return ""
        self.asked = now
        self.unanswered = 0 if self.answers() else self.unanswered + 1
        if self.unanswered < UNANSWERED_LIMIT:
            return ""
        self.unanswered = 0
        return "does not answer"

    def restart(self) -> None:
        """End the process and start it again."""
        self.child.ask_to_stop()
        self.child.end(STOP_SECONDS)
        self.child.start()

    @abstractmethod
    def answers(self) -> bool:
        """Ask."""


class Web(Asked):
    """The web server."""

    def __init__(self, child: Child, address: str) -> None:
        """Name the process and where it answers."""
        super().__init__(child)
        self.address = address

    def answers(self) -> bool:
        """Fetch the page that touches no database."""
        try:
            with urllib.request.urlopen(  # noqa: S310  our own http address
                f"{self.address}healthy/", timeout=ANSWER_SECONDS
            ) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


class Results(Asked):
    """The private MongoDB."""

    def __init__(self, server: PrivateMongod) -> None:
        """Name the server."""
        super().__init__(server.child)
        self.server = server

    def answers(self) -> bool:
        """Send a ping."""
        return self.server.answers()

    def restart(self) -> None:
        """End the server and start it again; it recovers from its journal."""
        self.server.stop()
        self.server.launch()


class Watchdog:
    """Starts parts again, and waits longer and longer for one that keeps ending."""

    def __init__(self, parts: dict[str, Watched], say: Callable[[str], None]) -> None:
        """Watch named parts and tell a person what happens."""
        self.parts = parts
        self.say = say
        self.restarts: dict[str, deque[float]] = {name: deque() for name in parts}
        self.due: dict[str, float] = {}
        self.restarted = 0

    def look(self) -> bool:
        """Look at every part once; return whether one was started again."""
        close_old_connections()
        before = self.restarted
        for name, part in self.parts.items():
            if name in self.due:
                if time.monotonic() >= self.due[name]:
                    self._start_again(name, part)
                continue
            try:
                trouble = part.trouble()
            except DatabaseError as error:
                log.warning("The catalogue did not answer the watchdog: %s", error)
                continue
            if trouble:
                self._plan(name, part, trouble)
        return self.restarted > before

    def _plan(self, name: str, part: Watched, trouble: str) -> None:
        now = time.monotonic()
        recent = self.restarts[name]
        while recent and now - recent[0] > CRASH_WINDOW_SECONDS:
            recent.popleft()
        # The first two at once, then after 2, 4, 8 … seconds.
        wait = min(2.0 ** (len(recent) - 1), LONGEST_WAIT_SECONDS)
        if len(recent) < 2:
            self.say(f"{name} {trouble}; starting it again.")
            self._start_again(name, part)
            return
        self.due[name] = now + wait
        self.say(
            f"{name} {trouble} again; the next try is in {wait:.0f} s. "
            f"What it said last is in {part.child.log}."
        )

    def _start_again(self, name: str, part: Watched) -> None:
        self.due.pop(name, None)
        self.restarts[name].append(time.monotonic())
        self.restarted += 1
        log.warning("%s is started again", name)
        try:
            part.restart()
        except OSError as error:  # such as a full disk: it is tried again later
            log.warning("%s could not be started: %s", name, error)
