"""Fixity: whether the stored masters are, byte for byte, what was ingested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop

from archive.errors import FixityBroken, SourceUnreadable
from archive.models import MasterFile
from archive.provenance import record
from archive.store import digest
from archive.vocabularies import EventOutcome, EventType

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found of one master; `sentence` is "" where it is intact."""

    master: MasterFile
    sentence: str

    @property
    def intact(self) -> bool:
        """Whether the stored bytes are those that were ingested."""
        return not self.sentence


def verify(master: MasterFile, *, by: User | None = None) -> None:
    """Read a master back, compare it with its SHA-256 and record the check.

    Raises:
        FixityBroken: the file is gone, unreadable or not the same; that is recorded.
    """
    sentence = _fault(master)
    record(
        EventType.FIXITY_CHECK,
        "verified" if not sentence else "found broken",
        master,
        by=by,
        outcome=EventOutcome.FAILURE if sentence else EventOutcome.SUCCESS,
        note=sentence or f"SHA-256 {master.sha256}",
    )
    if sentence:
        raise FixityBroken(sentence)


def verify_each(
    masters: Iterable[MasterFile], *, by: User | None = None
) -> Iterator[Verdict]:
    """Verify many masters, one after the other; a broken one never stops the rest."""
    for master in masters:
        try:
            verify(master, by=by)
        except FixityBroken as broken:
            yield Verdict(master, broken.sentence)
        else:
            yield Verdict(master, "")


# Kept as events, so in English; pages translate them.
_MISSING = gettext_noop(
    "The master of %(name)s is missing. Restore %(place)s in the data folder from a "
    "backup, then check again."
)
_UNREADABLE = gettext_noop(
    "The master of %(name)s cannot be read. %(why)s Restore %(place)s in the data "
    "folder from a backup, then check again."
)
_RESIZED = gettext_noop(
    "The master of %(name)s has %(found)s bytes instead of %(wanted)s. Restore "
    "%(place)s in the data folder from a backup, then check again."
)
_CHANGED = gettext_noop(
    "The master of %(name)s is not what was ingested. Restore %(place)s in the data "
    "folder from a backup, then check again."
)


def _fault(master: MasterFile) -> str:
    name = f"{master.photograph.reference_code} ({master.original_name})"
    place = f"masters/{'/'.join(master.path.parts[-3:])}"
    named = {"name": name, "place": place}
    try:
        found = digest(master.path)
    except SourceUnreadable as problem:
        if not master.path.exists():
            return _MISSING % named
        return _UNREADABLE % {**named, "why": problem.sentence}
    if found.size_bytes != master.size_bytes:
        return _RESIZED % {
            **named,
            "found": f"{found.size_bytes:,}",
            "wanted": f"{master.size_bytes:,}",
        }
    if found.sha256 != master.sha256:
        return _CHANGED % named
    return ""
