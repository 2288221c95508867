"""One run over an accession: what is done with each file, and what is said of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_noop

from archive import pictures, sidecar
from archive.derivatives import SCREEN_LENGTHS
from archive.errors import (
    ArchiveError,
    DuplicateFile,
    SourceUnreadable,
    UnreadablePicture,
)
from archive.identifiers import ReferenceCodes, taken
from archive.ingest import incoming
from archive.ingest.discovery import backs
from archive.ingest.files import (
    Described,
    Received,
    Recognised,
    catalogue,
    keep,
    recognise,
    refuse_duplicate,
)
from archive.ingest.resemblance import Resemblances
from archive.models import (
    Accession,
    AccessionItem,
    Collection,
    MasterFile,
    Photograph,
)
from archive.vocabularies import ItemOutcome, Purpose, Side

#: Threads that copy and decode, and how many files may wait for the catalogue.
WORKERS = 2
AHEAD = 4
_HASH_LENGTH = SCREEN_LENGTHS[Purpose.THUMBNAIL]


class FrontMissing(ArchiveError):
    """The scan is a back whose front is not in the archive."""

    code = "front_missing"


class Twin(ArchiveError):
    """The same bytes are in the same accession under another name."""

    code = "duplicate"


class SystemRefused(ArchiveError):
    """The operating system did not let the file be read or kept."""

    code = "system"


class Run:
    """What one run keeps in memory: names, descriptions, hashes and the last codes."""

    def __init__(self, accession: Accession) -> None:
        """Look through the names and the CSV files of the accession."""
        self._accession = accession
        self._paths = list(accession.items.values_list("path", flat=True))
        self._backs = backs(self._paths)
        self._descriptions = incoming.descriptions(accession)
        self._codes: dict[int, ReferenceCodes] = {}
        self._collections: dict[str, Collection | None] = {}

    @cached_property
    def _resemblances(self) -> Resemblances:
        return Resemblances()

    def is_back(self, path: str) -> bool:
        """Say whether the path names the back of a print whose front is there too."""
        return path in self._backs

    def said(self) -> str:
        """Return what the curator should know about the run as a whole."""
        if not self._paths:
            return gettext_noop("There is no picture in this folder.")
        return " ".join(self._descriptions.problems(self._paths))[:1000]

    def examine(self, item: AccessionItem) -> None:
        """Find out what would become of a file; it is decoded but not kept."""
        with self._refusals(item):
            path = incoming.file_of(item)
            self._recognise(item, path)
            self._refuse_twin(item)
            try:
                examined = pictures.examine(
                    path, [_HASH_LENGTH], max_pixels=settings.PICTURE_MAX_PIXELS
                )
            except pictures.PictureRefused as refusal:
                raise UnreadablePicture(refusal.sentence, refusal.code) from refusal
            notes = self._notes(item, examined.facts, examined.perceptual_hash)
            self._settle(item, ItemOutcome.NEW, notes=notes)

    def ingest(self, items: Iterable[AccessionItem]) -> None:
        """Bring files into the archive, or note why not; none stops the others.

        Threads copy and decode a few files ahead; the catalogue is written here, in
        the order of the items. Backs come after all fronts.
        """
        flight: deque[tuple[AccessionItem, Future[Received]]] = deque()
        with ThreadPoolExecutor(WORKERS, "ingest") as pool:
            for item in items:
                if self.is_back(item.path):
                    self._land(flight, 0)  # so that its front is settled
                with self._refusals(item):
                    self._front(item)
                    path, name = incoming.file_of(item), item.path.rpartition("/")[2]
                    recognised = self._recognise(item, path)
                    flight.append((item, pool.submit(keep, path, recognised, name)))
                self._land(flight, AHEAD)
            self._land(flight, 0)

    def _recognise(self, item: AccessionItem, path: Path) -> Recognised:
        """Write down the digest of a file and refuse one that the archive has."""
        recognised = recognise(path)
        item.sha256 = recognised.stored.sha256
        item.size_bytes = recognised.stored.size_bytes
        refuse_duplicate(item.sha256)
        return recognised

    def _land(
        self, flight: deque[tuple[AccessionItem, Future[Received]]], ahead: int
    ) -> None:
        """Enter the oldest files in flight into the catalogue until few are left."""
        while len(flight) > ahead:
            item, future = flight.popleft()
            with self._refusals(item):
                self._enter(item, future.result(), self._front(item))

    @contextmanager
    def _refusals(self, item: AccessionItem) -> Iterator[None]:
        """Note on the item whatever is known to go wrong with a file."""
        try:
            yield
        except ArchiveError as problem:
            self._refuse(item, problem)
        except (OSError, MemoryError) as problem:
            self._refuse(item, _explained(problem))

    def _enter(
        self, item: AccessionItem, received: Received, photograph: Photograph | None
    ) -> None:
        notes = self._notes(item, received.facts, received.perceptual_hash)
        described = [Described(received.embedded.description, "embedded metadata")]
        collection = self._accession.collection
        match = self._descriptions.of(item.path)
        if match and photograph is None:
            collection = self._collection(match.row) or collection
            values = dict(match.row.values)
            if taken(values.get("reference_code", "")):
                del values["reference_code"]
            described.append(Described(values, match.sidecar.name))
        entered = catalogue(
            received,
            collection,
            by=self._accession.started_by,
            codes=self._numbered(collection),
            side=Side.VERSO if photograph else Side.RECTO,
            photograph=photograph,
            described=described,
            also=lambda entered: self._settle(
                item, ItemOutcome.INGESTED, photograph=entered.pk, notes=notes
            ),
        )
        if photograph is None:
            self._resemblances.add(entered, received.perceptual_hash)
        incoming.discard(item)

    def _front(self, item: AccessionItem) -> Photograph | None:
        """Return the photograph that a back belongs to; None for a front.

        Raises:
            FrontMissing: its front is not in the archive.
        """
        path = self._backs.get(item.path)
        if path is None:
            return None
        front = self._accession.items.get(path=path)
        master = (
            MasterFile.objects.rectos()
            .filter(sha256=front.sha256, photograph=front.photograph_id)
            .select_related("photograph")
            .first()
        )
        if master is None:
            raise FrontMissing(
                gettext_noop(
                    "This is the back of %(path)s, which is not in the archive. Mend "
                    "that file, then ingest the folder again."
                )
                % {"path": path}
            )
        photograph: Photograph = master.photograph
        return photograph

    def _refuse_twin(self, item: AccessionItem) -> None:
        twin = (
            self._accession.items.filter(sha256=item.sha256, outcome=ItemOutcome.NEW)
            .exclude(pk=item.pk)
            .first()
        )
        if twin is not None:
            raise Twin(
                gettext_noop("The same file as %(path)s in this accession.")
                % {"path": twin.path}
            )

    def _notes(
        self, item: AccessionItem, facts: pictures.PictureFacts, perceptual_hash: str
    ) -> list[str]:
        notes = []
        if facts.pages > 1:
            notes.append(
                gettext_noop("It has %(count)s pages; the first is shown.")
                % {"count": facts.pages}
            )
        back_of = self._backs.get(item.path)
        if back_of:
            notes.append(gettext_noop("The back of %(path)s.") % {"path": back_of})
        else:
            like = self._resemblances.nearest(perceptual_hash)
            if like:
                notes.append(
                    gettext_noop("It looks like %(code)s.")
                    % {"code": like.reference_code}
                )
        match = self._descriptions.of(item.path)
        if match and not back_of:
            notes += self._notes_on_row(match)
        return notes

    def _notes_on_row(self, match: sidecar.Match) -> list[str]:
        row = match.row
        problems = list(row.problems)
        if row.collection and self._collection(row) is None:
            problems.append(
                gettext_noop("%(code)s is no collection at or below %(above)s.")
                % {
                    "code": row.collection,
                    "above": self._accession.collection.reference_code,
                }
            )
        code = row.values.get("reference_code", "")
        if taken(code):
            problems.append(
                gettext_noop(
                    "%(code)s is another photograph's code; a new one is given."
                )
                % {"code": code}
            )
        found = {"table": match.sidecar.name, "number": row.number}
        if not problems:
            return [gettext_noop("From %(table)s, row %(number)s.") % found]
        where = gettext_noop("%(table)s, row %(number)s") % found
        return [f"{where}: {problem}" for problem in problems]

    def _collection(self, row: sidecar.Row) -> Collection | None:
        """Return the collection that a row names, within the accession's own."""
        if row.collection not in self._collections:
            self._collections[row.collection] = (
                Collection.objects.within(self._accession.collection)
                .filter(reference_code=row.collection)
                .first()
            )
        return self._collections[row.collection]

    def _numbered(self, collection: Collection) -> ReferenceCodes:
        if collection.pk not in self._codes:
            self._codes[collection.pk] = ReferenceCodes(collection)
        return self._codes[collection.pk]

    def _refuse(self, item: AccessionItem, problem: ArchiveError) -> None:
        if isinstance(problem, DuplicateFile | Twin):
            outcome = ItemOutcome.DUPLICATE
        elif isinstance(problem, UnreadablePicture | SourceUnreadable):
            outcome = ItemOutcome.UNREADABLE
        else:
            outcome = ItemOutcome.FAILED
        photograph = getattr(problem, "existing_photograph", None)
        self._settle(
            item, outcome, problem.code, problem.sentence, photograph=photograph
        )
        if outcome is not ItemOutcome.FAILED:
            incoming.discard(item)

    def _settle(
        self,
        item: AccessionItem,
        outcome: ItemOutcome,
        code: str = "",
        reason: str = "",
        *,
        photograph: int | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        """Write what became of a file, unless another run has written it already."""
        AccessionItem.objects.filter(pk=item.pk, outcome=ItemOutcome.NEW).update(
            outcome=outcome,
            code=code,
            reason=reason[:1000],
            note=" ".join(notes)[:500],
            photograph=photograph,
            sha256=item.sha256,
            size_bytes=item.size_bytes,
        )


def _explained(problem: OSError | MemoryError) -> SystemRefused:
    if isinstance(problem, MemoryError):
        return SystemRefused(
            gettext_noop(
                "The picture needs more memory than there is. Save it smaller, or "
                "close other programs and ingest it again."
            )
        )
    reason = problem.strerror or str(problem)
    return SystemRefused(
        gettext_noop("The system refused (%(why)s). Check the disk, then retry.")
        % {"why": reason}
    )
