"""Child processes that do not outlive the supervisor.

On Linux the kernel is asked to signal a process when its parent dies, however it
dies. Elsewhere the next start finds what an earlier one left behind.

`python -m config.tether PROGRAM ARGUMENT…` becomes a program that is so tied.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def tie_to_parent(death: signal.Signals) -> None:
    """Have the kernel send this process `death` when its parent has gone."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(death))
    if os.getppid() != parent:  # it died while we asked
        os.kill(os.getpid(), death)


def tie_with_children(death: signal.Signals) -> None:
    """Tie this process, and every process that it forks, each to its own parent."""
    tie_to_parent(death)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: tie_to_parent(death))


if __name__ == "__main__":
    tie_to_parent(signal.SIGTERM)
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606  no shell is wanted
