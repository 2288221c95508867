"""Many changes as one: previewed, applied in the background, undone as one."""

from archive.batches.applying import (
    apply,
    continue_batch,
    discard,
    edit_at_once,
    run,
    stop,
    undo,
)
from archive.batches.operations import Operations, TextChange
from archive.batches.planning import propose_edit, title_of
from archive.batches.progress import Progress, progress_of
from archive.batches.selections import Selection

__all__ = [
    "Operations",
    "Progress",
    "Selection",
    "TextChange",
    "apply",
    "continue_batch",
    "discard",
    "edit_at_once",
    "progress_of",
    "propose_edit",
    "run",
    "stop",
    "title_of",
    "undo",
]
