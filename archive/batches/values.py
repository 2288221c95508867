"""What a photograph's fields can hold, in sentences, for edits and spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from archive import dates
from archive.models import Photograph
from archive.vocabularies import Policy, Rights

TEXTS = Photograph.DESCRIPTIVE_FIELDS
LONG = frozenset({"description", "notes", "inscriptions"})
DATES = ("date_text", "date_edtf")
_LABELS = {
    "collection": gettext_lazy("collection"),
    "terms": gettext_lazy("terms"),
    **{policy.value: policy.label for policy in Policy},
}


def label(name: str) -> str:
    """Return what people call a field."""
    if name in _LABELS:
        return str(_LABELS[name])
    try:
        field: Any = Photograph._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    return str(field.verbose_name)


def shown(name: str, value: Any) -> str:
    """Return a value of `BatchItem.changes` as people read it; "" for nothing."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(value)
    if name == "rights" and value in Rights.values:
        return str(Rights(value).label)
    return str(value or "")


def problems(values: Mapping[str, str]) -> dict[str, str]:
    """Return a sentence for each descriptive value that cannot be kept."""
    found = {}
    for name, value in values.items():
        field: Any = Photograph._meta.get_field(name)
        longest = field.max_length if field.get_internal_type() != "TextField" else None
        if longest and len(value) > longest:
            found[name] = _(
                "It would be %(length)s characters long; %(longest)s is the most."
            ) % {"length": len(value), "longest": longest}
        elif name == "reference_code" and not value.strip():
            found[name] = _("A photograph needs a reference code.")
        elif name == "rights" and value and value not in Rights.values:
            found[name] = _("“%(value)s” is no known rights statement.") % {
                "value": value[:80]
            }
        elif name == "date_edtf" and value:
            try:
                dates.span(value)
            except dates.NotADate as problem:
                found[name] = str(problem)
    return found


def date_followed(values: dict[str, str]) -> dict[str, str]:
    """Let the date in EDTF follow a date in words that changes.

    A date that is not understood, or only with a doubt, leaves none: the old one
    would be of another date.
    """
    if "date_text" not in values or "date_edtf" in values:
        return values
    reading = dates.understand(values["date_text"])
    return values | {"date_edtf": "" if reading.doubtful else reading.edtf}
