"""The running program of one data folder: its lock, its address, its processes."""

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

# A status command holds the lock for a moment when it looks whether anyone does.
CLAIM_SECONDS = 1.0


class AlreadyRunning(Exception):
    """Another start holds the data folder. The text is a sentence for the curator."""


@dataclass(frozen=True)
class Process:
    """A child as recorded, so that a later start can find what is left of it."""

    name: str
    pid: int
    started: float


@dataclass
class State:
    """What a running program says of itself in `run/state.json`."""

    pid: int = field(default_factory=os.getpid)
    host: str = field(default_factory=socket.gethostname)
    booted: float = field(default_factory=psutil.boot_time)
    address: str = ""
    processes: list[Process] = field(default_factory=list)


class Instance:
    """The one program that may run on a data folder."""

    def __init__(self, data_dir: Path) -> None:
        """Name the data folder."""
        self.data_dir = data_dir
        self._lock = FileLock(data_dir / "run" / "lock")
        self._record = data_dir / "run" / "state.json"

    @contextlib.contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the data folder for as long as the context lasts.

        Raises:
            AlreadyRunning: another start holds it.
        """
        try:
            self._lock.acquire(timeout=CLAIM_SECONDS)
        except Timeout as error:
            state = self.recorded()
            where = state.address if state and state.address else "(still starting)"
            raise AlreadyRunning(
                f"Autochrome is already running on {self.data_dir}: {where}"
            ) from error
        try:
            yield
            self._record.unlink(missing_ok=True)
        finally:
            self._lock.release()

    def running(self) -> State | None:
        """Return what the running program says of itself, or None if none runs."""
        if not self._record.parent.is_dir():
            return None
        try:
            with self._lock.acquire(timeout=0):
                return None
        except Timeout:
            return self.recorded() or State(pid=0)

    def recorded(self) -> State | None:
        """Return the last record, whether or not that program still runs."""
        try:
            words = json.loads(self._record.read_text(encoding="utf-8"))
            processes = [Process(**each) for each in words.pop("processes")]
            return State(**words, processes=processes)
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def write(self, state: State) -> None:
        """Record what runs, whole or not at all."""
        draft = self._record.with_suffix(".partial")
        draft.write_text(json.dumps(asdict(state)), encoding="utf-8")
        draft.replace(self._record)

    def end_what_was_left(self) -> list[str]:
        """End the children of an earlier program that was killed; return their names.

        Only under the lock, so that whoever made the record is known to have gone.
        A process counts as left when it is in a recorded process group, began after
        that group and runs a program of ours: numbers of processes are used again.
        """
        state = self.recorded()
        if (
            sys.platform == "win32"
            or state is None
            or state.host != socket.gethostname()
            or abs(state.booted - psutil.boot_time()) > 60
        ):
            return []
        groups = {process.pid: process for process in state.processes}
        left: dict[int, str] = {}
        for found in psutil.process_iter():
            with contextlib.suppress(psutil.Error, ProcessLookupError):
                group = groups.get(os.getpgid(found.pid))
                if (
                    group
                    and found.create_time() >= group.started - 2
                    and Path(found.exe()).name.startswith(("python", "mongod"))
                ):
                    left[found.pid] = group.name
        _end(list(left))
        return sorted(set(left.values()))


def _end(pids: list[int]) -> None:
    """Ask processes to end, and kill those that have not after some seconds."""
    processes = []
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            process.terminate()
            processes.append(process)
    _gone, alive = psutil.wait_procs(processes, timeout=5)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=5)


def stop_running(data_dir: Path, seconds: float = 30.0) -> bool:
    """Ask the running program to stop; return whether there was one.

    Raises:
        TimeoutError: it has not ended within `seconds`.
    """
    instance = Instance(data_dir)
    state = instance.running()
    if state is None:
        return False
    if state.pid:
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(state.pid).terminate()
    deadline = time.monotonic() + seconds
    while instance.running() is not None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"The program (process {state.pid}) has not stopped.")
        time.sleep(0.1)
    return True
