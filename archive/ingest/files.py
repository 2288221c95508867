"""One scan: into the store first, then into the catalogue in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from archive import embedded, pictures, store
from archive.derivatives import (
    SCREEN_LENGTHS,
    ScreenCopy,
    attach_first_screen_copies,
    keep_screen_copies,
)
from archive.errors import (
    DuplicateFile,
    InvalidDescription,
    NotInThisState,
    UnreadablePicture,
)
from archive.identifiers import ReferenceCodes, taken
from archive.models import Collection, Event, MasterFile, Photograph
from archive.provenance import prepared
from archive.vocabularies import EventType, Side

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LARGE = 50_000_000
# Where a description comes from: a phrase of these, or a table.
_ORIGINS = (
    gettext_noop("From %(why)s."),
    gettext_noop("From %(file)s."),
    gettext_noop("embedded metadata"),
    gettext_noop("given with the file"),
)
_KEPT = gettext_noop("From %(name)s; copy read back and found the same.")
_ATTEMPTS = 5
_one_large = Lock()


@dataclass(frozen=True, slots=True)
class Described:
    """Descriptive values for a new photograph, and where they came from."""

    values: Mapping[str, str]
    origin: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """A picture by its header: the digest of the file, and how many pixels it has."""

    stored: store.StoredFile
    pixels: int


@dataclass(frozen=True, slots=True)
class Received:
    """A scan whose files lie safely in the stores; the catalogue has no row of it.

    Attributes:
        original_name: as the file was called, cleaned.
        stored: digest and length of the master.
        facts: what its header says.
        perceptual_hash: 16 hexadecimal digits.
        copies: the screen copies.
        embedded: what it says of itself.
    """

    original_name: str
    stored: store.StoredFile
    facts: pictures.PictureFacts
    perceptual_hash: str
    copies: Sequence[ScreenCopy]
    embedded: embedded.Embedded


def ingest_file(
    path: Path,
    collection: Collection,
    *,
    by: User | None,
    side: Side = Side.RECTO,
    photograph: Photograph | None = None,
    described: Mapping[str, str] | None = None,
    original_name: str | None = None,
) -> Photograph:
    """Bring one scan into the archive.

    Args:
        path: the file; it is only read.
        collection: where the new photograph belongs.
        by: the person who brings it.
        side: which side of the print it shows.
        photograph: the photograph that it is another side of; None makes a new one.
        described: descriptive field → text; goes before what the file says of itself.
        original_name: what the file was called, where `path` does not tell.

    Returns:
        The photograph, new or given.

    Raises:
        DuplicateFile: the same bytes are in the archive.
        UnreadablePicture: it is not a picture that the archive takes.
        InvalidDescription: a value of `described` cannot be meant.
        NotInThisState: the photograph has that side already.
        SourceUnreadable: the file cannot be read.
        StoreFull: no room; nothing was kept.
    """
    received = receive(path, original_name or path.name)
    sources = [Described(received.embedded.description, "embedded metadata")]
    if described:
        sources.append(Described(described, "given with the file"))
    return catalogue(
        received,
        collection,
        by=by,
        side=side,
        photograph=photograph,
        described=sources,
        codes=ReferenceCodes(collection),
    )


def refuse_duplicate(sha256: str) -> None:
    """Do nothing for bytes that the archive does not have.

    Raises:
        DuplicateFile: a master has the same bytes.
    """
    there = MasterFile.objects.filter(sha256=sha256).values_list(
        "photograph", "photograph__reference_code"
    )
    for photograph, code in there[:1]:
        raise DuplicateFile(
            _("The same file is in the archive already: %(code)s.") % {"code": code},
            photograph,
        )


def receive(path: Path, original_name: str) -> Received:
    """Put a scan and its screen copies into the stores, unless it is there already.

    Raises:
        DuplicateFile: the same bytes are in the archive.
        UnreadablePicture: it is not a picture that the archive takes.
        SourceUnreadable: the file cannot be read.
        CopyDiffers: it changed while it was copied.
        StoreFull: no room.
    """
    recognised = recognise(path)
    refuse_duplicate(recognised.stored.sha256)
    return keep(path, recognised, original_name)


def recognise(path: Path) -> Recognised:
    """Look at the header and take the digest.

    Raises:
        UnreadablePicture: it is not a picture that the archive takes.
        SourceUnreadable: the file cannot be read.
    """
    try:
        facts = pictures.identify(path, max_pixels=settings.PICTURE_MAX_PIXELS)
    except pictures.PictureRefused as refusal:
        raise UnreadablePicture(refusal.sentence, refusal.code) from refusal
    return Recognised(store.digest(path), facts.width * facts.height)


def keep(path: Path, recognised: Recognised, original_name: str) -> Received:
    """Put a scan and its screen copies into the stores; decode it once.

    The copy is decoded, not the source: what the catalogue will say is true of what
    the archive holds. A file that is refused leaves nothing behind. The database is
    not touched: threads may do this side by side, but large pictures only one by
    one, so that memory stays bounded.

    Raises:
        UnreadablePicture: its pixels cannot be decoded.
        SourceUnreadable: the file cannot be read.
        CopyDiffers: it changed while it was copied.
        StoreFull: no room.
    """
    try:
        with store.master_draft(path, recognised.stored) as draft:
            with _one_large if recognised.pixels > LARGE else nullcontext():
                examined = pictures.examine(
                    draft.path,
                    SCREEN_LENGTHS.values(),
                    max_pixels=settings.PICTURE_MAX_PIXELS,
                )
            copies = keep_screen_copies(examined.renditions)
            said = embedded.read(draft.path)
            draft.keep(examined.facts.extension)
    except pictures.PictureRefused as refusal:
        raise UnreadablePicture(refusal.sentence, refusal.code) from refusal
    return Received(
        embedded.cleaned(original_name, 500) or "unnamed",
        recognised.stored,
        examined.facts,
        examined.perceptual_hash,
        copies,
        said,
    )


def catalogue(
    received: Received,
    collection: Collection,
    *,
    by: User | None,
    codes: ReferenceCodes,
    side: Side = Side.RECTO,
    photograph: Photograph | None = None,
    described: Sequence[Described] = (),
    also: Callable[[Photograph], None] | None = None,
) -> Photograph:
    """Enter a received scan: photograph, master, screen copies and events, or nothing.

    Args:
        received: what `receive` returned.
        collection: where a new photograph belongs.
        by: the person who brings it.
        codes: counts the reference codes of the collection.
        side: which side of the print it shows.
        photograph: the photograph that it is another side of; None makes a new one.
        described: descriptions of a new photograph; a later one goes before.
        also: what else belongs into the same transaction.

    Raises:
        DuplicateFile: the same bytes were entered by someone else meanwhile.
        InvalidDescription: a value cannot be meant.
        NotInThisState: the photograph has that side already.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction.atomic():
                refuse_duplicate(received.stored.sha256)
                entered = photograph or _new_photograph(collection, described, codes)
                if photograph and photograph.masters.filter(side=side).exists():
                    raise NotInThisState(
                        _(
                            "%(code)s has a %(side)s already, and masters are never "
                            "replaced. Ingest this as a new photograph."
                        )
                        % {"code": photograph.reference_code, "side": side.label}
                    )
                _enter(received, entered, side, by, () if photograph else described)
                if also:
                    also(entered)
                return entered
        except IntegrityError:  # a reference code or the bytes: someone was quicker
            if attempt == _ATTEMPTS:
                raise
        except OperationalError:  # the catalogue is locked, or its server away
            if attempt == _ATTEMPTS or transaction.get_connection().in_atomic_block:
                raise
            time.sleep(attempt)
    raise AssertionError("the last attempt returns or raises")


