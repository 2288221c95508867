"""The contact sheet: a bounded page of photographs with what each cell shows.

The number of queries does not depend on how many photographs a page has: the page is
found by primary key in an index, and everything about its photographs in a fixed
number of further queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from archive import policy, sentences
from archive.models import Assignment, Derivative, MasterFile, Photograph
from archive.querysets import PhotographQuerySet
from archive.vocabularies import Policy, Purpose, ReviewState, Side

if TYPE_CHECKING:
    from archive.extensions import Words

PAGE_SIZE = 60


class Step(NamedTuple):
    """How far a photograph has come: the word, and the shape that goes with it."""

    label: Words
    shape: str


WAITING = Step(gettext_lazy("To review"), "waiting")
PUBLISHED = Step(gettext_lazy("Published"), "published")
COLORIZED = Step(gettext_lazy("Colorized"), "done")
TAGGED = Step(gettext_lazy("Tagged"), "done")
DESCRIBED = Step(gettext_lazy("Described"), "done")
UNDESCRIBED = Step(gettext_lazy("Not described"), "new")


@dataclass(frozen=True)
class Cell:
    """One photograph in a contact sheet.

    Attributes:
        photograph: with its collection.
        copy: the screen copy to show; None where none is made yet.
        in_colour: the copy shows a machine's colours.
        step: how far the photograph has come.
        restrictions: those that hold, its own and inherited ones.
        address: of the photograph's page.
    """

    photograph: Photograph
    copy: Derivative | None
    in_colour: bool
    step: Step
    restrictions: list[Policy]
    address: str

    @property
    def alt(self) -> str:
        """What the picture shows, for those who do not see it."""
        title = self.photograph.title or _("Untitled, %(code)s") % {
            "code": self.photograph.reference_code
        }
        dated = f"{title}, {self.photograph.date_text}".rstrip(", ")
        if not self.in_colour:
            return dated
        return _("%(picture)s, in a machine’s colours") % {"picture": dated}

    @property
    def terms(self) -> list[str]:
        """What a person put on it; fetched for tables only."""
        return [
            sentences.word(borne.term) for borne in self.photograph.assignments.all()
        ]

    @property
    def file(self) -> tuple[str, str]:
        """Media type and size of the front in pixels; fetched for tables only."""
        for front in self.photograph.masters.all():
            if front.side == Side.RECTO:
                return front.media_type, f"{front.width} × {front.height}"
        return "", ""


class SheetPage(Page):  # type: ignore[type-arg]
    """One page of primary keys, and its cells."""

    cells: list[Cell]


def page_of(
    photographs: PhotographQuerySet,
    number: Any,
    *,
    in_colour: bool = False,
    detailed: bool = False,
    listed: str = "",
) -> SheetPage:
    """Return a page of the contact sheet.

    Args:
        photographs: in the order in which they are shown.
        number: the page as the address has it; the nearest page if it is none.
        in_colour: show colours where a machine has made them.
        detailed: fetch what only a table shows.
        listed: what the address of each photograph says of this list.
    """
    keys = photographs.values_list("pk", flat=True)
    paginator = Paginator(keys, PAGE_SIZE)
    found = paginator.get_page(number)
    shown: list[int] = list(found.object_list)
    page = SheetPage(shown, found.number, paginator)
    page.cells = cells(shown, in_colour=in_colour, detailed=detailed, listed=listed)
    return page


def cells(
    keys: Sequence[int],
    *,
    in_colour: bool = False,
    detailed: bool = False,
    listed: str = "",
) -> list[Cell]:
    """Return the cells of photographs in the order of their primary keys given."""
    wanted = [_fronts(in_colour=in_colour, detailed=detailed)]
    if detailed:
        borne = Assignment.objects.select_related("term").order_by("term__label")
        wanted.append(Prefetch("assignments", borne))
    photographs = (
        Photograph.objects.filter(pk__in=keys)
        .select_related("collection", "publication")
        .defer("description", "notes", "inscriptions", "publication__record")
        .prefetch_related(*wanted)
        .in_bulk()
    )
    waiting = set(
        Photograph.objects.filter(pk__in=keys)
        .awaiting_review()
        .order_by()
        .values_list("pk", flat=True)
    )
    shown = [photographs[key] for key in keys if key in photographs]
    held = policy.holding_among(shown)
    return [
        _cell(
            photograph, photograph.pk in waiting, held[photograph.pk], in_colour, listed
        )
        for photograph in shown
    ]


def _fronts(*, in_colour: bool, detailed: bool) -> Prefetch[Any]:
    """Fetch the fronts with their thumbnails, and nothing that a cell does not show."""
    purposes = [Purpose.THUMBNAIL]
    copies = Derivative.objects.defer("recipe")
    if in_colour:
        purposes.append(Purpose.COLOUR_THUMBNAIL)
        copies = copies.select_related("source")
    facts = ("media_type", "width", "height") if detailed else ()
    return Prefetch(
        "masters",
        MasterFile.objects.rectos()
        .only("photograph", "side", *facts)
        .prefetch_related(Prefetch("derivatives", copies.filter(purpose__in=purposes))),
    )


def _cell(
    photograph: Photograph,
    waits: bool,
    restrictions: list[Policy],
    in_colour: bool,
    listed: str,
) -> Cell:
    address = photograph.get_absolute_url()
    colour = screen_copy(photograph, Purpose.COLOUR_THUMBNAIL) if in_colour else None
    return Cell(
        photograph=photograph,
        copy=colour or screen_copy(photograph, Purpose.THUMBNAIL),
        in_colour=colour is not None,
        step=WAITING if waits else _step(photograph),
        restrictions=restrictions,
        address=f"{address}?{listed}" if listed else address,
    )


def _step(photograph: Photograph) -> Step:
    if hasattr(photograph, "publication"):
        return PUBLISHED
    if photograph.colorized_at:
        return COLORIZED
    if photograph.tagged_at:
        return TAGGED
    return DESCRIBED if photograph.title else UNDESCRIBED


def screen_copy(photograph: Photograph, purpose: Purpose) -> Derivative | None:
    """Return the newest screen copy of the front; uses what is prefetched.

    Of colour copies the accepted one, else the one that waits; never a rejected one.
    """
    fronts = (one for one in photograph.masters.all() if one.side == Side.RECTO)
    copies = [
        copy
        for front in fronts
        for copy in front.derivatives.all()
        if copy.purpose == purpose and _presentable(copy)
    ]
    return min(copies, key=_unaccepted, default=None)


def _presentable(copy: Derivative) -> bool:
    return copy.source is None or copy.source.review_state in {
        ReviewState.ACCEPTED,
        ReviewState.AWAITING,
    }


def _unaccepted(copy: Derivative) -> bool:
    return copy.source is None or copy.source.review_state != ReviewState.ACCEPTED
