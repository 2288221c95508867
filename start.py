#!/usr/bin/env python3
"""Start Autochrome: `python3 start.py`. Needs Python 3.11 or later, nothing else.

    python3 start.py                the application; the first start installs it
    python3 start.py --light        the same without torch, gigabytes smaller
    python3 start.py setup          only install
    python3 start.py status         how far the collection is (--json for programs)
    python3 start.py stop           stop the running application
    python3 start.py test [...]     all tests; further words go to pytest
    python3 start.py check          linters, types, import contracts, migrations

This file uses the standard library alone. It makes `.venv` beside itself, and then
hands over to the Python in there.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed.json"
LOG = VENV / "install.log"
OLDEST = (3, 11)
FULL, LIGHT = "requirements.txt", "requirements-light.txt"
# A build for the processor alone, where pip's indexes carry one, is chosen by asking
# for torch before anything else asks for it.
TORCH = "torch==2.13.0"
PLAIN_EVERY_SECONDS = 15.0


class SetupFailed(Exception):
    """The environment could not be made. The text says why and what to do."""


def python() -> Path:
    """Return the environment's own Python, whether or not it exists."""
    if sys.platform == "win32":
        return VENV / "Scripts" / "python.exe"
    return VENV / "bin" / "python"


# Installing.


def wanted(requirements: str, torch: str) -> dict[str, str]:
    """Return what an environment with these requirements is known by."""
    text = ""
    for name in (LIGHT, FULL, requirements):
        text += (ROOT / name).read_text(encoding="utf-8")
    return {
        "requirements": hashlib.sha256(text.encode()).hexdigest(),
        "python": sys.version.split()[0],
        "torch": torch,
    }


def installed() -> dict[str, dict[str, str]]:
    """Return what was installed here, by requirements file."""
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def set_up(requirements: str, arguments: argparse.Namespace) -> None:
    """Make the environment hold what a requirements file names.

    Takes no time when it does already. An installation that was interrupted goes on
    where it stopped. An environment without torch stays one until torch is asked for;
    any other is made anew where it is to have none.

    Raises:
        SetupFailed: with a sentence.
    """
    torch = which_torch(arguments)
    if requirements == FULL and torch == "none":
        requirements = LIGHT
    elif torch == "none":
        raise SetupFailed(f"{requirements} names torch: leave out --light.")
    want = wanted(requirements, torch)
    if installed().get(requirements) == want and python().exists():
        return
    with one_at_a_time():
        light = requirements == LIGHT
        make_environment(anew=light and LIGHT not in installed())
        done = {name: each for name, each in installed().items() if name != LIGHT}
        if light:  # a choice that an interruption does not undo
            STAMP.write_text(json.dumps({LIGHT: {}}), encoding="utf-8")
        steps = [["-r", str(ROOT / requirements)]]
        if torch == "cpu":
            steps.insert(0, [TORCH])
        for step in steps:
            install([*step, *torch_index(arguments)])
        # Whatever else is installed, the application's own requirements are.
        if not light:
            done[FULL] = wanted(FULL, torch)
        STAMP.write_text(json.dumps({**done, requirements: want}), encoding="utf-8")


def which_torch(arguments: argparse.Namespace) -> str:
    """Return `none`, `gpu` or `cpu`: as asked for, else as it was, else by the driver.

    Raises:
        SetupFailed: torch was asked for and refused in one breath.
    """
    if arguments.light and arguments.gpu:
        raise SetupFailed("--light installs no torch, which --gpu needs: choose one.")
    if arguments.light or (
        arguments.light is None
        and not arguments.gpu
        and arguments.command in ("run", "setup")
        and LIGHT in installed()
    ):
        return "none"
    if arguments.cpu or arguments.gpu:
        return "gpu" if arguments.gpu else "cpu"
    driver = shutil.which("nvidia-smi")
    if driver is None:
        return "cpu"
    found = subprocess.run([driver, "-L"], capture_output=True, check=False)
    return "gpu" if found.returncode == 0 and found.stdout.strip() else "cpu"


