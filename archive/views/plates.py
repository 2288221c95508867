"""What a page shows of a photograph: the original, and the colours made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from archive.models import Derivative, MasterFile, Photograph
from archive.vocabularies import Grade, Purpose, ReviewState, Side

# Which colours are shown first where nobody chose: the archive's own, then the
# newest that waits, and none that a person refused.
AS_CATALOGUED = (ReviewState.ACCEPTED, ReviewState.AWAITING)
AS_REVIEWED = (ReviewState.AWAITING, ReviewState.ACCEPTED, ReviewState.REJECTED)

_DERIVATIVES = Derivative.objects.select_related("decided_by", "steering")


@dataclass(frozen=True)
class Version:
    """One colorization, and the display copy composed of it where there is one."""

    colorization: Derivative
    picture: Derivative | None

    @property
    def model(self) -> str:
        """The model that predicted the colours, and which steered version it is."""
        return self.colorization.name

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

    @property
    def proposable(self) -> bool:
        """Whether it stepped aside for another and can be proposed again."""
        return self.state in {ReviewState.DRAFT, ReviewState.SUPERSEDED}

    @property
    def documented(self) -> bool:
        """Whether a person named a source for the colours."""
        return self.accepted and self.colorization.grade == Grade.DOCUMENTED

    @property
    def accepted(self) -> bool:
        """Whether it is the archive's interpretation."""
        return self.state is ReviewState.ACCEPTED

    @property
    def hints(self) -> list[dict[str, Any]]:
        """The hints that it followed, with who gave them and why."""
        steering = self.colorization.steering
        return steering.hints if steering and self.colorization.hints else []


@dataclass(frozen=True)
class Plate:
    """One side of a photograph as it lies on the table.

    Attributes:
        master: the scan of this side.
        original: its display copy; None until one is made.
        versions: its colorizations, newest first.
        chosen: the colorization that is looked at; None shows the original alone.
        against: the one that it is compared with; None compares with the original.
    """

    master: MasterFile
    original: Derivative | None
    versions: list[Version]
    chosen: Version | None
    against: Version | None = None

    @property
    def left(self) -> Derivative | None:
        """The picture that the colours are compared with."""
        return self.against.picture if self.against else self.original

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
                Prefetch("derivatives", _DERIVATIVES)
            ),
        )
    )


def plate(
    photograph: Photograph,
    side: Side = Side.RECTO,
    *,
    choice: int | None = None,
    against: int | None = None,
    order: Iterable[ReviewState] = AS_CATALOGUED,
) -> Plate | None:
    """Return one side of a photograph fetched by `with_plates`; None without a scan.

    Args:
        photograph: the photograph.
        side: front or back.
        choice: primary key of the colorization to look at.
        against: primary key of the one to compare it with.
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
        and (file.review_state != ReviewState.DRAFT or file.pk in (choice, against))
    ]
    original = next((f for f in files if f.purpose == Purpose.DISPLAY), None)
    chosen = _chosen(versions, choice, order)
    other = next((v for v in versions if v.colorization.pk == against), None)
    if other is not None and (other == chosen or other.picture is None):
        other = None
    return Plate(scan, original, versions, chosen, other)


def _chosen(
    versions: list[Version], choice: int | None, order: Iterable[ReviewState]
) -> Version | None:
    named = (v for v in versions if v.colorization.pk == choice)
    ranked = (v for state in order for v in versions if v.state is state)
    return next(named, None) or next(ranked, None)
