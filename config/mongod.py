"""A private MongoDB server for the results: one socket, one folder, no open port."""

import hashlib
import importlib.util
import os
import shutil
import signal
import stat
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from config.children import Child, last_lines

WHEEL = "fiftyone"
SOCKET_NAME = "mongod.sock"
# A unix socket's path has at most 107 bytes on Linux and 103 on macOS; the server
# also opens `mongodb-27017.sock` in the same folder.
FOLDER_BYTES = 80
DATABASE = "autochrome"
CACHE_GIGABYTES = "0.25"
READY_SECONDS = 120.0
STOP_SECONDS = 10.0


class MongodFailed(Exception):
    """The private server did not start. The text is a sentence for the curator."""


def program() -> Path | None:
    """Return the MongoDB server to run: the wheel's, else the one on PATH, else None.

    The wheel is found without importing it. Its program lacks the run bit; where the
    bit cannot be set there (an installation that is read-only), None of it is used.
    """
    if sys.platform == "win32":
        return None  # no unix sockets: results go to a second SQLite file
    spec = importlib.util.find_spec(WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        wheel = Path(place) / "db" / "bin" / "mongod"
        if wheel.is_file() and _can_run(wheel):
            return wheel
    found = shutil.which("mongod")
    return Path(found) if found else None


def _can_run(wheel: Path) -> bool:
    if os.access(wheel, os.X_OK):
        return True
    try:
        wheel.chmod(wheel.stat().st_mode | 0o755)
    except OSError:
        return False
    return True


def socket_folder(data_dir: Path) -> Path:
    """Return a folder for the socket that only its owner may enter.

    It is `run` in the data folder unless that path is too long for a socket: then a
    short one under the system's temporary folder, the same at every start.
    """
    folder = data_dir / "run"
    if len(os.fsencode(folder)) > FOLDER_BYTES:
        name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"autochrome-{os.getuid()}-{name}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
        raise MongodFailed(
            f"{folder} belongs to someone else, so the results database cannot use it. "
            "Remove it, or choose a data folder with a shorter path."
        )
    folder.chmod(0o700)
    return folder


def socket_uri(data_dir: Path) -> str:
    """Return the address at which the data folder's own server answers."""
    socket = quote(str(socket_folder(data_dir) / SOCKET_NAME), safe="")
    return f"mongodb://{socket}/{DATABASE}?directConnection=true"


class PrivateMongod:
    """The server of one data folder."""

    def __init__(self, program: Path, data_dir: Path) -> None:
        """Describe the server; `start` runs it."""
        self.folder = socket_folder(data_dir)
        self.uri = socket_uri(data_dir)
        store = data_dir / "results"
        store.mkdir(mode=0o700, parents=True, exist_ok=True)
        logs = data_dir / "logs"
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.child = Child(
            "mongod",
            [
                *(sys.executable, "-m", "config.tether", str(program)),
                *("--dbpath", str(store)),
                *("--bind_ip", str(self.folder / SOCKET_NAME)),
                *("--unixSocketPrefix", str(self.folder)),
                *("--networkMessageCompressors", "disabled"),
                *("--wiredTigerCacheSizeGB", CACHE_GIGABYTES),
                *("--setParameter", "diagnosticDataCollectionEnabled=false"),
                "--quiet",
            ],
            logs,
        )

    def launch(self) -> None:
        """Run the server; it answers a second or so later."""
        for left in self.folder.glob("*.sock"):  # after kill -9 of an earlier server
            left.unlink()
        self.child.start()

    def start(self) -> None:
        """Run the server and return when it answers.

        Raises:
            MongodFailed: it ended, or did not answer in time.
        """
        self.launch()
        self.wait()

    def wait(self) -> None:
        """Return when the server that was launched answers.

        Raises:
            MongodFailed: it ended, or did not answer in time.
        """
        deadline = time.monotonic() + READY_SECONDS
        while not self.answers():
            if not self.child.alive():
                raise MongodFailed(self._why_it_ended())
            if time.monotonic() > deadline:
                self.stop()
                raise MongodFailed(
                    "The results database did not answer within two minutes. Its log "
                    f"is {self.child.log}."
                )
            time.sleep(0.05)

    def answers(self) -> bool:
        """Ask the server whether it is there."""
        from pymongo import MongoClient  # noqa: PLC0415  slow to import
        from pymongo.errors import PyMongoError  # noqa: PLC0415

        if not (self.folder / SOCKET_NAME).exists():
            return False
        try:
            with MongoClient[dict[str, object]](
                self.uri, serverSelectionTimeoutMS=2000, socketTimeoutMS=2000
            ) as client:
                client.admin.command("ping")
        except PyMongoError:
            return False
        return True

    def stop(self) -> None:
        """Let the server write what it holds and end."""
        self.child.ask_to_stop()
        self.child.end(STOP_SECONDS)

    def _why_it_ended(self) -> str:
        code = self.child.process.returncode if self.child.process else None
        words = last_lines(self.child.log, 40)
        if "DBPathInUse" in words:
            return (
                "Another MongoDB server already uses the results in this data folder. "
                "Stop it, or choose another folder with --data."
            )
        if "No space left" in words:
            return (
                "The disk is full, so the results database cannot start. Make room and "
                "start again."
            )
        if code == -signal.SIGILL:
            return (
                "This processor lacks instructions that the supplied MongoDB server "
                "needs. Name a server of your own in MONGODB_URI."
            )
        return (
            f"The results database ended at once (status {code}). The files in "
            f"{self.child.log.parent.parent / 'results'} may be damaged; the log is "
            f"{self.child.log}."
        )
