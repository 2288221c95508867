"""Dyes, pigments and cloths by name: a small palette for colour hints.

Each colour is an approximate sRGB value for a screen, chosen by eye from descriptions
and common digital swatches, not measured on an object. Dye lots, weather and age change
colours more than a palette can say; the note tells what a name was used for, so that a
curator can decide whether it is the one that a source means. Names are kept in English;
pages translate them.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class Dye:
    """A named colour: its sRGB value as `#rrggbb`, its kind, and what it was."""

    name: str
    colour: str
    kind: str
    note: str


CLOTH, DYE, PIGMENT, MATERIAL = _("cloth"), _("dye"), _("pigment"), _("material")

DYES: tuple[Dye, ...] = (
    Dye(_("field grey"), "#5f6b5e", CLOTH, _("German uniforms from about 1907")),
    Dye(_("khaki drab"), "#7a6a4b", CLOTH, _("British service dress from about 1902")),
    Dye(
        _("olive drab"),
        "#5d5a3c",
        CLOTH,
        _("US Army uniforms from the First World War on"),
    ),
    Dye(_("horizon blue"), "#7c93a8", CLOTH, _("French uniforms from 1915")),
    Dye(
        _("navy blue"),
        "#232d47",
        CLOTH,
        _("naval and civil uniforms, indigo-dyed wool"),
    ),
    Dye(_("scarlet"), "#a3262a", CLOTH, _("full-dress uniforms, hunting coats")),
    Dye(_("unbleached linen"), "#d8cbb0", CLOTH, _("shirts, aprons, sails")),
    Dye(_("indigo"), "#2f3e63", DYE, _("blue workwear; fades towards grey-blue")),
    Dye(_("madder"), "#97403a", DYE, _("reds of cloth and carpets, alizarin")),
    Dye(_("cochineal"), "#9c2542", DYE, _("crimson silks and wools")),
    Dye(_("weld"), "#cdb14a", DYE, _("yellow, and green over indigo")),
    Dye(_("walnut"), "#5a4232", DYE, _("browns of plain wool")),
    Dye(_("mauveine"), "#7d5185", DYE, _("aniline purple, from 1856")),
    Dye(_("logwood black"), "#2b282b", DYE, _("mourning and formal dress")),
    Dye(
        _("Prussian blue"),
        "#1f3a56",
        PIGMENT,
        _("paint from the 18th century, cyanotypes"),
    ),
    Dye(
        _("ultramarine"),
        "#2b3f8f",
        PIGMENT,
        _("synthetic from 1828; also laundry blue"),
    ),
    Dye(
        _("lead white"), "#efeadd", PIGMENT, _("house and ship paint; yellows indoors")
    ),
    Dye(_("red lead"), "#c4512e", PIGMENT, _("primer on iron and ships")),
    Dye(_("red ochre"), "#93492f", PIGMENT, _("barns, boats, wagons")),
    Dye(_("yellow ochre"), "#c2974a", PIGMENT, _("plaster and limewash")),
    Dye(
        _("chrome yellow"), "#e0ac2b", PIGMENT, _("coaches and signs, from about 1815")
    ),
    Dye(_("emerald green"), "#4f8a62", PIGMENT, _("Paris green; wallpaper and paint")),
    Dye(_("Brunswick green"), "#24432f", PIGMENT, _("locomotives, shutters, machines")),
    Dye(_("oak"), "#8a6a45", MATERIAL, _("furniture and floors, oiled")),
    Dye(_("mahogany"), "#5e2f22", MATERIAL, _("furniture, carriages, cameras")),
    Dye(_("weathered wood"), "#8d8578", MATERIAL, _("untreated boards and fences")),
    Dye(_("brick"), "#96533f", MATERIAL, _("fired clay; towns differ widely")),
    Dye(_("slate"), "#565d66", MATERIAL, _("roofs")),
    Dye(_("brass"), "#b08d49", MATERIAL, _("instruments, buttons, fittings")),
    Dye(_("straw"), "#cfb77a", MATERIAL, _("hats, thatch, harvest")),
)

_NAMES = {dye.colour: dye.name for dye in DYES}


def name_of(colour: str) -> str:
    """Return the name that the palette has for exactly this `#rrggbb`, or nothing."""
    return _NAMES.get(colour, "")
