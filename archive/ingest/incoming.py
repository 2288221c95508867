"""Where the files of an accession lie: in its folder, or among the uploads.

Uploads are written under generated names; the names that a browser sends are text for
people and never become a path.
"""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from archive import sidecar
from archive.embedded import cleaned
from archive.errors import ArchiveError, SourceUnreadable, StoreFull, StoreUnwritable
from archive.ingest.discovery import SIDECAR_SUFFIX, sidecars
from archive.models import Accession, AccessionItem, Collection
from archive.vocabularies import AccessionState, ItemOutcome

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_FILES = 1000
_LONGEST_NAME = 200


def root(accession: Accession) -> Path:
    """Return the folder of the accession's files."""
    if accession.uploaded:
        return Path(settings.INCOMING_DIR) / str(accession.pk)
    return Path(settings.BASE_DIR, accession.source)  # absolute ones stay as they are


def file_of(item: AccessionItem) -> Path:
    """Return where the bytes of an item lie."""
    if item.accession.uploaded:
        return root(item.accession) / f"{item.pk}.upload"
    return root(item.accession) / item.path


def descriptions(accession: Accession) -> sidecar.Descriptions:
    """Read the CSV files that came with the accession."""
    folder = root(accession)
    found = []
    for name in sidecars(folder):
        above = PurePosixPath(name).parent.as_posix()
        found.append(sidecar.read(folder / name, name, "" if above == "." else above))
    return sidecar.Descriptions(tuple(found))


def receive_uploads(
    files: Iterable[UploadedFile[bytes]], collection: Collection, *, by: User | None
) -> Accession:
    """Write uploaded files to the disk and open an accession of them.

    A file that is too large, or finds no room, is an item with the reason; the
    others are kept. CSV files describe the others. Nothing is decoded yet.

    Raises:
        SourceUnreadable: there is no file, or there are too many.
    """
    uploads = list(files)
    if not uploads:
        raise SourceUnreadable(_("No file was sent. Choose the scans to upload."))
    if len(uploads) > MOST_FILES:
        raise SourceUnreadable(
            _(
                "%(count)s files were sent; at most %(most)s are taken at once. Upload "
                "fewer, or ingest a folder on the archive's own machine."
            )
            % {"count": intcomma(len(uploads)), "most": intcomma(MOST_FILES)}
        )
    accession = Accession.objects.create(
        collection=collection, source="Upload", uploaded=True, started_by=by
    )
    folder = root(accession)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    names: set[str] = set()
    tables = 0
    for upload in uploads:
        name = _unused(client_name(upload.name), names)
        if name.lower().endswith(SIDECAR_SUFFIX):
            tables += 1
            _write(upload, folder / f"table-{tables}{SIDECAR_SUFFIX}")
            continue
        _receive(upload, accession, name)
    Accession.objects.filter(pk=accession.pk).update(
        source=gettext_noop("Upload of 1 file")
        if len(uploads) == 1
        else gettext_noop("Upload of %(count)s files") % {"count": len(uploads)}
    )
    accession.refresh_from_db()
    return accession


def client_name(sent: str | None) -> str:
    """Return the name of an uploaded file as text: one line, no folders."""
    name = re.split(r"[\\/]", cleaned(sent or "", 4000))[-1]
    name = re.sub(r"\s+", " ", name).strip(". ")
    if len(name) > _LONGEST_NAME:
        suffix = PurePosixPath(name).suffix[:12]
        name = name[: _LONGEST_NAME - len(suffix)] + suffix
    return name or "unnamed"


def discard(item: AccessionItem) -> None:
    """Remove the uploaded bytes of an item that has found its place or none."""
    if item.accession.uploaded:
        file_of(item).unlink(missing_ok=True)


def clear(accession: Accession) -> None:
    """Remove the uploads of an accession that has ended, unless one may be retried."""
    if not accession.uploaded:
        return
    failed = accession.items.filter(outcome=ItemOutcome.FAILED)
    if accession.state == AccessionState.CANCELLED or not failed.exists():
        shutil.rmtree(root(accession), ignore_errors=True)


def _receive(upload: UploadedFile[bytes], accession: Accession, name: str) -> None:
    item = AccessionItem(
        accession=accession,
        path=name,
        size_bytes=upload.size or 0,
        outcome=ItemOutcome.NEW,
    )
    if (upload.size or 0) > settings.UPLOAD_MAX_BYTES:
        item.outcome, item.code = ItemOutcome.UNREADABLE, "too_many_bytes"
        item.reason = gettext_noop(
            "The file has %(size)s bytes; uploads may have %(most)s. Ingest it as a "
            "folder on the archive's own machine."
        ) % {"size": f"{upload.size:,}", "most": f"{settings.UPLOAD_MAX_BYTES:,}"}
        item.save()
        return
    with transaction.atomic():
        item.save()  # its key names the file
        try:
            _write(upload, file_of(item))
        except ArchiveError as problem:
            item.outcome, item.code = ItemOutcome.FAILED, problem.code
            item.reason = problem.sentence
            item.save()


def _write(upload: UploadedFile[bytes], place: Path) -> None:
    """Stream an upload to a place that did not exist; nothing stays if it fails."""
    try:
        with place.open("xb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
    except OSError as problem:
        place.unlink(missing_ok=True)
        if problem.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise StoreFull(
                gettext_noop(
                    "There is no room left on the disk that holds the archive. Make "
                    "room, then upload the file again."
                )
            ) from problem
        raise StoreUnwritable(
            gettext_noop(
                "The upload cannot be written (%(why)s). Check the archive's disk."
            )
            % {"why": problem.strerror or problem}
        ) from problem


def _unused(name: str, names: set[str]) -> str:
    """Number a name that another file of the same upload has."""
    stem, suffix, number = PurePosixPath(name).stem, PurePosixPath(name).suffix, 1
    while name.casefold() in names:
        number += 1
        name = f"{stem} ({number}){suffix}"
    names.add(name.casefold())
    return name
