"""Which photographs a contact sheet shows: the words and facets of an address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from archive import dates
from archive.models import Collection
from archive.querysets import PhotographQuerySet
from archive.search_query import parse
from archive.vocabularies import MEDIA_TYPES, Policy

if TYPE_CHECKING:
    from django.db.models import OrderBy

    from archive.extensions import Words

# More than these are not put in the order of how well they fit: nobody reads so many,
# and weighing them takes longer than finding them.
RANKED_AT_MOST = 5_000
STATES = [
    ("awaiting", _("To review")),
    ("undescribed", _("Not described")),
    ("described", _("Described")),
    ("undated", _("Not dated")),
    ("untagged", _("Not tagged")),
    ("tagged", _("Tagged")),
    ("uncolorized", _("Not colorized")),
    ("colorized", _("Colorized")),
    ("unpublished", _("Not published")),
    ("published", _("Published")),
]
COLOURS = [
    ("any", _("With a machine’s colours")),
    ("confirmed", _("With colours that a person accepted")),
    ("none", _("Without colours")),
]
RESTRICTIONS = [*Policy.choices, ("none", _("No restriction"))]
ORDERS: dict[str, tuple[Words, tuple[str | OrderBy, ...]]] = {
    "": (_("Reference code"), ("reference_code",)),
    "code": (_("Reference code"), ("reference_code",)),
    "newest": (_("Newest in the archive"), ("-created_at", "-id")),
    "oldest": (
        _("Oldest date first"),
        (F("date_earliest").asc(nulls_last=True), "reference_code"),
    ),
    "latest": (
        _("Latest date first"),
        (F("date_earliest").desc(nulls_last=True), "reference_code"),
    ),
    "title": (_("Title"), ("title", "reference_code")),
}


@dataclass(frozen=True)
class Chip:
    """One thing that is filtered by: the field, its value, and both in words."""

    name: str
    value: str
    label: str
    text: str


class Several(forms.Field):
    """A field that an address may hold several times."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:
        """Return what is written, each once and in order."""
        written = (str(each).strip() for each in value or [])
        return list(dict.fromkeys(each for each in written if each))[:20]


