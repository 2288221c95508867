"""The form of an edit of many photographs: what to do with each field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from archive.batches.operations import Operations, TextChange
from archive.batches.values import DATES, LONG, TEXTS, label
from archive.models import Collection
from archive.vocabularies import Policy, Rights

if TYPE_CHECKING:
    from django.contrib.auth.models import User

HOW = [
    ("", _("Leave as it is")),
    ("set", _("Set to")),
    ("append", _("Append")),
    ("replace", _("Replace")),
    ("clear", _("Clear")),
]
FLAGS = [("", _("Leave as it is")), ("set", _("Set it")), ("lift", _("Lift it"))]


@dataclass(frozen=True)
class Row:
    """What the form asks of one descriptive field, as bound form fields."""

    name: str
    label: str
    how: Any
    value: Any
    find: Any
    dated: bool


class EditForm(forms.Form):
    """Asks for each field that the person may change what is to be done with it."""

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Offer what the person's role allows."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        if by.has_perm("archive.change_photograph"):
            for name in TEXTS:
                self._offer(name)
            self.fields["move_to"] = forms.ModelChoiceField(
                label=_("Move to the collection"),
                queryset=Collection.objects.all(),
                required=False,
                to_field_name="reference_code",
                empty_label=_("Leave them where they are"),
            )
        for name, needed, words in (
            ("add_terms", "archive.add_assignment", _("Terms to add")),
            ("remove_terms", "archive.delete_assignment", _("Terms to remove")),
        ):
            if by.has_perm(needed):
                self.fields[name] = forms.CharField(
                    label=words,
                    required=False,
                    help_text=_("One a line."),
                    widget=forms.Textarea(attrs={"rows": 2}),
                )
        if by.has_perm("archive.restrict_photograph"):
            for policy in Policy:
                self.fields[policy.value] = forms.ChoiceField(
                    label=policy.label, choices=FLAGS, required=False
                )

    def _offer(self, name: str) -> None:
        how = [choice for choice in HOW if _possible(name, choice[0])]
        title = label(name)
        self.fields[f"{name}_how"] = forms.ChoiceField(
            label=title, choices=how, required=False
        )
        self.fields[f"{name}_find"] = forms.CharField(
            label=_("%(field)s: find") % {"field": title},
            required=False,
            strip=False,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
        widget: forms.Widget = forms.TextInput(attrs={"autocomplete": "off"})
        if name in LONG:
            widget = forms.Textarea(attrs={"rows": 2})
        elif name == "rights":
            widget = forms.Select(choices=[("", "—"), *Rights.choices])
        self.fields[f"{name}_value"] = forms.CharField(
            label=_("%(field)s: text") % {"field": title},
            required=False,
            strip=False,
            widget=widget,
        )

    def rows(self) -> list[Row]:
        """Return the descriptive fields."""
        return [
            Row(
                name,
                label(name),
                self[f"{name}_how"],
                self[f"{name}_value"],
                self[f"{name}_find"],
                name in DATES,
            )
            for name in TEXTS
            if f"{name}_how" in self.fields
        ]

    def others(self) -> list[Any]:
        """Return the fields that are not descriptive text, as bound form fields."""
        names = ("move_to", "add_terms", "remove_terms", *Policy.values)
        return [self[name] for name in names if name in self.fields]

    def operations(self) -> Operations:
        """Return what is asked for; call when valid."""
        given = self.cleaned_data
        texts = {}
        for name in TEXTS:
            if how := given.get(f"{name}_how"):
                value = str(given[f"{name}_value"]).replace("\r\n", "\n")
                texts[name] = TextChange(
                    how,
                    ""
                    if how == "clear"
                    else value
                    if how == "replace"
                    else value.strip(),
                    given[f"{name}_find"] if how == "replace" else "",
                )
        place = given.get("move_to")
        return Operations(
            texts=texts,
            collection=place.reference_code if place else "",
            add_terms=_lines(given.get("add_terms", "")),
            remove_terms=_lines(given.get("remove_terms", "")),
            flags={
                flag: given[flag] == "set" for flag in Policy.values if given.get(flag)
            },
        )

    def add_sentences(self, fields: dict[str, str]) -> None:
        """Show what a verb said about fields beside them."""
        for name, sentence in fields.items():
            place = {"terms": "add_terms", "collection": "move_to"}.get(
                name, f"{name}_value"
            )
            at = next((n for n in (place, name) if n in self.fields), None)
            self.add_error(at, sentence)


def asked(operations: Operations) -> dict[str, Any]:
    """Return the form's values that ask for these operations."""
    values: dict[str, Any] = {
        "move_to": operations.collection,
        "add_terms": "\n".join(operations.add_terms),
        "remove_terms": "\n".join(operations.remove_terms),
    }
    for flag, value in operations.flags.items():
        values[flag] = "set" if value else "lift"
    for name, change in operations.texts.items():
        values[f"{name}_how"] = change.how
        values[f"{name}_value"] = change.value
        values[f"{name}_find"] = change.find
    return values


def _possible(name: str, how: str) -> bool:
    if name == "reference_code":
        return how in {"", "replace"}
    if name == "rights":
        return how in {"", "set", "clear"}
    return True


def _lines(text: str) -> tuple[str, ...]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))