def torch_index(arguments: argparse.Namespace) -> list[str]:
    """Return pip's option for a further index that carries builds of torch."""
    index = arguments.torch_index or os.environ.get("AUTOCHROME_TORCH_INDEX", "")
    return ["--extra-index-url", index] if index else []


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keep two starts from installing into the same folder at once."""
    with Path(__file__).open("rb") as this_file:
        try:
            import fcntl  # noqa: PLC0415  not on Windows
        except ImportError:
            yield
            return
        try:
            fcntl.flock(this_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Another start is installing; waiting for it.", flush=True)
            fcntl.flock(this_file, fcntl.LOCK_EX)
        yield


def make_environment(*, anew: bool = False) -> None:
    """Make `.venv`, anew if that is wanted or what is there does not run."""
    if works() and not anew:
        return
    print(f"Making an environment for Python in {VENV}", flush=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode or not works():
        words = (made.stdout + made.stderr).strip()
        if "ensurepip" in words:
            words = (
                "Python lacks its venv module. On Debian and Ubuntu install it with: "
                "apt install python3-venv"
            )
        raise SetupFailed(f"The environment could not be made. {words}")


def works() -> bool:
    """Say whether the environment's Python and its pip can be run."""
    if not python().exists():
        return False
    tried = subprocess.run(
        [str(python()), "-c", "import pip, sys; print(sys.version.split()[0])"],
        capture_output=True,
        text=True,
        check=False,
    )
    return tried.stdout.strip() == sys.version.split()[0]


def install(what: list[str]) -> None:
    """Install packages, showing one line of progress.

    Raises:
        SetupFailed: with the end of pip's own words.
    """
    command = [str(python()), "-m", "pip", "install", "--progress-bar", "off", *what]
    began, lines = time.monotonic(), []
    show = Line()
    with LOG.open("a", encoding="utf-8") as log:
        pip = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        )
        try:
            for line in pip.stdout or ():
                log.write(line)
                lines.append(line.strip())
                words = line.split()
                if words[:1] in (["Collecting"], ["Downloading"], ["Installing"]):
                    step = f"{words[0]} {Path(words[1]).name}"
                    show(f"{step[:60]} ({time.monotonic() - began:.0f} s)")
            code = pip.wait()
        except BaseException:
            pip.terminate()
            pip.wait()
            raise
        finally:
            show.end()
    if code:
        raise SetupFailed(why_not("\n".join(lines)))


def why_not(words: str) -> str:
    """Return a sentence on why pip failed, from what it said."""
    last = "\n".join(words.splitlines()[-6:])
    if "No space left" in words:
        advice = "The disk is full. Make room (about 2 GB) and start again."
    elif "Failed to establish a new connection" in words or "Temporary fail" in words:
        advice = "The package index cannot be reached. Go online and start again."
    else:
        advice = "The packages could not be installed."
    return f"{advice}\n{last}\nAll of it is in {LOG}."


class Line:
    """One line of progress that changes in place; plain lines where it cannot."""

    def __init__(self) -> None:
        """Look whether the output is a terminal."""
        self.live = sys.stdout.isatty()
        self.printed = 0.0

    def __call__(self, words: str) -> None:
        """Show the present step."""
        if self.live:
            print(f"\r{words:<76}", end="", flush=True)
        elif time.monotonic() - self.printed > PLAIN_EVERY_SECONDS:
            print(words, flush=True)
            self.printed = time.monotonic()

    def end(self) -> None:
        """Leave the line."""
        if self.live:
            print(f"\r{'':<76}\r", end="", flush=True)


# Handing over.


