"""What a person fills in on the pages, and what it means."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from archive.models import Collection, Term
from archive.vocabularies import Level, Policy


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Remember what the person was shown, so that only their changes are saved."""
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for field in self.fields.values():
                field.show_hidden_initial = True

    def changes(self) -> dict[str, Any]:
        """Return what the person changed."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def seen(self) -> dict[str, str]:
        """Return what the person was shown, as far as the page said so."""
        names = {name: self[name].html_initial_name for name in self.fields}
        return {n: self.data[shown] for n, shown in names.items() if shown in self.data}

    def show_theirs(self, stored: Collection) -> None:
        """Say what fields hold that someone else changed, as seen from now on."""
        seen, mine, data = self.seen(), self.cleaned_data, dict(self.data.items())
        for name in self.fields:
            theirs = str(getattr(stored, name))
            known = (seen.get(name, theirs), str(mine.get(name, theirs)))
            if name not in self.changed_data:
                data[self.add_prefix(name)] = theirs
            elif theirs.splitlines() not in [each.splitlines() for each in known]:
                sentence = (
                    _(
                        "Meanwhile someone wrote here: “%(theirs)s”. Save again to "
                        "replace it."
                    )
                    % {"theirs": theirs}
                    if theirs
                    else _(
                        "Meanwhile someone wrote here: nothing. Save again to replace "
                        "it."
                    )
                )
                self.add_error(name, sentence)
            data[self[name].html_initial_name] = theirs
        self.data = data

    def add_sentences(self, fields: dict[str, str]) -> None:
        """Show what a verb said about fields beside them."""
        for name, sentence in fields.items():
            self.add_error(name if name in self.fields else None, sentence)


class ParentForm(forms.Form):
    """Where a collection stands: below another, or at the top."""

    parent = forms.ModelChoiceField(
        label=_("Below"),
        queryset=Collection.objects.none(),
        required=False,
        empty_label=_("At the top"),
    )

    def __init__(
        self, *args: Any, moving: Collection | None = None, **kwargs: Any
    ) -> None:
        """Offer every collection but the one that moves and what is below it.

        What is written is taken as it is: the verb has a sentence for each refusal.
        """
        super().__init__(*args, **kwargs)
        places = Collection.objects.all()
        if moving is not None and not self.is_bound:
            places = places.exclude(path__startswith=moving.path)
        field = self.fields["parent"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  narrows the type
        field.queryset = places


class NewCollectionForm(forms.Form):
    """A collection as one names it in passing, when scans arrive."""

    title = forms.CharField(label=_("Title"), max_length=500)
    reference_code = forms.CharField(label=_("Reference code"), max_length=120)
    level = forms.ChoiceField(label=_("Level"), choices=Level.choices)


class TermForm(forms.ModelForm[Term]):
    """A term and its synonyms, one a line."""

    synonyms = forms.CharField(
        label=_("Synonyms"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line. Search finds the photograph by these words too."),
    )

    class Meta:
        """What a vocabulary says of a term."""

        model = Term
        fields = ("label", "vocabulary", "uri", "scope_note")
        widgets = {"scope_note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"uri": _("Of the same concept in a published vocabulary.")}

    def clean_synonyms(self) -> list[str]:
        """Return the synonyms, each once, in order."""
        lines = (
            " ".join(line.split())
            for line in self.cleaned_data["synonyms"].splitlines()
        )
        once = {line.casefold(): line for line in lines if line}
        too_long = [line for line in once.values() if len(line) > 200]
        if too_long:
            raise ValidationError(
                _("“%(word)s…” is longer than 200 letters."),
                params={"word": too_long[0][:40]},
            )
        return list(once.values())


class RestrictForm(forms.Form):
    """Which restriction to set or to lift."""

    restriction = forms.ChoiceField(label=_("Restriction"), choices=Policy.choices)
    value = forms.TypedChoiceField(
        label=_("What to do"),
        choices=[("set", _("Set it")), ("lift", _("Lift it"))],
        coerce=lambda chosen: chosen == "set",
        widget=forms.RadioSelect,
        initial="set",
    )


class MoveForm(forms.Form):
    """Where photographs are to go."""

    to = forms.ModelChoiceField(
        label=_("Collection"), queryset=Collection.objects.all(), empty_label=None
    )


class AddTermForm(forms.Form):
    """The term to put on photographs."""

    label = forms.CharField(
        label=_("Term"),
        max_length=200,
        help_text=_("A term that is not in the vocabulary yet is added to “local”."),
        widget=forms.TextInput(attrs={"list": "filter-terms", "autocomplete": "off"}),
    )


class IntoForm(forms.Form):
    """The collection that scans go into: one that exists, or a new one."""

    collection = forms.ModelChoiceField(
        label=_("Collection"),
        queryset=Collection.objects.all(),
        required=False,
        empty_label=_("A new collection"),
    )
    title = forms.CharField(
        label=_("Title of the new collection"),
        max_length=500,
        required=False,
        help_text=_("Where it came from: a family, a studio, a gift."),
    )
    reference_code = forms.CharField(
        label=_("Its reference code"),
        max_length=120,
        required=False,
        help_text=_("Photographs are numbered below it."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for a title and a code where a new collection is meant."""
        values = super().clean() or self.cleaned_data
        if not values.get("collection") and "collection" not in self.errors:
            for name, sentence in (
                ("title", _("A new collection needs a title.")),
                ("reference_code", _("A new collection needs a reference code.")),
            ):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, ValidationError(sentence))
        return values
