"""What a person likes: how contact sheets and the queue look, and in which language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from archive.columns import COLUMNS, USUAL
from archive.models import Preferences

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHOICES = {
    "size": ("m", "s", "l"),
    "view": ("sheet", "table"),
    "show": ("original", "colour"),
    "review_order": ("came", "unsure", "alike"),
}
DEFAULTS: dict[str, Any] = {
    **{name: values[0] for name, values in CHOICES.items()},
    "columns": USUAL,
}


def of(person: User) -> dict[str, Any]:
    """Return every choice of a person: what they chose, else the usual."""
    kept = Preferences.objects.filter(person=person).values_list("choices", flat=True)
    chosen = kept.first() or {}
    return {name: chosen.get(name, usual) for name, usual in DEFAULTS.items()}


def language_of(person: User) -> str:
    """Return the language that a person chose; "" for none, or one that is gone."""
    kept = Preferences.objects.filter(person=person).values_list("choices", flat=True)
    language = (kept.first() or {}).get("language", "")
    return language if language in dict(settings.LANGUAGES) else ""


def remember(person: User, choices: dict[str, Any]) -> None:
    """Keep those of the choices that are ones; the others stay as they were."""
    known = {
        name: value for name, value in choices.items() if value in CHOICES.get(name, ())
    }
    if isinstance(choices.get("columns"), list):
        known["columns"] = [n for n in COLUMNS if n in choices["columns"]] or USUAL
    if choices.get("language") in dict(settings.LANGUAGES):
        known["language"] = choices["language"]
    if not known:
        return
    kept, _created = Preferences.objects.get_or_create(person=person)
    kept.choices = kept.choices | known
    kept.save(update_fields=["choices"])
