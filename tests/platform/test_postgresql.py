"""The program with its catalogue on PostgreSQL."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.platform.running import Program

pytestmark = [pytest.mark.postgresql, pytest.mark.running]


@pytest.fixture
def empty_database() -> Iterator[str]:
    """Make a database on the server of the tests, and drop it afterwards."""
    server = os.environ["AUTOCHROME_TEST_DATABASE_URL"]
    name = f"autochrome_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_catalogue_can_be_there(tmp_path: Path, empty_database: str) -> None:
    program = Program(tmp_path / "data", DATABASE_URL=empty_database)
    program.start()
    assert program.answers()
    assert program.status()["running"] is True
    assert not (program.data / "catalogue.sqlite3").exists()
    made = tmp_path / "made"
    program.do_light_work(made)
    assert program.end() < 12


def test_a_server_that_is_away_is_named(tmp_path: Path) -> None:
    away = "postgres://postgres@127.0.0.1:9/nothing"
    program = Program(tmp_path / "data", DATABASE_URL=away)
    answer = program.say("run", "--no-browser", "--port", "0")
    assert answer.returncode == 1
    assert "The PostgreSQL server that DATABASE_URL names" in answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr
