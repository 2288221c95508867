"""One running program: what it says, and what it does when a part is killed."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Page, expect
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from config import mongod
from tests import cast
from tests.platform.running import Program, until

pytestmark = [
    pytest.mark.running,
    pytest.mark.skipif(os.name == "nt", reason="signals of POSIX"),
]

SAMPLE_PRINTS = 9


def pings(uri: str) -> bool:
    """Say whether a MongoDB server answers."""
    try:
        with MongoClient[dict[str, object]](
            uri, serverSelectionTimeoutMS=1000
        ) as client:
            return bool(client.admin.command("ping"))
    except PyMongoError:
        return False


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Keep one data folder for all the tests of this file."""
    running = Program(tmp_path_factory.mktemp("running") / "data")
    yield running
    if not running.ended():
        running.end()


@pytest.fixture
def program(shared: Program) -> Program:
    """Return the program, started if the test before has ended it."""
    if shared.ended():
        shared.start()
    return shared


def test_it_says_that_it_runs_and_where(program: Program) -> None:
    status = program.status()
    assert status["running"] is True
    assert status["address"] == program.state()["address"]
    assert status["address"] in program.words()
    assert {"photographs", "colorized", "tagged", "jobs"} <= set(status)
    assert program.answers()


def await_sample(program: Program) -> None:
    """Wait until the first run has done all its work."""

    def finished() -> bool:
        status = program.status()
        waiting = status["jobs"]["queued"] + status["jobs"]["running"]
        seen = status["colorized"] == status["tagged"] == SAMPLE_PRINTS
        return bool(seen and not waiting)

    until(finished, "the sample colorized and tagged", 300)


def test_the_first_run_brings_in_the_sample_and_has_it_coloured_and_tagged(
    program: Program,
) -> None:
    await_sample(program)
    status = program.status()
    assert status["photographs"] == SAMPLE_PRINTS
    assert status["jobs"] == {
        "queued": 0,
        "running": 0,
        "succeeded": 3 * SAMPLE_PRINTS,  # one colorizer, two taggers
        "failed": 0,
        "errored": 0,
        "cancelled": 0,
    }


def test_a_second_start_is_refused_with_the_address(program: Program) -> None:
    second = program.say("run", "--no-browser")
    assert second.returncode == 1
    assert "already running" in second.stdout
    assert program.state()["address"] in second.stdout
    assert program.answers()