def _new_photograph(
    collection: Collection, described: Sequence[Described], codes: ReferenceCodes
) -> Photograph:
    values: dict[str, str] = {}
    for source in described:
        values.update({name: text for name, text in source.values.items() if text})
    if unknown := values.keys() - set(Photograph.DESCRIPTIVE_FIELDS):
        raise InvalidDescription(
            _("Unknown field: %(fields)s.") % {"fields": ", ".join(sorted(unknown))},
            dict.fromkeys(unknown, _("This is not descriptive.")),
        )
    code = values.pop("reference_code", "")
    if taken(code):
        sentence = _("%(code)s is the reference code of another photograph.") % {
            "code": code
        }
        raise InvalidDescription(sentence, {"reference_code": sentence})
    photograph = Photograph(
        collection=collection, reference_code=code or codes.next(), **values
    )
    try:
        photograph.full_clean(exclude=["collection"], validate_unique=False)
    except ValidationError as problem:
        fields = {name: " ".join(said) for name, said in problem.message_dict.items()}
        raise InvalidDescription(" ".join(fields.values()), fields) from problem
    photograph.save()
    return photograph


def _enter(
    received: Received,
    photograph: Photograph,
    side: Side,
    by: User | None,
    described: Sequence[Described],
) -> None:
    facts = received.facts
    master = MasterFile.objects.create(
        photograph=photograph,
        side=side,
        sha256=received.stored.sha256,
        size_bytes=received.stored.size_bytes,
        width=facts.displayed_width,
        height=facts.displayed_height,
        bit_depth=facts.bit_depth,
        mode=facts.mode,
        media_type=facts.media_type,
        extension=facts.extension,
        pages=facts.pages,
        orientation=facts.orientation,
        icc_profile=embedded.cleaned(facts.icc_name, 200),
        original_name=received.original_name,
        perceptual_hash=received.perceptual_hash,
        embedded=received.embedded.standards,
    )
    events = [
        prepared(
            EventType.INGESTION,
            "ingested",
            master,
            by=by,
            note=_KEPT % {"name": received.original_name},
        ),
        prepared(
            EventType.MESSAGE_DIGEST,
            "digested",
            master,
            by=by,
            note=f"SHA-256 {received.stored.sha256}",
        ),
    ]
    before: dict[str, str] = {}
    for source in described:
        changes = {
            name: [before.get(name, ""), text]
            for name, text in source.values.items()
            if text and before.get(name) != text
        }
        before.update({name: text for name, (_old, text) in changes.items()})
        if changes:
            events.append(
                prepared(
                    EventType.METADATA_MODIFICATION,
                    "described",
                    photograph,
                    by=by,
                    changes=changes,
                    note=f"From {source.origin}.",
                )
            )
    Event.objects.bulk_create(events)
    attach_first_screen_copies(master, received.copies, by=by)
