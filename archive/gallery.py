"""The public gallery: what strangers may see, and nothing else.

Words come from the published record alone. A restriction set after publishing
counts at once; colours are shown only where they were published and are still
accepted, and always beside the original.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Prefetch, Q, QuerySet

from archive.models import (
    Collection,
    Derivative,
    GallerySettings,
    MasterFile,
    Photograph,
    Publication,
    Suggestion,
)
from archive.vocabularies import Policy, Purpose, ReviewState, Side

SHOWN = {
    Purpose.THUMBNAIL,
    Purpose.DISPLAY,
    Purpose.COLOUR_THUMBNAIL,
    Purpose.COLOUR_DISPLAY,
}


@dataclass(frozen=True)
class Plate:
    """A published photograph: its record, and the copies that may be shown.

    Attributes:
        publication: with its photograph.
        thumbnail: of the original; None where none is made.
        original: for a page; None where none is made.
        colour: the same in the published colours; None where there are none.
    """

    publication: Publication
    thumbnail: Derivative | None
    original: Derivative | None
    colour: Derivative | None

    @property
    def record(self) -> dict[str, Any]:
        """The published record."""
        return dict(self.publication.record)

    @property
    def alt(self) -> str:
        """What the picture shows, for those who do not see it."""
        record = self.publication.record
        return ", ".join(filter(None, (record.get("title"), record.get("date"))))


@dataclass(frozen=True)
class Shelf:
    """A collection that holds published photographs, and how many."""

    collection: Collection
    count: int


def is_allowed() -> bool:
    """Say whether the installation allows a gallery at all."""
    return bool(settings.GALLERY_ALLOWED)


def opened() -> GallerySettings | None:
    """Return the settings of the gallery; None while it is closed."""
    if not is_allowed():
        return None
    current = GallerySettings.current()
    return current if current.open else None


def publications() -> QuerySet[Publication]:
    """Return what is published and not restricted as sensitive."""
    barred = Collection.objects.order_by().restricted(Policy.SENSITIVE)
    return (
        Publication.objects.filter(photograph__sensitive=False)
        .exclude(photograph__collection__in=barred.values("pk"))
        .select_related("photograph__collection")
    )


def within(collection: Collection) -> QuerySet[Publication]:
    """Return what is published of a collection and of what is below it, in order."""
    below = Collection.objects.order_by().within(collection).values("pk")
    return (
        publications()
        .filter(photograph__collection__in=below)
        .order_by("photograph__reference_code")
    )


def shelves(below: Collection | None = None) -> list[Shelf]:
    """Return the collections at the top, or directly below one, that hold any.

    Two queries, however many collections there are.
    """
    end = ((below.depth if below else 0) + 1) * Collection.steplen
    published = within(below) if below else publications()
    held = dict(
        published.order_by().values_list("photograph__collection").annotate(Count("pk"))
    )
    places = Collection.objects.all().within(below) if below else Collection.objects
    found: dict[str, Collection] = {}
    counts: dict[str, int] = {}
    for place in places.only("path", "depth", "reference_code", "title", "date_text"):
        top = place.path[:end]
        if len(place.path) == end:
            found[top] = place
        if len(place.path) >= end and place.pk in held:
            counts[top] = counts.get(top, 0) + held[place.pk]
    return [Shelf(one, counts[path]) for path, one in found.items() if path in counts]


def plates(shown: list[Publication]) -> list[Plate]:
    """Return the plates of a page: four more queries, however many there are."""
    keys = [one.photograph_id for one in shown]
    copies = Derivative.objects.filter(purpose__in=SHOWN).select_related("source")
    fronts = (
        MasterFile.objects.rectos()
        .filter(photograph__in=keys)
        .only("photograph", "side")
        .prefetch_related(Prefetch("derivatives", copies))
    )
    by_photograph = {front.photograph_id: front for front in fronts}
    uncoloured = set(
        Photograph.objects.filter(pk__in=keys)
        .restricted(Policy.DO_NOT_COLORIZE)
        .order_by()
        .values_list("pk", flat=True)
    )
    return [
        _plate(one, by_photograph.get(one.photograph_id), uncoloured) for one in shown
    ]


def _plate(
    publication: Publication, front: MasterFile | None, uncoloured: set[int]
) -> Plate:
    copies = list(front.derivatives.all()) if front else []
    coloured = publication.photograph_id not in uncoloured

    def newest(purpose: Purpose) -> Derivative | None:
        return next((one for one in copies if one.purpose == purpose), None)

    colour = next(
        (
            one
            for one in copies
            if coloured
            and one.purpose == Purpose.COLOUR_DISPLAY
            and _published_colours(one, publication)
        ),
        None,
    )
    return Plate(
        publication, newest(Purpose.THUMBNAIL), newest(Purpose.DISPLAY), colour
    )


def _published_colours(copy: Derivative, publication: Publication) -> bool:
    return (
        copy.source is not None
        and copy.source_id == publication.colorization_id
        and copy.source.review_state == ReviewState.ACCEPTED
    )


def visible(copy_pk: int) -> tuple[Derivative, Publication] | None:
    """Return a picture that strangers may see, and its publication; else None."""
    copy = (
        Derivative.objects.filter(
            pk=copy_pk, purpose__in=SHOWN, master__side=Side.RECTO
        )
        .select_related("source__steering", "master__photograph__collection")
        .first()
    )
    if copy is None:
        return None
    photograph = copy.master.photograph
    publication = publications().filter(photograph=photograph).first()
    if publication is None:
        return None
    if copy.machine_interpretation or copy.source_id:
        one = Photograph.objects.filter(pk=photograph.pk)
        barred = one.restricted(Policy.DO_NOT_COLORIZE).exists()
        if barred or not _published_colours(copy, publication):
            return None
    return copy, publication


def suggested(publication: Publication) -> set[str]:
    """Return those of the published terms that a machine had suggested first."""
    labels = publication.record.get("subject", [])
    return set(
        Suggestion.objects.filter(
            photograph=publication.photograph_id, term__label__in=labels
        )
        .exclude(Q(state=ReviewState.AWAITING) | Q(state=ReviewState.SUPERSEDED))
        .values_list("term__label", flat=True)
    )


def neighbours(publication: Publication) -> tuple[int | None, int | None]:
    """Return the photographs before and after in the same collection, by key.

    The publication is one that strangers may see, so its collection is not barred.
    """
    photograph = publication.photograph
    around = Photograph.objects.published().filter(
        collection=photograph.collection_id, sensitive=False
    )
    code = photograph.reference_code
    before = around.filter(reference_code__lt=code).order_by("-reference_code")
    after = around.filter(reference_code__gt=code).order_by("reference_code")
    return (
        before.values_list("pk", flat=True).first(),
        after.values_list("pk", flat=True).first(),
    )