class SheetFilter(forms.Form):
    """Which photographs a contact sheet shows, and in which order.

    A creator or a place in quotation marks is the whole of it, else a part; with
    nothing between the marks it is one that nobody has filled in.
    """

    words = forms.CharField(
        label=_("Words"),
        required=False,
        max_length=200,
        widget=forms.SearchInput(
            attrs={"placeholder": _("bridge  “mill street”  photo*  -portrait")}
        ),
    )
    order = forms.ChoiceField(label=_("Order"), required=False)
    collection = forms.ModelChoiceField(
        label=_("Collection"), queryset=Collection.objects.all(), required=False
    )
    since = forms.CharField(
        label=pgettext_lazy("date", "From"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "1890"}),
    )
    until = forms.CharField(
        label=pgettext_lazy("date", "To"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "1925-06"}),
    )
    place = forms.CharField(label=_("Place"), required=False, max_length=302)
    creator = forms.CharField(label=_("Creator"), required=False, max_length=302)
    term = Several(label=_("Term"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
    restriction = forms.ChoiceField(
        label=_("Restriction"), required=False, choices=RESTRICTIONS
    )
    kind = forms.ChoiceField(
        label=_("File kind"), required=False, choices=list(MEDIA_TYPES.items())
    )
    colour = forms.ChoiceField(label=_("Colour"), required=False, choices=COLOURS)

    UNSEEN = ("collection", "state", "restriction", "kind", "colour")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Read the words of an address, in which nothing is required."""
        kwargs.setdefault("auto_id", "filter-%s")
        super().__init__(*args, **kwargs)
        order = self.fields["order"]
        assert isinstance(order, forms.ChoiceField)  # noqa: S101  narrows the type
        orders = {name: label for name, (label, _fields) in ORDERS.items()}
        if self._written("words"):
            orders[""] = _("Best match")
        elif self._written("order") != "code":
            del orders["code"]
        order.choices = list(orders.items())

    def clean_words(self) -> str:
        """Refuse what holds no word."""
        words: str = self.cleaned_data["words"]
        if words and not parse(words):
            raise ValidationError(_("Write at least one word to look for."))
        return words

    def clean_since(self) -> dates.Span | None:
        """Return the span of the first date."""
        return _span(self.cleaned_data["since"])

    def clean_until(self) -> dates.Span | None:
        """Return the span of the last date."""
        return _span(self.cleaned_data["until"])

    @property
    def active(self) -> bool:
        """Whether anything is filtered out, the order aside."""
        return self.narrows()

    def narrows(self, *, without: tuple[str, ...] = ()) -> bool:
        """Whether anything is filtered out by other fields than these."""
        return any(
            self._written(n) for n in self.fields if n not in {"order", *without}
        )

    @property
    def wider(self) -> str:
        """The words of the search with their ends left open."""
        return parse(self._written("words")).beginnings()

    def unseen(self) -> list[tuple[str, str]]:
        """Return the fields that only links set, for a form to keep them."""
        kept = [(name, self._written(name)) for name in self.UNSEEN]
        kept += [("term", label) for label in self._several("term")]
        return [(name, value) for name, value in kept if value]

    def chips(self) -> list[Chip]:
        """Return what is filtered by, as far as it is understood."""
        self.is_valid()
        found = []
        for name, field in self.fields.items():
            understood = self.cleaned_data.get(name)
            if name == "order" or not understood:
                continue
            label = str(field.label)
            for value in self._several(name):
                text = value
                if isinstance(field, forms.ModelChoiceField):
                    text = str(understood)
                elif name in _LABELS:
                    text = str(_LABELS[name][value])
                elif value == '""':
                    text = gettext("not filled in")
                found.append(Chip(name, value, label, text))
        return found

    def apply(
        self,
        photographs: PhotographQuerySet,
        *,
        without: tuple[str, ...] = (),
        ordered: bool = True,
    ) -> PhotographQuerySet:
        """Return those of the photographs that match, in the order chosen.

        A field that cannot be understood is left out; its error is on the form.

        Args:
            photographs: among which to look.
            without: fields that do not count.
            ordered: whether the order matters.
        """
        self.is_valid()
        asked = {
            name: value
            for name, value in self.cleaned_data.items()
            if value and name not in without
        }
        if "collection" in asked:
            photographs = photographs.within(asked["collection"])
        for name in ("creator", "place"):
            if name in asked:
                photographs = _written_so(photographs, name, asked[name])
        for label in asked.get("term", ()):
            photographs = photographs.bearing(label)
        if "since" in asked or "until" in asked:
            since, until = asked.get("since"), asked.get("until")
            photographs = photographs.dated_between(
                since.earliest if since else None, until.latest if until else None
            )
        photographs = _in_state(photographs, asked.get("state", ""))
        photographs = _restricted(photographs, asked.get("restriction", ""))
        photographs = _coloured(photographs, asked.get("colour", ""))
        if "kind" in asked:
            photographs = photographs.of_kind(asked["kind"])
        words = asked.get("words", "")
        photographs = photographs.matching(words)
        if not ordered:
            return photographs.order_by()
        order = asked.get("order", "")
        if words and not order and few(photographs):
            return photographs.best_first(words)
        _label, fields = ORDERS[order]
        return photographs.order_by(*fields)

    def _several(self, name: str) -> list[str]:
        written = (
            self.data.getlist(name)
            if hasattr(self.data, "getlist")
            else [self.data.get(name) or ""]
        )
        values = written if name == "term" else written[-1:]
        return [value.strip() for value in values if value.strip()]

    def _written(self, name: str) -> str:
        return next(iter(self._several(name)), "")


def few(photographs: PhotographQuerySet) -> bool:
    """Whether they can be put in order of how well they fit in a moment."""
    most = photographs.order_by().values("pk")[: RANKED_AT_MOST + 1]
    return most.count() <= RANKED_AT_MOST


def _span(text: str) -> dates.Span | None:
    if not text:
        return None
    try:
        return dates.span(dates.understand(text).edtf)
    except dates.NotADate as problem:
        message = gettext(
            "“%(text)s” is not a date. Write for example 1890 or 1923-06."
        ) % {"text": text}
        raise ValidationError(message) from problem


def _written_so(
    photographs: PhotographQuerySet, name: str, text: str
) -> PhotographQuerySet:
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        return photographs.filter(**{name: text[1:-1]})
    return photographs.filter(**{f"{name}__icontains": text})


def _in_state(photographs: PhotographQuerySet, state: str) -> PhotographQuerySet:
    return _STANDING[state](photographs) if state else photographs


def _coloured(photographs: PhotographQuerySet, choice: str) -> PhotographQuerySet:
    match choice:
        case "any":
            return photographs.colorized()
        case "confirmed":
            return photographs.with_accepted_colours()
        case "none":
            return photographs.filter(colorized_at=None)
        case _:
            return photographs


def _restricted(photographs: PhotographQuerySet, choice: str) -> PhotographQuerySet:
    if choice == "none":
        for policy in Policy:
            photographs = photographs.permitting(policy)
        return photographs
    return photographs.restricted(Policy(choice)) if choice else photographs


_LABELS: dict[str, Mapping[str, Words]] = {
    "state": dict(STATES),
    "restriction": dict(RESTRICTIONS),
    "kind": MEDIA_TYPES,
    "colour": dict(COLOURS),
}
_STANDING: dict[str, Callable[[PhotographQuerySet], PhotographQuerySet]] = {
    "awaiting": PhotographQuerySet.awaiting_review,
    "undescribed": lambda photographs: photographs.filter(title=""),
    "described": PhotographQuerySet.described,
    "undated": lambda photographs: photographs.filter(
        date_earliest=None, date_latest=None
    ),
    "untagged": lambda photographs: photographs.filter(tagged_at=None),
    "tagged": PhotographQuerySet.tagged,
    "uncolorized": lambda photographs: photographs.filter(colorized_at=None),
    "colorized": PhotographQuerySet.colorized,
    "unpublished": lambda photographs: photographs.filter(publication=None),
    "published": PhotographQuerySet.published,
}