def environment(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the environment variables that the options stand for."""
    found = dict(os.environ)
    if arguments.data:
        found["AUTOCHROME_DATA"] = str(Path(arguments.data).expanduser().absolute())
    if arguments.cpu:
        found["AUTOCHROME_DEVICE"] = "cpu"
    return found


def become(command: list[str], env: dict[str, str]) -> int:
    """Go on as another program; where that cannot be, run it and wait."""
    os.chdir(ROOT)
    if sys.platform != "win32":
        sys.stdout.flush()
        os.execve(command[0], command, env)  # noqa: S606  no shell is wanted
    # Ctrl-C reaches both; the other program is the one to end on it.
    child = subprocess.Popen(command, env=env)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue


def run(arguments: argparse.Namespace) -> int:
    """Install what is missing and run the application."""
    set_up(FULL, arguments)
    command = [str(python()), "-m", "config.supervisor", "--host", arguments.host]
    if arguments.port is not None:
        command += ["--port", str(arguments.port)]
    if arguments.no_browser:
        command.append("--no-browser")
    return become(command, environment(arguments))


def setup(arguments: argparse.Namespace) -> int:
    """Only install."""
    set_up(FULL, arguments)
    print(f"Ready in {VENV}. Start with: python3 start.py")
    return 0


def status(arguments: argparse.Namespace) -> int:
    """Print how far the collection is; installs nothing and starts nothing."""
    if not python().exists():
        nothing = {"photographs": 0, "colorized": 0, "tagged": 0, "jobs": {}}
        note = "Autochrome has not been installed here yet."
        if arguments.json:
            print(json.dumps({**nothing, "running": False, "note": note}))
        else:
            print(f"{note} Start it with: python3 start.py")
        return 0
    command = [str(python()), "-m", "config.status"]
    return become(command + ["--json"] * arguments.json, environment(arguments))


def stop(arguments: argparse.Namespace) -> int:
    """Stop the running application."""
    if not python().exists():
        print("Autochrome has not been installed here yet.")
        return 0
    return become([str(python()), "-m", "config.stop"], environment(arguments))


def test(arguments: argparse.Namespace) -> int:
    """Install what the tests need and run them."""
    set_up("requirements-dev.txt", arguments)
    command = [str(python()), "-m", "tests.run", *arguments.words]
    return become(command, environment(arguments))


def check(arguments: argparse.Namespace) -> int:
    """Run linters, types, import contracts and what else must hold."""
    set_up("requirements-dev.txt", arguments)
    return become([str(python()), "-m", "tests.checks"], environment(arguments))


def arguments_of(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", help="the data folder")
    common.add_argument("--cpu", action="store_true", help="use no GPU")
    common.add_argument("--gpu", action="store_true", help="install for an NVIDIA GPU")
    common.add_argument(
        "--light", action=argparse.BooleanOptionalAction, help="install without torch"
    )
    common.add_argument("--torch-index", help="a further package index, for torch")
    parser = argparse.ArgumentParser(
        prog="start.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command")
    for name, act in COMMANDS.items():
        each = commands.add_parser(
            name,
            parents=[common],
            help=act.__doc__,
            add_help=name != "test",
        )
        each.set_defaults(act=act)
        if name == "run":
            each.add_argument("--no-browser", action="store_true")
            each.add_argument("--host", default="127.0.0.1", help="listen here")
            each.add_argument("--port", type=int, help="listen here; 0 for any")
        if name == "status":
            each.add_argument("--json", action="store_true")
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help")):
        words = ["run", *words]
    found, further = parser.parse_known_args(words)
    found.words = further
    if further and found.command != "test":
        parser.error(f"unknown: {' '.join(further)}")
    return found


COMMANDS = {
    "run": run,
    "setup": setup,
    "status": status,
    "stop": stop,
    "test": test,
    "check": check,
}


def main() -> int:
    """Do what the command line says; return the exit status."""
    if sys.version_info < OLDEST:
        have = ".".join(str(number) for number in sys.version_info[:3])
        print(f"Autochrome needs Python 3.11 or later; this is {have}.")
        return 1
    arguments = arguments_of(sys.argv[1:])
    try:
        return int(arguments.act(arguments))
    except SetupFailed as error:
        print(error)
    except KeyboardInterrupt:
        print("\nInterrupted. The same command goes on where it stopped.")
        return 130
    except OSError as error:
        print(f"This cannot go on: {error}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
