"""Handing work to a background worker, without knowing which queue there is."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string


def enqueue(function: str, *args: str | int) -> None:
    """Have a worker call a function later, at least once.

    Joins the caller's transaction: rolled back with it. The queue is the one that
    the setting `ARCHIVE_ENQUEUE` names.

    Args:
        function: dotted path; it must be safe to call again with the same arguments.
        args: primary keys and words, never objects.
    """
    import_string(settings.ARCHIVE_ENQUEUE)(function, *args)
