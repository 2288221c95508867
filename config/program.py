"""The running program: its parts, started in order, watched, and ended in order."""

import argparse
import logging
import os
import sys
import time
import webbrowser

from django.db import Error as DatabaseError

from config import startup
from config.children import Child, last_lines, turn_over
from config.instance import Instance, Process, State
from config.mongod import PrivateMongod
from config.progress import Pace, Terminal, in_one_line
from config.queues import QUEUES
from config.status import counted
from config.stopping import Stopping
from config.watchdog import Queue, Results, Watchdog, Watched, Web, release_locks

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 1.0
COUNT_EVERY_SECONDS = 2.0
TURN_OVER_EVERY_SECONDS = 60.0
RESULTS_AGAIN_SECONDS = 15.0
WEB_READY_SECONDS = 180.0
STOP_SECONDS = 5.0
SAMPLE = "SAMPLE"  # the reference code of the sample collection
LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  compared with, not bound to


class Every:
    """Comes round once in so many seconds."""

    def __init__(self, seconds: float) -> None:
        """Come round at once, and then every `seconds`."""
        self.seconds = seconds
        self.next = 0.0

    def due(self) -> bool:
        """Say whether it is time, and if so wait for the next."""
        now = time.monotonic()
        if now < self.next:
            return False
        self.next = now + self.seconds
        return True


class FirstRun:
    """The sample collection: ingested once, then colorized and tagged.

    A file in the data folder stands for a first run that is not finished, so that one
    that was interrupted goes on at the next start.
    """

    def __init__(self, instance: Instance, terminal: Terminal) -> None:
        """Look at one data folder."""
        self.note = instance.data_dir / "run" / "first-run"
        self.logs = instance.data_dir / "logs"
        self.terminal = terminal
        self.child: Child | None = None
        self.steps: list[list[str]] = []

    def begin(self, user: str) -> None:
        """Note that the sample is wanted, in the name of a user."""
        self.note.write_text(user, encoding="utf-8")

    def go_on(self) -> None:
        """Set out on what an unfinished first run still has to do."""
        if self.note.exists():
            user = self.note.read_text(encoding="utf-8").strip()
            self.steps = [
                ["ingest_sample", "--by", user],
                ["request_jobs", "--collection", SAMPLE, "--by", user],
            ]

    def look(self) -> None:
        """Take the next step once the one before it has ended well."""
        if self.child is not None:
            if self.child.alive():
                return
            if self.child.process and self.child.process.returncode:
                self.terminal.say(
                    "The sample collection could not be brought in; the next start "
                    f"tries again. {last_lines(self.child.log, 1)}"
                )
                self.child, self.steps = None, []
                return
            self.child = None
            if not self.steps:
                self.note.unlink(missing_ok=True)
        if self.steps:
            step = self.steps.pop(0)
            python = sys.executable
            self.child = Child(
                "first-run",
                [python, "-m", "config.tether", python, "manage.py", *step],
                self.logs,
            )
            self.child.start()


