"""How decisions and the things they are about are written on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from archive import dyes
from archive.models import Derivative, Suggestion
from archive.views.story import named, per_cent

if TYPE_CHECKING:
    from django.contrib.auth.models import User

register = template.Library()


@register.filter
def item_id(thing: Suggestion | Derivative) -> str:
    """Return the id of the element in which the thing is decided on."""
    kind = "suggestion" if isinstance(thing, Suggestion) else "colorization"
    return f"{kind}-{thing.pk}"


@register.filter
def percent(score: float) -> str:
    """Return a probability in per cent."""
    return per_cent(score)


@register.filter
def per_hundred(score: float) -> str:
    """Return a probability in per cent as a field takes it: no sign, a full stop."""
    return f"{100 * score:.1f}".removesuffix(".0")


@register.filter
def unlocalized(number: float) -> str:
    """Return a number as attributes need it."""
    return f"{number:.4f}"


@register.filter
def person(user: User) -> str:
    """Return how a person is called."""
    return named(user)


@register.filter
def dye(colour: str) -> str:
    """Return the name that the palette has for a colour, or the colour itself."""
    return dyes.name_of(colour) or colour