def test_it_listens_on_this_machine_only(program: Program) -> None:
    listening = [
        connection.laddr.ip
        for process in program.processes()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening == ["127.0.0.1"]


def test_the_web_process_is_small_and_without_torch(program: Program) -> None:
    web = psutil.Process(program.part("web"))
    assert not [found.path for found in web.memory_maps() if "torch" in found.path]
    assert web.memory_info().rss < 150 * 1024**2


def test_only_the_owner_may_read_what_it_keeps(program: Program) -> None:
    assert (program.data / "secret.key").stat().st_mode & 0o077 == 0
    assert (program.data / "run").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("queue", ["light", "vision"])
def test_a_queue_whose_idle_worker_was_killed_works_again(
    program: Program, tmp_path: Path, queue: str
) -> None:
    worker = until(lambda: program.workers(queue), "an idle worker")[0]
    time.sleep(3)  # for the watchdog to see it: it looks once a second
    before = program.part(queue)
    worker.kill()
    until(lambda: program.part(queue) != before, "started again", 20)
    until(lambda: program.workers(queue), "an idle worker", 20)
    if queue == "light":
        program.do_light_work(tmp_path / "made")


def test_a_queue_whose_main_process_was_killed_leaves_no_worker(
    program: Program, tmp_path: Path
) -> None:
    before = program.part("light")
    left = psutil.Process(before).children(recursive=True)
    os.kill(before, signal.SIGKILL)
    until(lambda: program.part("light") != before, "started again", 20)
    assert not psutil.wait_procs(left, timeout=5)[1]
    program.do_light_work(tmp_path / "made")


@pytest.mark.skipif(mongod.program() is None, reason="there is no MongoDB here")
def test_a_results_database_that_was_killed_comes_back(program: Program) -> None:
    before = program.part("results")
    os.kill(before, signal.SIGKILL)
    until(lambda: program.part("results") != before, "started again", 20)
    uri = (program.data / "run" / "results-uri").read_text()
    assert uri == mongod.socket_uri(program.data)
    until(lambda: pings(uri), "the results database answers", 30)
    assert program.answers()


def test_a_web_server_that_was_killed_comes_back_at_its_address(
    program: Program,
) -> None:
    address, before = program.state()["address"], program.part("web")
    os.kill(before, signal.SIGKILL)
    until(lambda: program.part("web") != before and program.answers(), "back", 30)
    assert program.state()["address"] == address


def sign_in(program: Program, page: Page) -> str:
    """Sign in on the desk, as a person who is made where there is none; return it."""
    made = (
        "from django.contrib.auth.models import User; from tests import cast; "
        "User.objects.filter(username='administrator') or cast.administrator()"
    )
    program.manage("shell", "-c", made)
    address: str = program.state()["address"]
    page.goto(address)
    page.get_by_label("Name").fill("administrator")
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(address)
    return address


def test_from_the_first_run_to_the_first_accepted_colours(
    program: Program, page: Page
) -> None:
    await_sample(program)
    address = sign_in(program, page)
    page.get_by_role("link", name="Review colours").click()
    page.wait_for_url("**/review/**")
    page.wait_for_load_state()  # until then keys are not heard
    shown = page.locator("#review-title a").get_attribute("href")
    page.keyboard.press("a")
    expect(page.locator(".review-last [role=status]")).to_contain_text(
        "Accepted the colours"
    )
    page.goto(f"{address}{str(shown).lstrip('/')}")
    expect(page.get_by_text("Illustrative").first).to_be_visible()
    expect(page.get_by_text("Not confirmed by a person")).to_have_count(0)


def test_a_restart_in_mid_review_loses_nothing(program: Program, page: Page) -> None:
    await_sample(program)
    address = sign_in(program, page)
    page.goto(f"{address}review/")
    page.wait_for_load_state()
    told = page.locator(".review-last [role=status]")
    page.keyboard.press("x")
    expect(told).to_contain_text("Rejected")
    shown = page.locator("h1").inner_text()
    program.end()
    page.keyboard.press("a")
    expect(told).to_contain_text("The archive did not answer")
    program.start("--port", str(urlsplit(address).port))
    expect(page.locator("h1")).to_have_text(shown)
    page.keyboard.press("a")
    expect(told).to_contain_text("Accepted")
    counted = program.manage(
        "shell",
        "-c",
        "from archive.models import Event; print(*Event.objects.filter("
        "action__in=['accepted', 'rejected']).values_list('action', flat=True))",
    )
    assert sorted(counted.split()[-2:]) == ["accepted", "rejected"]


def test_a_program_that_was_killed_leaves_nothing_and_starts_again(
    program: Program, tmp_path: Path
) -> None:
    program.end(signal.SIGKILL)
    assert program.status()["running"] is False
    program.start()
    program.do_light_work(tmp_path / "made")


def test_stop_ends_it_in_seconds(program: Program) -> None:
    everyone = program.processes()
    stopped = program.say("stop")
    assert (stopped.returncode, stopped.stdout) == (0, "Stopped.\n")
    assert not psutil.wait_procs(everyone, timeout=2)[1]
    assert program.process is not None
    assert program.process.wait(5) == 0
    assert program.status()["running"] is False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_cleanly_on_a_signal(program: Program, number: int) -> None:
    assert program.end(number) < 12
    assert program.process is not None
    assert program.process.returncode == 0
    assert program.status()["running"] is False
    assert not (program.data / "run" / "state.json").exists()


def test_stop_says_when_nothing_runs(program: Program) -> None:
    program.end()
    assert program.say("stop").stdout == "Autochrome was not running.\n"


def test_it_stops_while_it_starts(program: Program) -> None:
    program.end()
    (program.data / "run" / "results-uri").unlink()
    program.start(ready=False)
    until(lambda: (program.data / "run" / "results-uri").exists(), "on its way")
    assert program.end(signal.SIGINT) < 15


def test_stop_reaches_it_while_it_starts(program: Program) -> None:
    program.end()
    program.start(ready=False)
    until(lambda: (program.data / "run" / "state.json").exists(), "on its way")
    assert program.state()["address"] == ""
    assert program.say("stop").stdout == "Stopped.\n"
    assert program.process is not None
    assert program.process.wait(5) == 0


def test_a_worker_that_is_busy_is_left_alone(program: Program, tmp_path: Path) -> None:
    before = program.part("light")
    program.manage(
        "shell",
        "-c",
        "from colorizer.queues import enqueue_light\n"
        "for _ in range(2): enqueue_light('time.sleep', 15)\n"
        f"enqueue_light('os.mkdir', {str(tmp_path / 'last')!r})",
    )
    until((tmp_path / "last").exists, "the last of the queue", 60)
    assert program.part("light") == before
