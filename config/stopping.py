"""How the program learns that it is to end."""

import logging
import signal
import threading
from types import FrameType

log = logging.getLogger(__name__)


class Stopped(KeyboardInterrupt):
    """A signal asked the program to end while it was still starting."""


class Stopping:
    """Ctrl-C, SIGTERM and the closing of the terminal, taken as one wish.

    While the program starts, the wish interrupts whatever it does. Later it is only
    noted, for the loop to see: an exception from a signal can be lost.
    """

    def __init__(self) -> None:
        """Listen from now on."""
        self.asked = threading.Event()
        self._interrupts = True
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._note)

    def only_note(self) -> None:
        """Interrupt no more."""
        self._interrupts = False

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.asked.is_set():
            return
        self.asked.set()
        log.info("asked to stop by %s", signal.Signals(number).name)
        if self._interrupts:
            raise Stopped
