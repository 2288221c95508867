"""What must hold before the program's parts can run: databases, a port, an account."""

import errno
import getpass
import logging
import os
import secrets
import socket
import sys

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, connections
from pymongo.errors import PyMongoError

from config.progress import Terminal

log = logging.getLogger(__name__)

USUAL_PORT = 8765
PORTS_TRIED = 10
FIRST_USER = "curator"
# Without letters and digits that look alike.
PASSWORD_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # noqa: S105  an alphabet


class StartFailed(Exception):
    """The program cannot start. The text is a sentence for the curator."""


def free_port(host: str, wanted: int | None) -> int:
    """Return a port that the web server can have.

    Args:
        host: the address to listen on.
        wanted: the port that was asked for; 0 for any; None for the usual one or,
            where that is taken, one of those after it.

    Raises:
        StartFailed: the port is taken, or the host is no address of this machine.
    """
    if wanted is not None:
        return _opened(host, wanted)
    for port in range(USUAL_PORT, USUAL_PORT + PORTS_TRIED):
        try:
            return _opened(host, port)
        except PortTaken:
            continue
    return _opened(host, 0)


class PortTaken(StartFailed):
    """Another program listens on the port."""


def _opened(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                raise PortTaken(
                    f"Port {port} is taken by another program. Choose another with "
                    "--port, or leave --port out."
                ) from error
            raise StartFailed(
                f"This machine cannot listen on {host}: {error.strerror or error}."
            ) from error
        return int(probe.getsockname()[1])


def migrate_catalogue() -> None:
    """Bring the catalogue's tables up to date.

    Raises:
        StartFailed: with a sentence on what is wrong with the database.
    """
    try:
        call_command("migrate", database="default", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise StartFailed(_about_the_catalogue(error)) from error


def _about_the_catalogue(error: DatabaseError) -> str:
    settings = connections["default"].settings_dict
    words = str(error).lower()
    if connections["default"].vendor != "sqlite":
        return (
            "The PostgreSQL server that DATABASE_URL names cannot be used: "
            f"{str(error).strip()}"
        )
    path = settings["NAME"]
    if "full" in words:
        return "The disk is full. Make room and start again; nothing is lost."
    if "not a database" in words or "malformed" in words:
        return (
            f"The catalogue {path} is damaged. Put back your last copy of it; the "
            "masters are not touched."
        )
    if "locked" in words:
        return f"Another program keeps the catalogue {path} locked. End it."
    return f"The catalogue {path} cannot be used: {error}"


def migrate_results() -> bool:
    """Bring the results database up to date; return False if it does not answer."""
    try:
        call_command("migrate", database="results", verbosity=0, interactive=False)
    except (DatabaseError, PyMongoError) as error:
        log.warning("The results database does not answer: %s", error.__cause__)
        return False
    return True


def first_user() -> str:
    """Return the name of the first account."""
    return os.environ.get("AUTOCHROME_USER") or FIRST_USER


def nobody_has_an_account() -> bool:
    """Say whether this is an archive that nobody has used yet."""
    return not User.objects.exists()


def make_first_account(terminal: Terminal) -> None:
    """Create the curator's account.

    `AUTOCHROME_USER` and `AUTOCHROME_PASSWORD` name it; without them a person at a
    terminal is asked, and elsewhere a password is made and printed this once.
    """
    name = first_user()
    password = os.environ.get("AUTOCHROME_PASSWORD") or ""
    generated = False
    if not password and sys.stdin.isatty() and sys.stdout.isatty():
        password = _asked(name, terminal)
    if not password:
        generated = True
        password = "-".join(
            "".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(5))
            for _ in range(4)
        )
    user = User.objects.create_superuser(name, password=password)
    user.groups.set(Group.objects.filter(name__in=["curator", "administrator"]))
    terminal.say(f"Your account is called {name!r}.")
    if generated:
        terminal.say(f"Its password is  {password}  (it is not shown again).")


def _asked(name: str, terminal: Terminal) -> str:
    """Return a password from the keyboard, or nothing if one is to be made."""
    while True:
        terminal.say(f"Choose a password for {name!r}; Enter alone makes one.")
        first = getpass.getpass("Password: ")
        if not first:
            return ""
        try:
            validate_password(first, User(username=name))
        except ValidationError as error:
            terminal.say(" ".join(error.messages))
            continue
        if getpass.getpass("Again: ") == first:
            return first
        terminal.say("The two were not the same.")
