"""Reconciling the stores with the catalogue, after crashes and lost disks.

A crash leaves at worst a file without a row. Derived files that no row names, and
half-written ones, are swept once they are a day old; the pictures of steered colours
that nobody proposed, once they are thirty: the hints stay, and whoever comes back to
them has the pictures made again. Nothing else is ever removed that a row names, and
no master at all.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q

from archive.derivatives import SCREEN_LENGTHS, make_screen_copies
from archive.errors import ArchiveError
from archive.models import Accession, Derivative, MasterFile
from archive.models.contact_sheets import FOLDER as CONTACT_SHEETS
from archive.store import PARTIAL
from archive.vocabularies import AccessionState, ItemOutcome, ReviewState

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DAY = 24 * 3600.0
DRAFTS_LAST = 30 * DAY
UNPROPOSED = Q(review_state=ReviewState.DRAFT) | Q(
    source__review_state=ReviewState.DRAFT
)


@dataclass(slots=True)
class Reconciliation:
    """What was found, and done unless it was a dry run.

    Attributes:
        swept: files that were removed: unnamed derivatives and old drafts, partial
            files, uploads.
        swept_bytes: their length together.
        unnamed_masters: master files without a row; they are never removed.
        missing_masters: masters whose file is gone.
        missing_derivatives: derivatives whose file is gone and was not remade.
        remade: screen copies that were made again.
    """

    swept: list[Path] = field(default_factory=list)
    swept_bytes: int = 0
    unnamed_masters: list[Path] = field(default_factory=list)
    missing_masters: list[MasterFile] = field(default_factory=list)
    missing_derivatives: list[Derivative] = field(default_factory=list)
    remade: list[Derivative] = field(default_factory=list)


def reconcile(*, dry_run: bool = False, by: User | None = None) -> Reconciliation:
    """Sweep what nothing names, remake lost screen copies, report what is missing.

    Args:
        dry_run: only tell what would be done.
        by: the person who asked for it.
    """
    found = Reconciliation()
    for path in _sweepable():
        found.swept.append(path)
        found.swept_bytes += _size(path)
        if not dry_run:
            _remove(path)
    found.unnamed_masters = [
        path
        for path in _stored(Path(settings.MASTERS_DIR))
        if not MasterFile.objects.filter(sha256=path.stem).exists()
    ]
    masters = MasterFile.objects.select_related("photograph").defer("embedded")
    for master in masters.iterator(chunk_size=500):
        if not master.path.exists():
            found.missing_masters.append(master)
    awaited = Derivative.objects.exclude(UNPROPOSED)
    for derivative in awaited.select_related("master__photograph").iterator(
        chunk_size=500
    ):
        if derivative.path.exists():
            continue
        if not dry_run and _remade(derivative, by):
            found.remade.append(derivative)
        else:
            found.missing_derivatives.append(derivative)
    return found


def _sweepable() -> Iterator[Path]:
    """Yield what nothing names and nobody has touched for a day."""
    for store in (settings.MASTERS_DIR, settings.DERIVATIVES_DIR):
        for path in Path(store).glob(f"*{PARTIAL}"):
            if _old(path):
                yield path
    for path in _stored(Path(settings.DERIVATIVES_DIR)):
        if _old(path) and not (_kept if _old(path, DRAFTS_LAST) else _named)(path):
            yield path
    for path in sorted(Path(settings.INCOMING_DIR).iterdir()):
        if _old(path) and not _awaited(path):
            yield path


def _stored(store: Path) -> Iterator[Path]:
    """Yield the files of a content-addressed store."""
    for path in sorted(store.glob("??/??/*")):
        if path.is_file() and not path.is_symlink() and len(path.stem) == 64:
            yield path


def _named(path: Path) -> bool:
    return Derivative.objects.filter(sha256=path.stem).exists()


def _kept(path: Path) -> bool:
    """Say whether anything but a draft that nobody proposed has this file."""
    named = Derivative.objects.filter(sha256=path.stem)
    return named.exclude(UNPROPOSED).exists()


def _awaited(path: Path) -> bool:
    """Say whether an upload belongs to an accession that may still want it.

    Printed contact sheets lie beside the uploads, and go when their time is over.
    """
    if path.name == CONTACT_SHEETS:
        return True
    accession = (
        Accession.objects.filter(pk=int(path.name)).first()
        if path.is_dir() and path.name.isdecimal()
        else None
    )
    if accession is None:
        return False
    if accession.state == AccessionState.FINISHED:
        return accession.items.filter(outcome=ItemOutcome.FAILED).exists()
    return accession.state != AccessionState.CANCELLED


def _old(path: Path, seconds: float = DAY) -> bool:
    try:
        return time.time() - path.lstat().st_mtime > seconds
    except FileNotFoundError:  # it got its name, or was swept, this moment
        return False


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(file.lstat().st_size for file in path.rglob("*") if file.is_file())
    return path.lstat().st_size


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    elif _old(path):  # not taken into use since it was looked at
        path.unlink(missing_ok=True)


def _remade(derivative: Derivative, by: User | None) -> bool:
    """Make a lost screen copy again; False where that is not ours to do."""
    if derivative.purpose not in SCREEN_LENGTHS:
        return False
    try:
        make_screen_copies(derivative.master, by=by)
    except ArchiveError:
        return False
    derivative.refresh_from_db()
    return derivative.path.exists()
