"""start.py itself: its words, its arguments, and starts that cannot be."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import start
from tests.platform.running import ROOT, Program


def test_it_uses_the_standard_library_alone() -> None:
    run = f"runpy.run_path({str(ROOT / 'start.py')!r}, run_name='__main__')"
    imported = subprocess.run(
        [
            *(sys.executable, "-S", "-I", "-c"),
            f"import runpy, sys; sys.argv = ['start.py', '--help']; {run}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "python3 start.py status" in imported.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], {"command": "run", "host": "127.0.0.1", "port": None}),
        (["--port", "0", "--no-browser"], {"port": 0, "no_browser": True}),
        (["run", "--data", "here"], {"data": "here"}),
        (["status", "--json"], {"command": "status", "json": True}),
        (["test", "-k", "merge", "-x"], {"words": ["-k", "merge", "-x"]}),
        (["setup", "--cpu"], {"command": "setup", "cpu": True, "light": None}),
        (["--light"], {"command": "run", "light": True}),
        (["setup", "--no-light"], {"command": "setup", "light": False}),
    ],
)
def test_it_reads_its_arguments(words: list[str], expected: dict[str, object]) -> None:
    found = vars(start.arguments_of(words))
    assert {name: found[name] for name in expected} == expected


def test_it_refuses_words_that_it_does_not_know() -> None:
    with pytest.raises(SystemExit):
        start.arguments_of(["status", "--colour"])


def test_it_refuses_an_old_python(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 14, "final", 0))
    assert start.main() == 1
    assert "needs Python 3.11 or later; this is 3.10.14" in capsys.readouterr().out


def test_gpu_is_installed_for_only_with_a_driver(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert start.which_torch(start.arguments_of([])) == "cpu"
    assert start.which_torch(start.arguments_of(["--gpu"])) == "gpu"
    driver = tmp_path / "nvidia-smi"
    driver.write_text("#!/bin/sh\necho 'GPU 0: a card'\n")
    driver.chmod(0o755)
    assert start.which_torch(start.arguments_of([])) == "gpu"
    assert start.which_torch(start.arguments_of(["--cpu"])) == "cpu"
    driver.write_text("#!/bin/sh\nexit 9\n")
    assert start.which_torch(start.arguments_of([])) == "cpu"


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """An empty house; what pip would be asked for there."""
    venv = tmp_path / "venv"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(start, "ROOT", tmp_path)
    monkeypatch.setattr(start, "VENV", venv)
    monkeypatch.setattr(start, "STAMP", venv / "installed.json")
    for name in (start.LIGHT, start.FULL, "requirements-dev.txt"):
        (tmp_path / name).write_text("one\n")
    asked: list[list[str]] = []

    def make(*, anew: bool = False) -> None:
        if anew:
            asked.append(["anew"])
            start.STAMP.unlink(missing_ok=True)
        start.python().parent.mkdir(parents=True, exist_ok=True)
        start.python().touch()

    monkeypatch.setattr(start, "make_environment", make)
    monkeypatch.setattr(
        start, "install", lambda what: asked.append([Path(w).name for w in what])
    )
    return asked


def set_up(*words: str, requirements: str = start.FULL) -> None:
    start.set_up(requirements, start.arguments_of(list(words)))


def test_a_light_environment_stays_one_until_torch_is_asked_for(
    installs: list[list[str]],
) -> None:
    set_up("--light")
    assert installs == [["anew"], ["-r", start.LIGHT]]
    installs.clear()
    for words in ([], ["--light"], ["setup"], ["--cpu"]):
        set_up(*words)
    assert installs == []
    (start.ROOT / start.LIGHT).write_text("one\ntwo\n")
    set_up()
    assert installs == [["-r", start.LIGHT]]
    installs.clear()
    set_up("--no-light")
    assert installs == [[start.TORCH], ["-r", start.FULL]]
    installs.clear()
    set_up()
    assert installs == []
    set_up("--light")
    assert installs == [["anew"], ["-r", start.LIGHT]]


def test_tests_need_torch_and_end_a_light_environment(
    installs: list[list[str]],
) -> None:
    set_up("--light")
    installs.clear()
    set_up("test", requirements="requirements-dev.txt")
    assert installs == [[start.TORCH], ["-r", "requirements-dev.txt"]]
    installs.clear()
    set_up()
    assert installs == []
    for words in (["test", "--light"], ["--light", "--gpu"]):
        with pytest.raises(start.SetupFailed, match="--light"):
            set_up(*words, requirements="requirements-dev.txt")


def test_an_interrupted_light_installation_goes_on_without_torch(
    installs: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_what: list[str]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(start, "install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            set_up("--light")
    installs.clear()
    set_up()
    assert installs == [["-r", start.LIGHT]]


def test_what_is_installed_is_known_by_its_requirements(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in (start.LIGHT, start.FULL, "requirements-dev.txt"):
        (tmp_path / name).write_text("one\n")
    monkeypatch.setattr(start, "ROOT", tmp_path)
    first = start.wanted("requirements.txt", "cpu")
    assert first == start.wanted("requirements.txt", "cpu")
    assert first != start.wanted("requirements.txt", "gpu")
    (tmp_path / "requirements.txt").write_text("one\ntwo\n")
    assert first != start.wanted("requirements.txt", "cpu")


def test_an_environment_is_made_and_mended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    venv = tmp_path / "a folder" / ".venv"
    monkeypatch.setattr(start, "VENV", venv)
    monkeypatch.setattr(start, "STAMP", venv / "installed.json")
    monkeypatch.setattr(start, "LOG", venv / "install.log")
    assert not start.works()
    start.make_environment()
    assert start.works()
    start.python().unlink()  # as an installation that was interrupted leaves it
    assert not start.works()
    start.make_environment()
    assert start.works()
    with pytest.raises(start.SetupFailed, match="could not be installed"):
        start.install(["--no-index", "no-such-package-anywhere"])
    assert "no-such-package-anywhere" in start.LOG.read_text()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("Failed to establish a new connection: [Errno -2]", "Go online"),
        ("ERROR: No matching distribution", "could not be installed"),
    ],
)
def test_a_failed_installation_is_explained(words: str, sentence: str) -> None:
    assert sentence in start.why_not(words)


def test_status_of_an_archive_that_is_not_there_is_all_zeros(tmp_path: Path) -> None:
    program = Program(tmp_path / "none")
    status = program.status()
    assert (status["photographs"], status["colorized"], status["tagged"]) == (0, 0, 0)
    assert status["running"] is False
    assert "There is no archive" in status["note"]
    assert "There is no archive" in program.say("status").stdout
    assert not program.data.exists()


def test_a_port_that_was_asked_for_and_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        answer = Program(tmp_path / "data").say("run", "--no-browser", "--port", port)
    assert answer.returncode == 1
    assert f"Port {port} is taken by another program" in answer.stdout


def test_a_catalogue_that_is_damaged_is_named(tmp_path: Path) -> None:
    program = Program(tmp_path / "data")
    program.data.mkdir()
    (program.data / "catalogue.sqlite3").write_bytes(b"no database at all" * 200)
    answer = program.say("run", "--no-browser", "--port", "0")
    assert answer.returncode == 1
    assert "catalogue.sqlite3 is damaged" in answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    program = Program(tmp_path / "data")
    program.data.write_text("a file")
    answer = program.say("run", "--no-browser", "--port", "0")
    assert answer.returncode == 1
    assert "cannot be used" in answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr


@pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")
@pytest.mark.parametrize(
    "name", ["with spaces & ünïcödé – 写真", "/".join(["a long way down"] * 9)]
)
def test_any_folder_will_do(tmp_path: Path, name: str) -> None:
    program = Program(tmp_path / name)
    program.output = tmp_path / "out"
    program.start()
    assert program.answers()
    assert program.status()["data"] == str(program.data)
    assert program.end() < 12


def test_an_account_is_made_with_the_name_and_password_given(tmp_path: Path) -> None:
    program = Program(
        tmp_path / "data",
        AUTOCHROME_USER="ada",
        AUTOCHROME_PASSWORD="a camera lucida",
    )
    program.start()
    known = program.manage(
        "shell",
        "-c",
        "import json\n"
        "from django.contrib.auth import authenticate\n"
        "user = authenticate(username='ada', password='a camera lucida')\n"
        "print(json.dumps(sorted(g.name for g in user.groups.all())))",
    )
    program.end()
    assert json.loads(known.splitlines()[-1]) == ["administrator", "curator"]
    assert "Its password is" not in program.words()
