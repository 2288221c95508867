"""The form of a photograph's description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Field
from django.forms.models import fields_for_model
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from archive import dates
from archive.models import Photograph
from archive.vocabularies import Rights

_WIDGETS: dict[str, forms.Widget] = {
    "description": forms.Textarea(attrs={"rows": 6}),
    "inscriptions": forms.Textarea(attrs={"rows": 3}),
    "notes": forms.Textarea(attrs={"rows": 3}),
}


@dataclass(frozen=True)
class DateReading:
    """How a date in words is understood, for the curator to confirm.

    Attributes:
        text: the words.
        edtf: the proposal; "" where nothing was understood.
        doubtful: the words hold a doubt that the proposal may not carry.
        span: the first and last day that the proposal covers.
    """

    text: str
    edtf: str
    doubtful: bool
    span: dates.Span | None

    @property
    def meaning(self) -> str:
        """What the proposal says, in words: the doubt, then the first and last day."""
        if self.span is None:
            return ""
        doubts = {
            "~": _("approximate"),
            "?": _("uncertain"),
            "%": _("uncertain and approximate"),
        }
        doubt = next((word for sign, word in doubts.items() if sign in self.edtf), "")
        return ", ".join(part for part in (doubt, _days(self.span)) if part)


def _days(span: dates.Span) -> str:
    first, last = (
        date_format(day, "DATE_FORMAT") if day else ""
        for day in (span.earliest, span.latest)
    )
    if first and last:
        if first == last:
            return first
        return _("%(first)s to %(last)s") % {"first": first, "last": last}
    if last:
        return _("up to %(last)s") % {"last": last}
    return _("from %(first)s on") % {"first": first}


def reading_of(text: str) -> DateReading:
    """Read a date in words."""
    reading = dates.understand(text[:200])
    return DateReading(
        text.strip(),
        reading.edtf,
        reading.doubtful,
        dates.span(reading.edtf) if reading.edtf else None,
    )


class DescriptionForm(forms.Form):
    """Every descriptive field, beside a copy of what the person saw when it opened.

    Only the fields that the person changed are saved; so what someone else changed
    meanwhile in another field is never put back.
    """

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(
        self, photograph: Photograph, words: dict[str, Any] | None = None
    ) -> None:
        """Show the photograph's description, or what someone wrote."""
        super().__init__(
            words,
            initial=photograph.descriptive_values() | {"revision": photograph.revision},
            label_suffix="",
        )
        self.photograph = photograph
        self.fields.update(
            fields_for_model(
                Photograph,
                fields=Photograph.DESCRIPTIVE_FIELDS,
                formfield_callback=_beside_what_was_seen,
            )
        )
        self.fields["date_text"].widget.attrs |= {
            "hx-get": reverse("archive:date_reading"),
            "hx-trigger": "input changed delay:300ms",
            "hx-include": "[name=date_edtf]",
            "hx-target": "#date-reading",
            "hx-select": "unset",
            "hx-select-oob": "unset",
            "hx-swap": "innerHTML",
            "hx-sync": "this:replace",
            "aria-describedby": "date-reading",
        }

    def changes(self) -> dict[str, str]:
        """Return what the person changed, field by field; call when valid."""
        return {
            name: self.text(name)
            for name in self.changed_data
            if name in Photograph.DESCRIPTIVE_FIELDS
        }

    def text(self, name: str) -> str:
        """Return what was typed in a field that is valid."""
        return str(self.cleaned_data[name]).replace("\r\n", "\n")

    def seen(self, name: str) -> str:
        """Return what the person saw in a field before typing."""
        return str(self.data.get(f"initial-{name}", "")).replace("\r\n", "\n")

    def after_conflict(self, now: Photograph) -> DescriptionForm:
        """Return the form over the description as it is now, with what was typed.

        Each field that both changed keeps what was typed, and says what the other
        person saved.
        """
        typed = self.changes()
        current = now.descriptive_values()
        words = {**current, **typed, "revision": now.revision}
        words |= {f"initial-{name}": value for name, value in current.items()}
        form = DescriptionForm(now, words)
        for name, value in typed.items():
            if self.seen(name) != str(current[name]) != value:
                said = _("Saved meanwhile by someone else: “%(theirs)s”.")
                form.add_error(name, said % {"theirs": current[name] or "—"})
        return form


def _beside_what_was_seen(field: Field[Any, Any], **options: Any) -> forms.Field | None:
    if field.name in _WIDGETS:
        options["widget"] = _WIDGETS[field.name]
    if field.name == "rights":
        options["choices"] = [("", _("Not stated")), *Rights.choices]
    return field.formfield(show_hidden_initial=True, **options)
