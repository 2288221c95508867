"""Dyes, pigments and cloths by name: a small palette for colour hints.

Each colour is an approximate sRGB value for a screen, chosen by eye from descriptions
and common digital swatches, not measured on an object. Dye lots, weather and age change
colours more than a palette can say; the note tells what a name was used for, so that a
curator can decide whether it is the one that a source means.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dye:
    """A named colour: its sRGB value as `#rrggbb`, its kind, and what it was."""

    name: str
    colour: str
    kind: str
    note: str


CLOTH, DYE, PIGMENT, MATERIAL = "cloth", "dye", "pigment", "material"

DYES: tuple[Dye, ...] = (
    Dye("field grey", "#5f6b5e", CLOTH, "German uniforms from about 1907"),
    Dye("khaki drab", "#7a6a4b", CLOTH, "British service dress from about 1902"),
    Dye("olive drab", "#5d5a3c", CLOTH, "US Army uniforms from the First World War on"),
    Dye("horizon blue", "#7c93a8", CLOTH, "French uniforms from 1915"),
    Dye("navy blue", "#232d47", CLOTH, "naval and civil uniforms, indigo-dyed wool"),
    Dye("scarlet", "#a3262a", CLOTH, "full-dress uniforms, hunting coats"),
    Dye("unbleached linen", "#d8cbb0", CLOTH, "shirts, aprons, sails"),
    Dye("indigo", "#2f3e63", DYE, "blue workwear; fades towards grey-blue"),
    Dye("madder", "#97403a", DYE, "reds of cloth and carpets, alizarin"),
    Dye("cochineal", "#9c2542", DYE, "crimson silks and wools"),
    Dye("weld", "#cdb14a", DYE, "yellow, and green over indigo"),
    Dye("walnut", "#5a4232", DYE, "browns of plain wool"),
    Dye("mauveine", "#7d5185", DYE, "aniline purple, from 1856"),
    Dye("logwood black", "#2b282b", DYE, "mourning and formal dress"),
    Dye("Prussian blue", "#1f3a56", PIGMENT, "paint from the 18th century, cyanotypes"),
    Dye("ultramarine", "#2b3f8f", PIGMENT, "synthetic from 1828; also laundry blue"),
    Dye("lead white", "#efeadd", PIGMENT, "house and ship paint; yellows indoors"),
    Dye("red lead", "#c4512e", PIGMENT, "primer on iron and ships"),
    Dye("red ochre", "#93492f", PIGMENT, "barns, boats, wagons"),
    Dye("yellow ochre", "#c2974a", PIGMENT, "plaster and limewash"),
    Dye("chrome yellow", "#e0ac2b", PIGMENT, "coaches and signs, from about 1815"),
    Dye("emerald green", "#4f8a62", PIGMENT, "Paris green; wallpaper and paint"),
    Dye("Brunswick green", "#24432f", PIGMENT, "locomotives, shutters, machines"),
    Dye("oak", "#8a6a45", MATERIAL, "furniture and floors, oiled"),
    Dye("mahogany", "#5e2f22", MATERIAL, "furniture, carriages, cameras"),
    Dye("weathered wood", "#8d8578", MATERIAL, "untreated boards and fences"),
    Dye("brick", "#96533f", MATERIAL, "fired clay; towns differ widely"),
    Dye("slate", "#565d66", MATERIAL, "roofs"),
    Dye("brass", "#b08d49", MATERIAL, "instruments, buttons, fittings"),
    Dye("straw", "#cfb77a", MATERIAL, "hats, thatch, harvest"),
)

_NAMES = {dye.colour: dye.name for dye in DYES}


def name_of(colour: str) -> str:
    """Return the name that the palette has for exactly this `#rrggbb`, or nothing."""
    return _NAMES.get(colour, "")
