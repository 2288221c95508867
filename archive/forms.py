"""What a person fills in on the pages, and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F

from archive import dates
from archive.models import Collection, Term
from archive.querysets import PhotographQuerySet
from archive.vocabularies import Level, Policy

if TYPE_CHECKING:
    from django.db.models import OrderBy

ANY = ("", "Any")
STATES = [
    ANY,
    ("awaiting", "To review"),
    ("undescribed", "Not described"),
    ("described", "Described"),
    ("colorized", "Colorized"),
    ("uncolorized", "Not colorized"),
    ("tagged", "Tagged"),
    ("untagged", "Not tagged"),
    ("published", "Published"),
    ("unpublished", "Not published"),
]
ORDERS: dict[str, tuple[str, tuple[str | OrderBy, ...]]] = {
    "": ("Reference code", ("reference_code",)),
    "newest": ("Newest in the archive", ("-created_at", "-id")),
    "oldest": (
        "Oldest date first",
        (F("date_earliest").asc(nulls_last=True), "reference_code"),
    ),
    "latest": (
        "Latest date first",
        (F("date_earliest").desc(nulls_last=True), "reference_code"),
    ),
    "title": ("Title", ("title", "reference_code")),
}


class SheetFilter(forms.Form):
    """Which photographs a contact sheet shows, and in which order."""

    words = forms.CharField(
        label="Words",
        required=False,
        max_length=200,
        widget=forms.SearchInput(attrs={"placeholder": "Title, description, term …"}),
    )
    state = forms.ChoiceField(label="State", required=False, choices=STATES)
    order = forms.ChoiceField(
        label="Order",
        required=False,
        choices=[(name, label) for name, (label, _fields) in ORDERS.items()],
    )
    creator = forms.CharField(label="Creator", required=False, max_length=300)
    place = forms.CharField(label="Place", required=False, max_length=300)
    term = forms.CharField(label="Term", required=False, max_length=200)
    since = forms.CharField(
        label="From",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "1890"}),
    )
    until = forms.CharField(
        label="To",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "1925-06"}),
    )
    restriction = forms.ChoiceField(
        label="Restriction",
        required=False,
        choices=[ANY, ("none", "None"), *Policy.choices],
    )

    ALWAYS_SHOWN = ("words", "state", "order")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Read the words of an address, in which nothing is required."""
        kwargs.setdefault("auto_id", "filter-%s")
        super().__init__(*args, **kwargs)
        self.fields["term"].widget.attrs["list"] = "filter-terms"

    def clean_since(self) -> dates.Span | None:
        """Return the span of the first date."""
        return _span(self.cleaned_data["since"])

    def clean_until(self) -> dates.Span | None:
        """Return the span of the last date."""
        return _span(self.cleaned_data["until"])

    @property
    def active(self) -> bool:
        """Whether anything is filtered out, the order aside."""
        return any(
            self.data.get(name, "").strip() for name in self.fields if name != "order"
        )

    @property
    def opened(self) -> bool:
        """Whether a filter is used that is not always shown."""
        return any(
            self.data.get(name, "").strip()
            for name in self.fields
            if name not in self.ALWAYS_SHOWN
        )

    def apply(self, photographs: PhotographQuerySet) -> PhotographQuerySet:
        """Return those of the photographs that match, in the order chosen.

        A field that cannot be understood is left out; its error is on the form.
        """
        self.is_valid()
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        if "words" in asked:
            photographs = photographs.matching(asked["words"])
        if "creator" in asked:
            photographs = photographs.filter(creator__icontains=asked["creator"])
        if "place" in asked:
            photographs = photographs.filter(place__icontains=asked["place"])
        if "term" in asked:
            photographs = photographs.bearing(asked["term"])
        if "since" in asked or "until" in asked:
            since, until = asked.get("since"), asked.get("until")
            photographs = photographs.dated_between(
                since.earliest if since else None, until.latest if until else None
            )
        photographs = _in_state(photographs, asked.get("state", ""))
        photographs = _restricted(photographs, asked.get("restriction", ""))
        _label, fields = ORDERS[asked.get("order", "")]
        return photographs.order_by(*fields)


def _span(text: str) -> dates.Span | None:
    if not text:
        return None
    try:
        return dates.span(dates.understand(text).edtf)
    except dates.NotADate as problem:
        message = f"“{text}” is not a date. Write for example 1890 or 1923-06."
        raise ValidationError(message) from problem


def _in_state(photographs: PhotographQuerySet, state: str) -> PhotographQuerySet:
    match state:
        case "awaiting":
            return photographs.awaiting_review()
        case "described":
            return photographs.described()
        case "undescribed":
            return photographs.filter(title="")
        case "colorized":
            return photographs.colorized()
        case "uncolorized":
            return photographs.filter(colorized_at=None)
        case "tagged":
            return photographs.tagged()
        case "untagged":
            return photographs.filter(tagged_at=None)
        case "published":
            return photographs.published()
        case "unpublished":
            return photographs.filter(publication=None)
        case _:
            return photographs


