"""Start the program: `python -m config.supervisor [--host] [--port] [--no-browser]`.

Takes the data folder for itself, starts the results database, and hands over to
`config.program` for all that needs the settings, which need that database's address.
"""

import argparse
import logging
import logging.handlers
import os
import sys
from pathlib import Path

import setproctitle

from config import mongod, places
from config.instance import AlreadyRunning, Instance, State
from config.progress import Terminal
from config.stopping import Stopped, Stopping


def keep_a_log(logs: Path) -> None:
    """Write what the supervisor itself does to `supervisor.log`."""
    writer = logging.handlers.RotatingFileHandler(
        logs / "supervisor.log", maxBytes=1024**2, backupCount=3, encoding="utf-8"
    )
    writer.setFormatter(
        logging.Formatter("{asctime} {levelname} {name} {message}", style="{")
    )
    ours = logging.getLogger("config")
    ours.addHandler(writer)
    ours.setLevel(logging.INFO)
    ours.propagate = False  # the terminal is for sentences


def launch_results(data_dir: Path, terminal: Terminal) -> mongod.PrivateMongod | None:
    """Launch the private MongoDB where one is wanted, and make its address known.

    Returns:
        The server, which answers a little later; None where the user named one of
        their own, or there is none for this platform.

    Raises:
        mongod.MongodFailed: the place for its socket cannot be used.
    """
    if os.environ.get("MONGODB_URI"):
        return None
    program = mongod.program()
    record = data_dir / places.RESULTS_URI_FILE
    if program is None:
        record.unlink(missing_ok=True)
        terminal.say(
            "There is no MongoDB server for this platform, so results go to an SQLite "
            "file in the data folder. Everything else is the same."
        )
        return None
    server = mongod.PrivateMongod(program, data_dir)
    server.launch()
    record.write_text(server.uri, encoding="utf-8")
    os.environ["MONGODB_URI"] = server.uri
    return server


def supervise(arguments: argparse.Namespace, data_dir: Path) -> int:
    """Run the program on a data folder until it is asked to stop.

    Returns:
        The exit status: 0 after an orderly end, 1 where it could not start.
    """
    terminal = Terminal()
    try:
        places.make_folders(data_dir)
        keep_a_log(data_dir / "logs")
        instance = Instance(data_dir)
        with instance.claimed():
            stopping = Stopping()
            for name in instance.end_what_was_left():
                terminal.say(f"Ended {name}, left behind by an earlier run.")
            instance.write(State())  # from now on `stop` knows whom to ask
            server = launch_results(data_dir, terminal)
            try:
                return _run(arguments, instance, server, terminal, stopping)
            finally:
                stopping.only_note()
                if server is not None:
                    server.stop()
    except Stopped:
        return 0
    except (AlreadyRunning, mongod.MongodFailed) as error:
        terminal.say(str(error))
    except OSError as error:
        terminal.say(
            f"The data folder {data_dir} cannot be used: {error.strerror or error}. "
            "Choose another with --data, or make room on the disk."
        )
    return 1


def _run(
    arguments: argparse.Namespace,
    instance: Instance,
    server: mongod.PrivateMongod | None,
    terminal: Terminal,
    stopping: Stopping,
) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django  # noqa: PLC0415  the settings need the results' address
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415

    try:
        django.setup()
    except ImproperlyConfigured as error:
        terminal.say(str(error))
        return 1
    from config.program import Program  # noqa: PLC0415  needs the settings
    from config.startup import StartFailed  # noqa: PLC0415

    program = Program(arguments, instance, server, terminal, stopping)
    try:
        program.start()
        program.watch()
    except StartFailed as error:
        terminal.say(str(error))
        return 1
    finally:
        program.stop()
    return 0


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m config.supervisor")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int)
    parser.add_argument("--no-browser", action="store_true")
    arguments = parser.parse_args()
    setproctitle.setproctitle("autochrome")
    sys.exit(supervise(arguments, places.data_dir()))


if __name__ == "__main__":
    main()
