"""Dates as archivists write them, in English and German, as EDTF.

Only what is understood to the last word is read: a phrase with a word that is not
known is left to the curator, for half a date understood is a wrong date. `FORMS`
shows every form that is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Examples of what is understood, in both languages, and the EDTF that it becomes.
FORMS: tuple[tuple[str, str, str], ...] = (
    ("1923", "1923", "1923"),
    ("about 1923 · c. 1923", "um 1923 · etwa 1923 · ca. 1923", "1923~"),
    ("probably 1923", "vermutlich 1923 · wohl 1923", "1923?"),
    ("probably about 1923", "vermutlich um 1923", "1923%"),
    ("1920s", "1920er Jahre", "192X"),
    ("early 1920s", "Anfang der 1920er Jahre", "1920~/1923~"),
    ("late 1920s", "Ende der 1920er Jahre", "1927~/1929~"),
    ("19th century", "19. Jahrhundert", "18XX"),
    ("early 19th century", "Anfang des 19. Jahrhunderts", "1801~/1833~"),
    ("summer 1944", "Sommer 1944", "1944-22"),
    ("March 1923", "März 1923", "1923-03"),
    ("5 June 1923 · June 5, 1923", "5. Juni 1923 · 5.6.1923", "1923-06-05"),
    ("before 1914", "vor 1914", "../1914"),
    ("after 1945", "nach 1945", "1945/.."),
    ("between 1914 and 1918", "zwischen 1914 und 1918", "1914/1918"),
    ("from 1914 to 1918", "von 1914 bis 1918", "1914/1918"),
    ("1914-18", "1914/18", "1914/1918"),
    ("1910 or 1911", "1910 oder 1911", "1910/1911"),
)


@dataclass(frozen=True)
class Understood:
    """What a phrase means.

    Attributes:
        edtf: the expression.
        doubtful: the phrase holds a doubt that the expression does not carry.
    """

    edtf: str
    doubtful: bool = False


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner jän",
            "february feb februar feber",
            "march mar märz mär maerz mrz",
            "april apr",
            "may mai",
            "june jun juni",
            "july jul juli",
            "august aug",
            "september sep sept",
            "october oct oktober okt",
            "november nov",
            "december dec dezember dez",
        ),
        1,
    )
    for name in names.split()
}
_SEASONS = {
    name: number
    for number, names in enumerate(
        ("spring frühling frühjahr", "summer sommer", "autumn fall herbst", "winter"),
        21,
    )
    for name in names.split()
}
_PARTS = {
    name: part
    for part, names in enumerate(
        (
            "early beginning anfang beginn frühe früher",
            "mid middle mitte",
            "late end ende späte später",
        )
    )
    for name in names.split()
}


def _one_of(*words: str) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_ABOUT = re.compile(
    r"(?:about|around|circa|approximately|approx\.?|ca\.?|c\.|c(?=\s*\d)|um|etwa|"
    r"ungefähr|zirka|gegen)\s*(?=\S)"
)
_PERHAPS = re.compile(
    r"(?:probably|perhaps|possibly|maybe|presumably|likely|vermutlich|wahrscheinlich|"
    r"vielleicht|möglicherweise|wohl)\s+"
)
_BEFORE = re.compile(r"(?:not later than|before|until|by|vor|bis|spätestens)\s+(.+)")
_AFTER = re.compile(r"(?:not before|after|since|from|nach|seit|ab|frühestens)\s+(.+)")
_BETWEEN = re.compile(
    r"between\s+(.+?)\s+and\s+(.+)|zwischen\s+(.+?)\s+und\s+(.+)|"
    r"from\s+(.+?)\s+(?:to|until)\s+(.+)|von\s+(.+?)\s+bis\s+(.+)|"
    r"(.+?)\s+(?:to|until|bis)\s+(.+)|(.+?)\s*[\u2013\u2014]\s*(.+)|"
    r"(.+?)\s+-\s+(.+)|((?:\D+\s*)?\d{4})[/-](\d{4}|\d{2})"
)
_OR = re.compile(r"(.+?)\s+(?:or|oder)\s+(.+)")
_OF = r"(?:\s+of\s+the|\s+der|\s+des|\s+the|\s+in\s+den)?\s+"
_PART = re.compile(rf"({_one_of(*_PARTS)})(?:{_OF}|-)(.+)")
_DECADE = re.compile(r"(?:the\s+|die\s+)?(\d{3})0(?:'?s|er(?:[\s-]+jahren?)?)")
_CENTURY = re.compile(
    r"(?:the\s+)?(\d{1,2})(?:(?:st|nd|rd|th)\s+(?:century|c\.?)|"
    r"\.\s*(?:jahrhunderts?|jhd?t?s?\.?))"
)
_MONTH = re.compile(
    rf"(?:({_one_of(*_MONTHS)})\.?|({_one_of(*_SEASONS)}))(?:\s+of)?,?\s+(\d{{4}})"
)
_WINTER = re.compile(r"winter\s+(\d{4})\s*[/-]\s*(\d{2}|\d{4})")
_DAY = re.compile(
    rf"(\d{{1,2}})(?:\.|st|nd|rd|th)?\s*(?:of\s+)?({_one_of(*_MONTHS)})\.?,?\s+(\d{{4}})"
)
_DAY_SECOND = re.compile(
    rf"({_one_of(*_MONTHS)})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})"
)
_DAY_IN_FIGURES = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")
_EXACT = re.compile(
    r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-\d{2})?)?|\d{3}X|\d{2}XX|\d{4}-2[1-4]"
)


def read(phrase: str) -> Understood | None:
    """Return what a phrase means; None where a word of it is not understood."""
    text = " ".join(phrase.casefold().split()).strip(" .,;")
    text = text.removeprefix("[").removesuffix("]").strip()
    return _whole(text) if text else None


def _whole(text: str) -> Understood | None:
    doubt, text = _doubt(text)
    for pattern, shape in ((_BEFORE, "../{}"), (_AFTER, "{}/..")):
        found = pattern.fullmatch(text)
        bound = found and _qualified(found[1], doubt)
        if bound and "/" not in bound:
            return Understood(shape.format(bound))
    single = _qualified(text, doubt)
    if single:
        return Understood(single)
    found = _OR.fullmatch(text)
    if found:
        ends = _ends(found[1], found[2], doubt)
        return Understood(ends, doubtful=True) if ends else None
    found = _BETWEEN.fullmatch(text)
    if not found:
        return None
    first, second = (group for group in found.groups() if group is not None)
    ends = _ends(first, second, doubt)
    return Understood(ends) if ends else None


def _ends(first: str, second: str, doubt: str) -> str:
    """Return an interval; qualified as a whole where its first end is."""
    about = _ABOUT.match(first)
    if about:
        doubt, first = _joined(doubt, "~"), first[about.end() :]
    if re.fullmatch(r"\d{2}", second) and re.fullmatch(r"\d{4}", first):
        second = first[:2] + second
    ends = [_qualified(end, doubt) for end in (first, second)]
    if not all(ends) or any("/" in end for end in ends):
        return ""
    return "/".join(ends)


def _doubt(text: str) -> tuple[str, str]:
    """Return the sign of a doubt about the whole, and the rest of the words."""
    doubt = ""
    found = _PERHAPS.match(text)
    if found:
        doubt, text = "?", text[found.end() :]
    marked = re.fullmatch(r"(.+?)\s*(?:\(\?\)|\[\?\]|\?)", text)
    if marked:
        doubt, text = "?", marked[1]
    return doubt, text


def _qualified(text: str, doubt: str) -> str:
    """Return one date with the signs of its doubts; "" where it is not understood."""
    found = _ABOUT.match(text)
    if found:
        doubt, text = _joined(doubt, "~"), text[found.end() :]
    date = _date(text.strip())
    if not date or not doubt:
        return date
    if "/" in date:  # said to be about, already
        return date.replace("~", _joined("~", doubt))
    return date + doubt


def _joined(one: str, other: str) -> str:
    return "%" if {one, other} == {"?", "~"} else one or other


def _date(text: str) -> str:
    """Return one date without a doubt as EDTF; "" where it is not understood."""
    if _EXACT.fullmatch(text.upper()):
        return text.upper()
    for pattern, day, month, year in ((_DAY, 1, 2, 3), (_DAY_SECOND, 2, 1, 3)):
        found = pattern.fullmatch(text)
        if found:
            return f"{found[year]}-{_MONTHS[found[month]]:02}-{int(found[day]):02}"
    found = _DAY_IN_FIGURES.fullmatch(text)
    if found:
        return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    found = _WINTER.fullmatch(text)
    if found:
        return f"{found[1]}-{_SEASONS['winter']}"
    found = _MONTH.fullmatch(text)
    if found:
        number = _MONTHS[found[1]] if found[1] else _SEASONS[found[2]]
        return f"{found[3]}-{number:02}"
    return _span_of_years(text)


def _span_of_years(text: str) -> str:
    found = _DECADE.fullmatch(text)
    if found:
        return f"{found[1]}X"
    found = _CENTURY.fullmatch(text)
    if found and 1 <= int(found[1]) <= 21:
        return f"{int(found[1]) - 1:02}XX"
    found = _PART.fullmatch(text)
    if not found:
        return ""
    part, whole = _PARTS[found[1]], _span_of_years(found[2])
    if re.fullmatch(r"\d{3}X", whole):
        first, last = ((0, 3), (4, 6), (7, 9))[part]
        return f"{whole[:3]}{first}~/{whole[:3]}{last}~"
    if re.fullmatch(r"\d{2}XX", whole):
        start = int(whole[:2]) * 100
        first, last = ((1, 33), (34, 66), (67, 100))[part]
        return f"{start + first:04}~/{start + last:04}~"
    return ""