def _restricted(photographs: PhotographQuerySet, choice: str) -> PhotographQuerySet:
    if choice == "none":
        for policy in Policy:
            photographs = photographs.permitting(policy)
        return photographs
    return photographs.restricted(Policy(choice)) if choice else photographs


class CollectionForm(forms.ModelForm[Collection]):
    """The description of a collection. Restrictions are set apart from it."""

    class Meta:
        """Every descriptive field, in the order of ISAD(G)."""

        model = Collection
        fields = (
            "reference_code",
            "title",
            "level",
            "date_text",
            "date_edtf",
            "creator",
            "description",
            "extent_and_medium",
            "place",
            "rights",
            "notes",
        )
        widgets = {
            "description": forms.Textarea(attrs={"rows": 5}),
            "notes": forms.Textarea(attrs={"rows": 3}),
        }

    def add_sentences(self, fields: dict[str, str]) -> None:
        """Show what a verb said about fields beside them."""
        for name, sentence in fields.items():
            self.add_error(name if name in self.fields else None, sentence)


class ParentForm(forms.Form):
    """Where a collection stands: below another, or at the top."""

    parent = forms.ModelChoiceField(
        label="Below",
        queryset=Collection.objects.none(),
        required=False,
        empty_label="At the top",
    )

    def __init__(
        self, *args: Any, moving: Collection | None = None, **kwargs: Any
    ) -> None:
        """Offer every collection but the one that moves and what is below it."""
        super().__init__(*args, **kwargs)
        places = Collection.objects.all()
        if moving is not None:
            places = places.exclude(path__startswith=moving.path)
        field = self.fields["parent"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  narrows the type
        field.queryset = places


class NewCollectionForm(forms.Form):
    """A collection as one names it in passing, when scans arrive."""

    title = forms.CharField(label="Title", max_length=500)
    reference_code = forms.CharField(label="Reference code", max_length=120)
    level = forms.ChoiceField(label="Level", choices=Level.choices)


class TermForm(forms.ModelForm[Term]):
    """A term and its synonyms, one a line."""

    synonyms = forms.CharField(
        label="Synonyms",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line. Search finds the photograph by these words too.",
    )

    class Meta:
        """What a vocabulary says of a term."""

        model = Term
        fields = ("label", "vocabulary", "uri", "scope_note")
        widgets = {"scope_note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"uri": "Of the same concept in a published vocabulary."}

    def clean_synonyms(self) -> list[str]:
        """Return the synonyms, each once, in order."""
        lines = (
            " ".join(line.split())
            for line in self.cleaned_data["synonyms"].splitlines()
        )
        once = {line.casefold(): line for line in lines if line}
        too_long = [line for line in once.values() if len(line) > 200]
        if too_long:
            raise ValidationError(f"“{too_long[0][:40]}…” is longer than 200 letters.")
        return list(once.values())


class RestrictForm(forms.Form):
    """Which restriction to set or to lift."""

    restriction = forms.ChoiceField(label="Restriction", choices=Policy.choices)
    value = forms.TypedChoiceField(
        label="What to do",
        choices=[("set", "Set it"), ("lift", "Lift it")],
        coerce=lambda chosen: chosen == "set",
        widget=forms.RadioSelect,
        initial="set",
    )


class MoveForm(forms.Form):
    """Where photographs are to go."""

    to = forms.ModelChoiceField(
        label="Collection", queryset=Collection.objects.all(), empty_label=None
    )


class AddTermForm(forms.Form):
    """The term to put on photographs."""

    label = forms.CharField(
        label="Term",
        max_length=200,
        help_text="A term that is not in the vocabulary yet is added to “local”.",
        widget=forms.TextInput(attrs={"list": "filter-terms", "autocomplete": "off"}),
    )


class IntoForm(forms.Form):
    """The collection that scans go into: one that exists, or a new one."""

    collection = forms.ModelChoiceField(
        label="Collection",
        queryset=Collection.objects.all(),
        required=False,
        empty_label="A new collection",
    )
    title = forms.CharField(
        label="Title of the new collection",
        max_length=500,
        required=False,
        help_text="Where it came from: a family, a studio, a gift.",
    )
    reference_code = forms.CharField(
        label="Its reference code",
        max_length=120,
        required=False,
        help_text="Photographs are numbered below it.",
    )

    def clean(self) -> dict[str, Any]:
        """Ask for a title and a code where a new collection is meant."""
        values = super().clean() or self.cleaned_data
        if not values.get("collection") and "collection" not in self.errors:
            for name, what in (
                ("title", "a title"),
                ("reference_code", "a reference code"),
            ):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, f"A new collection needs {what}.")
        return values
