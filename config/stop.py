"""Stop the running program: `python -m config.stop`."""

import sys

from config import places
from config.instance import stop_running


def main() -> None:
    """Ask the program on the data folder to stop and wait until it has."""
    try:
        stopped = stop_running(places.data_dir())
    except TimeoutError as error:
        sys.exit(str(error))
    sys.stdout.write("Stopped.\n" if stopped else "Autochrome was not running.\n")


if __name__ == "__main__":
    main()
