"""Where the program keeps what a curator would back up. Standard library only."""

import os
import secrets
import string
import sys
import tempfile
from pathlib import Path

CATALOGUE = "catalogue.sqlite3"
RESULTS_FILE = "results.sqlite3"
RESULTS_URI_FILE = "run/results-uri"
SECRET_KEY_CHARACTERS = string.ascii_letters + string.digits + "!@#%^&*(-_=+)"


def usual_data_dir() -> Path:
    """Return the platform's own place for this program's data."""
    home = Path.home()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "Autochrome"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "Autochrome"
    share = os.environ.get("XDG_DATA_HOME")
    # The XDG specification says that a relative path is to be ignored.
    base = Path(share) if share and Path(share).is_absolute() else home / ".local/share"
    return base / "autochrome"


def data_dir() -> Path:
    """Return the data folder: `AUTOCHROME_DATA`, else the platform's own place."""
    named = os.environ.get("AUTOCHROME_DATA")
    return Path(named).expanduser().absolute() if named else usual_data_dir()


def make_folders(folder: Path) -> None:
    """Make the data folder and the folders that every part takes for granted."""
    for name in ("masters", "derivatives", "incoming", "logs", "run"):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)


def secret_key(folder: Path) -> str:
    """Return this installation's secret key, made on the first call.

    The file is written whole under another name, readable by its owner alone, and
    then linked into place: of two processes that start together one wins and both
    read the same key.
    """
    place = folder / "secret.key"
    if place.exists():
        return place.read_text(encoding="ascii").strip()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = "".join(secrets.choice(SECRET_KEY_CHARACTERS) for _ in range(64))
    descriptor, name = tempfile.mkstemp(".partial", "secret.key.", folder)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(key)
        try:
            place.hardlink_to(draft)
        except FileExistsError:
            pass  # another process was quicker: its key is the key
        except OSError:  # a file system without hard links
            draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)
    return place.read_text(encoding="ascii").strip()


def recorded_results_uri(folder: Path) -> str:
    """Return the address of the private MongoDB that last ran for this folder."""
    try:
        return (folder / RESULTS_URI_FILE).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