class Program:
    """Everything that runs on one data folder beside the results database."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        instance: Instance,
        server: PrivateMongod | None,
        terminal: Terminal,
        stopping: Stopping,
    ) -> None:
        """Keep what was asked for.

        Args:
            arguments: `host`, `port` (None for the usual one) and `no_browser`.
            instance: the data folder, claimed.
            server: the private results database, running, if there is one.
            terminal: where to speak.
            stopping: knows when the end is asked for.
        """
        self.stopping = stopping
        self.arguments = arguments
        self.instance = instance
        self.server = server
        self.terminal = terminal
        self.state = State()
        self.parts: dict[str, Watched] = {}
        self.first_run = FirstRun(instance, terminal)
        self.results_ready = False

    def start(self) -> None:
        """Bring the databases up to date and start the web server and the queues.

        Raises:
            startup.StartFailed: with a sentence for the person at the terminal.
            MongodFailed: likewise.
        """
        startup.migrate_catalogue()
        if self.server is not None:
            self.server.wait()
        self._prepare_results()
        if not self.results_ready:
            self.terminal.say(
                "The results database does not answer. The catalogue works; "
                "colorization and tagging wait until it is back."
            )
        port = startup.free_port(self.arguments.host, self.arguments.port)
        if self.arguments.port is None and port != startup.USUAL_PORT:
            self.terminal.say(
                f"Port {startup.USUAL_PORT} is taken by another program; "
                f"this one uses {port}."
            )
        if startup.nobody_has_an_account():
            self.first_run.begin(startup.first_user())
            startup.make_first_account(self.terminal)
        release_locks()
        self._start_parts(port)
        self._greet()
        self.first_run.go_on()

    def _prepare_results(self) -> None:
        self.results_ready = startup.migrate_results()

    def _start_parts(self, port: int) -> None:
        host = self.arguments.host
        self.state.address = _address(host, port)
        if host not in (*LOOPBACK, *EVERYWHERE):
            known = os.environ.get("AUTOCHROME_HOSTS", "")
            os.environ["AUTOCHROME_HOSTS"] = f"{known},{host}".strip(",")
        logs = self.instance.data_dir / "logs"
        python = sys.executable
        web = Web(
            Child(
                "web",
                [
                    *(python, "-m", "config.web"),
                    *("--host", host, "--port", str(port)),
                ],
                logs,
            ),
            self.state.address,
        )
        if self.server is not None:
            self.parts["The results database"] = Results(self.server)
        self.parts["The web server"] = web
        for name in QUEUES:
            queue = Child(name, [python, "-m", "config.queues", name], logs)
            self.parts[f"The {name} queue"] = Queue(queue)
        for part in self.parts.values():
            if not part.child.alive():
                part.child.start()
                self._record()
        self._wait_for(web)

    def _wait_for(self, web: Web) -> None:
        deadline = time.monotonic() + WEB_READY_SECONDS
        while not web.answers():
            if not web.child.alive() or time.monotonic() > deadline:
                raise startup.StartFailed(
                    "The web server did not start. Its last words, from "
                    f"{web.child.log}:\n{last_lines(web.child.log)}"
                )
            time.sleep(0.1)

    def _record(self) -> None:
        self.state.processes = [
            Process(name, part.child.pid, part.child.began)
            for name, part in self.parts.items()
            if part.child.process is not None
        ]
        self.instance.write(self.state)

    def _greet(self) -> None:
        self.terminal.say(f"Autochrome is ready: {self.state.address}")
        self.terminal.say(f"Everything is kept in {self.instance.data_dir}")
        self.terminal.say("Press Ctrl-C to stop; work goes on at the next start.")
        if self.arguments.host not in LOOPBACK:
            self.terminal.say(
                "Others on this network can reach it, without encryption. Name the "
                "host they use in AUTOCHROME_HOSTS."
            )
        if not self.arguments.no_browser and _has_screen():
            webbrowser.open(self.state.address)

    def watch(self) -> None:
        """Look after everything until a signal asks for the end."""
        self.stopping.only_note()
        watchdog = Watchdog(self.parts, self.terminal.say)
        count = Every(COUNT_EVERY_SECONDS)
        turning = Every(TURN_OVER_EVERY_SECONDS)
        again = Every(RESULTS_AGAIN_SECONDS)
        pace = Pace()
        while not self.stopping.asked.wait(LOOK_EVERY_SECONDS):
            if watchdog.look():
                self._record()
            self.first_run.look()
            if not self.results_ready and again.due():
                self._prepare_results()
            if count.due():
                self._show_progress(pace)
            if turning.due():
                for part in self.parts.values():
                    turn_over(part.child.log)

    def _show_progress(self, pace: Pace) -> None:
        try:
            counts = counted()
        except DatabaseError as error:
            log.warning("The catalogue could not be counted: %s", error)
            return
        pace.see(counts.colorized + counts.tagged)
        self.terminal.show(in_one_line(counts, pace))

    def stop(self) -> None:
        """End every part but the results database, which others still write to."""
        self.stopping.only_note()
        results = self.server.child if self.server else None
        children = [
            part.child for part in self.parts.values() if part.child is not results
        ]
        if self.first_run.child is not None:
            children.append(self.first_run.child)
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            child.end(max(0.0, deadline - time.monotonic()))


def _address(host: str, port: int) -> str:
    if host in EVERYWHERE:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _has_screen() -> bool:
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
