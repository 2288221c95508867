"""One queue's workers: `python -m config.queues vision|light`."""

import os
import signal
import sys
from types import FrameType

from config.tether import tie_with_children

QUEUES = ("light", "vision")


def work(name: str) -> None:
    """Run a django-q cluster on a queue until the process is asked to end."""
    # Read once, when django-q is first imported.
    os.environ["Q_CLUSTER_NAME"] = name
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django  # noqa: PLC0415  after the environment is set

    django.setup()
    from django_q.cluster import Cluster  # noqa: PLC0415  after the set-up

    from colorizer.queues import request_stop  # noqa: PLC0415

    class Workers(Cluster):  # type: ignore[misc]  # django-q is untyped
        """A cluster whose workers finish the picture in hand, not the batch."""

        def sig_handler(self, signum: int, frame: FrameType | None) -> None:
            request_stop()
            super().sig_handler(signum, frame)

    # Starts the sentinel, which this process waits for when it reaches its end.
    Workers().start()


def main() -> None:
    """Serve the queue that the first argument names."""
    name = sys.argv[1]
    if name not in QUEUES:
        sys.exit(f"There is no queue {name!r}: choose from {', '.join(QUEUES)}.")
    tie_with_children(signal.SIGKILL)
    work(name)


if __name__ == "__main__":
    main()
