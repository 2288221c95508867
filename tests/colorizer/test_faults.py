"""Faults, for real: processes killed, databases stopped, in the middle of work.

An archive of its own in a folder, with its own MongoDB and its own queue of workers
in processes of their own. The tests look at it from outside, by SQL and pymongo. After
each fault: nothing is lost, nothing is doubled, nothing is stuck.
"""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import mongod
from config.children import Child

pytestmark = pytest.mark.skipif(
    mongod.program() is None or sys.platform == "win32",
    reason="there is no MongoDB server here",
)
PATIENCE = 240.0


class Archive:
    """An archive in a folder, its results database, and its workers."""

    def __init__(self, data: Path, models: Path) -> None:
        found = mongod.program()
        assert found is not None
        self.data = data
        self.server = mongod.PrivateMongod(found, data)
        self.environment = {
            **os.environ,
            "AUTOCHROME_DATA": str(data),
            "AUTOCHROME_CHECKPOINTS": str(models),
            "AUTOCHROME_DEVICE": "cpu",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "MONGODB_URI": self.server.uri,
            "DATABASE_URL": "",
            "OMP_NUM_THREADS": "1",
        }
        (data / "logs").mkdir(exist_ok=True)
        self.workers = Child(
            "vision",
            [sys.executable, "-m", "config.queues", "vision"],
            data / "logs",
            self.environment,
        )

    def run(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            cwd=Path(__file__).parent.parent.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def request(self, collection: str, kind: str = "colorize") -> None:
        self.run(
            "manage.py", "request_jobs", "--kind", kind, "--collection", collection
        )

    def begin(self, collection: str) -> None:
        """Request jobs at rest and start the workers: no work is over unseen."""
        self.rest()
        self.request(collection)
        self.workers.start()

    def rest(self) -> None:
        """Stop the workers."""
        self.workers.ask_to_stop()
        self.workers.end(30)

    def kill_workers(self) -> None:
        os.killpg(self.workers.pid, signal.SIGKILL)
        self.workers.end(0)

    def ask(self, sql: str, *values: object) -> list[tuple]:
        database = sqlite3.connect(self.data / "catalogue.sqlite3", timeout=30)
        with contextlib.closing(database):
            return database.execute(sql, values).fetchall()

    def jobs(self, collection: str) -> dict[str, tuple[str, int, str, str]]:
        """Return state, attempts, reason code and worker by reference code."""
        return {
            code: tuple(row)
            for code, *row in self.ask(
                "select p.reference_code, j.state, j.attempts, j.reason_code, j.worker"
                " from colorizer_job j join archive_photograph p"
                " on p.id = j.photograph_id where p.reference_code like ?",
                f"{collection}/%",
            )
        }

    def states(self, collection: str) -> Counter[str]:
        return Counter(state for state, *_rest in self.jobs(collection).values())

    def running_pid(self, collection: str) -> int | None:
        """Return the process that works on the collection now."""
        for state, _attempts, _code, worker in self.jobs(collection).values():
            if state == "running":
                return int(worker.split("/")[1])
        return None

    def until(self, wanted: Callable[[], object], what: str) -> object:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = wanted()
            if found:
                return found
            time.sleep(0.01)
        log = (self.data / "logs" / "vision.log").read_text(encoding="utf-8")
        raise AssertionError(f"{what} never came: {log[-3000:]}")

    def until_ended(self, collection: str) -> None:
        self.until(
            lambda: not {"queued", "running"} & set(self.states(collection)),
            f"the end of {collection}",
        )

    def assert_kept_once(self, collection: str, count: int) -> None:
        """So many photographs have one draft, three files and three events each."""
        from pymongo import MongoClient

        derivatives = self.ask(
            "select p.id, d.purpose, count(*) from archive_derivative d"
            " join archive_masterfile m on m.id = d.master_id"
            " join archive_photograph p on p.id = m.photograph_id"
            " where p.reference_code like ? group by p.id, d.purpose",
            f"{collection}/%",
        )
        keys = {key for key, _purpose, _count in derivatives}
        assert len(keys) == count
        assert len(derivatives) == 3 * count
        assert {number for *_key, number in derivatives} == {1}
        for (sha256,) in self.ask("select sha256 from archive_derivative"):
            place = self.data / "derivatives" / sha256[:2] / sha256[2:4]
            assert list(place.glob(f"{sha256}.*"))
        events = self.ask(
            "select count(*) from archive_event where action = 'derived'"
            " and subject like ?",
            f"{collection}/%",
        )
        assert events == [(3 * count,)]
        with MongoClient(self.server.uri) as client:
            drafts = client["autochrome"]["results_colorizationresult"]
            assert drafts.count_documents({"photograph_id": {"$in": [*keys]}}) == count


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Return an archive at rest; a short path, for the sake of the socket."""
    from tests.colorizer import drawn

    folder = Path(tempfile.mkdtemp(prefix="ac-"))
    models = drawn.checkpoints_in(tmp_path_factory.mktemp("models"))
    made = Archive(folder, models)
    made.server.start()
    try:
        made.run("-m", "tests.colorizer.staging", str(tmp_path_factory.mktemp("scans")))
        yield made
    finally:
        made.workers.end(0)
        made.server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_worker_killed_in_mid_batch_loses_and_doubles_nothing(archive: Archive):
    archive.begin("KILL")
    pid = archive.until(lambda: archive.running_pid("KILL"), "a worker")
    os.kill(pid, signal.SIGKILL)
    archive.until_ended("KILL")
    assert archive.states("KILL") == {"succeeded": 12}
    attempts = [job[1] for job in archive.jobs("KILL").values()]
    assert max(attempts) == 2
    archive.assert_kept_once("KILL", 12)


def test_a_program_killed_whole_goes_on_when_it_starts_again(archive: Archive):
    archive.begin("ALL")
    archive.until(lambda: archive.running_pid("ALL"), "a worker")
    archive.kill_workers()
    os.killpg(archive.server.child.pid, signal.SIGKILL)
    archive.server.child.end(0)
    assert archive.states("ALL")["running"] > 0
    archive.server.start()
    archive.workers.start()
    archive.until_ended("ALL")
    assert archive.states("ALL") == {"succeeded": 10}
    archive.assert_kept_once("ALL", 10)


def test_results_stopped_and_started_during_work_cost_no_attempt(archive: Archive):
    archive.begin("AWAY")
    archive.until(lambda: archive.running_pid("AWAY"), "a worker")
    archive.server.stop()
    archive.until(
        lambda: (
            {job[2] for job in archive.jobs("AWAY").values() if job[0] == "queued"}
            == {"results_away"}
            and not archive.states("AWAY")["running"]
        ),
        "the reason",
    )
    waiting = archive.states("AWAY")
    archive.server.start()
    archive.until_ended("AWAY")
    assert waiting["queued"] > 0
    assert archive.states("AWAY") == {"succeeded": 10}
    assert {job[1] for job in archive.jobs("AWAY").values()} == {1}
    assert {job[2] for job in archive.jobs("AWAY").values()} == {""}
    archive.assert_kept_once("AWAY", 10)


def test_a_picture_that_kills_the_process_pays_alone(archive: Archive):
    archive.begin("DEADLY")
    deadly = next(code for code in archive.jobs("DEADLY") if code.endswith("huge"))
    killed = set()

    def kill_at_work() -> bool:
        state, _attempts, _code, worker = archive.jobs("DEADLY")[deadly]
        if state == "running" and worker not in killed:
            killed.add(worker)
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(worker.split("/")[1]), signal.SIGKILL)
        return state not in ("queued", "running")

    archive.until(kill_at_work, "the end of the deadly one")
    archive.until_ended("DEADLY")
    jobs = archive.jobs("DEADLY")
    assert jobs.pop(deadly)[:3] == ("failed", 3, "worker_lost")
    assert {job[0] for job in jobs.values()} == {"succeeded"}
    assert {job[1] for job in jobs.values()} <= {1, 2}
    assert len(killed) == 3
    archive.assert_kept_once("DEADLY", 3)


def test_a_stop_that_is_asked_for_counts_no_attempt(archive: Archive):
    archive.begin("STOP")
    archive.until(lambda: archive.running_pid("STOP"), "a worker")
    archive.workers.ask_to_stop()
    archive.workers.process.wait(60)
    states = archive.states("STOP")
    assert states["running"] == 0
    assert {job[1] for job in archive.jobs("STOP").values() if job[0] == "queued"} <= {
        0
    }
    archive.workers.end(5)
    archive.workers.start()
    archive.until_ended("STOP")
    assert archive.states("STOP") == {"succeeded": 12}
    assert {job[1] for job in archive.jobs("STOP").values()} == {1}
    archive.assert_kept_once("STOP", 12)


def test_a_catalogue_that_is_locked_is_waited_for(archive: Archive):
    """By a worker with less patience, so that the test need not wait for long."""
    archive.rest()
    archive.request("LOCK")
    impatient = (
        "import django; django.setup()\n"
        "from django.db import connections\n"
        "connections['default'].settings_dict['OPTIONS']['timeout'] = 0.2\n"
        "from colorizer import colorization, tasks\n"
        "real = colorization.keep\n"
        "def keep(*a):\n"
        "    print('keeping', flush=True); input(); real(*a)\n"
        "colorization.keep = keep\n"
        "tasks.drain()\n"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", impatient],
        env=archive.environment,
        cwd=Path(__file__).parent.parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "keeping\n"
    lock = sqlite3.connect(archive.data / "catalogue.sqlite3", isolation_level=None)
    lock.execute("begin immediate")
    assert worker.stdin is not None
    worker.stdin.write("\n" * 20)
    worker.stdin.flush()
    time.sleep(2)
    assert archive.states("LOCK") == {"running": 2}
    lock.execute("rollback")
    lock.close()
    _out, errors = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 0, errors
    assert "The catalogue is waited for: database is locked" in errors
    assert archive.states("LOCK") == {"succeeded": 2}
    assert {job[1] for job in archive.jobs("LOCK").values()} == {1}
    archive.assert_kept_once("LOCK", 2)
