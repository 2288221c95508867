"""The web server: `python -m config.web --host HOST --port PORT`."""

import argparse
import os
import signal
import sys
import tempfile
from types import FrameType

import setproctitle
import waitress

from config.tether import tie_to_parent

THREADS = 8
# A form around the file, on top of the file itself.
FORM_BYTES = 32 * 1024**2


def serve(host: str, port: int) -> None:
    """Answer requests until the process is asked to end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings  # noqa: PLC0415  after the environment is set

    from config.wsgi import application  # noqa: PLC0415

    # What is being uploaded waits beside the masters, never on a small /tmp.
    tempfile.tempdir = str(settings.INCOMING_DIR)
    waitress.serve(
        application,
        host=host,
        port=port,
        threads=THREADS,
        max_request_body_size=settings.UPLOAD_MAX_BYTES + FORM_BYTES,
        ident=None,
    )


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m config.web")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765)
    arguments = parser.parse_args()
    setproctitle.setproctitle(f"autochrome web {arguments.port}")
    tie_to_parent(signal.SIGTERM)
    signal.signal(signal.SIGTERM, _end)
    serve(arguments.host, arguments.port)


if __name__ == "__main__":
    main()
