"""What a page shows of a photograph: the original, and the colours made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from archive.models import Derivative, MasterFile, Photograph
from archive.vocabularies import Purpose, ReviewState, Side

# Which colours are shown first where nobody chose: the archive's own, then the
# newest that waits, and none that a person refused.
AS_CATALOGUED = (ReviewState.ACCEPTED, ReviewState.AWAITING)
AS_REVIEWED = (ReviewState.AWAITING, ReviewState.ACCEPTED, ReviewState.REJECTED)


@dataclass(frozen=True)
class Version:
    """One colorization, and the display copy composed of it where there is one."""

    colorization: Derivative
    picture: Derivative | None

    @property
    def model(self) -> str:
        """Name and version of the model that predicted the colours."""
        return self.colorization.made_by

    @property
    def state(self) -> ReviewState:
        """Where it stands with the curator."""
        return ReviewState(self.colorization.review_state)

    @property
    def waits(self) -> bool:
        """Whether nobody has decided on it."""
        return self.state is ReviewState.AWAITING

    @property
    def decided(self) -> bool:
        """Whether a person's decision on it can be taken back."""
        return self.state in {ReviewState.ACCEPTED, ReviewState.REJECTED}


@dataclass(frozen=True)
class Plate:
    """One side of a photograph as it lies on the table.

    Attributes:
        master: the scan of this side.
        original: its display copy; None until one is made.
        versions: its colorizations, newest first.
        chosen: the colorization that is looked at; None shows the original alone.
    """

    master: MasterFile
    original: Derivative | None
    versions: list[Version]
    chosen: Version | None

    @property
    def colour(self) -> Derivative | None:
        """The colour picture that is looked at."""
        return self.chosen.picture if self.chosen else None

    @property
    def pictures(self) -> list[Derivative]:
        """Every picture that the page needs, in the order in which it needs them."""
        return [shown for shown in (self.original, self.colour) if shown]


def with_plates(photographs: QuerySet[Photograph]) -> QuerySet[Photograph]:
    """Fetch what plates are made of: two queries whatever the number."""
    return photographs.prefetch_related(
        Prefetch(
            "masters",
            MasterFile.objects.defer("embedded").prefetch_related(
                Prefetch("derivatives", Derivative.objects.select_related("decided_by"))
            ),
        )
    )


def plate(
    photograph: Photograph,
    side: Side = Side.RECTO,
    *,
    choice: int | None = None,
    order: Iterable[ReviewState] = AS_CATALOGUED,
) -> Plate | None:
    """Return one side of a photograph fetched by `with_plates`; None without a scan.

    Args:
        photograph: the photograph.
        side: front or back.
        choice: primary key of the colorization to look at.
        order: the states to choose from where there is no choice, best first.
    """
    scans: Iterable[MasterFile] = photograph.masters.all()
    scan = next((scan for scan in scans if scan.side == side), None)
    if scan is None:
        return None
    files: list[Derivative] = list(scan.derivatives.all())
    composed = {
        file.source_id: file
        for file in reversed(files)
        if file.purpose == Purpose.COLOUR_DISPLAY
    }
    versions = [
        Version(file, composed.get(file.pk))
        for file in files
        if file.purpose == Purpose.COLORIZATION
    ]
    original = next((f for f in files if f.purpose == Purpose.DISPLAY), None)
    return Plate(scan, original, versions, _chosen(versions, choice, order))


def _chosen(
    versions: list[Version], choice: int | None, order: Iterable[ReviewState]
) -> Version | None:
    named = (v for v in versions if v.colorization.pk == choice)
    ranked = (v for state in order for v in versions if v.state is state)
    return next(named, None) or next(ranked, None)
