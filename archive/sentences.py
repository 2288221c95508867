"""Sentences that are stored in English, in the language of who reads them.

Workers write why a file was left out or a job failed, and the catalogue keeps that in
English: it is read for decades, by many, and through the programming interface. A page
shows it in the reader's language by finding the message that it was made from.

A value named `why` is the program's own phrase, `field` and `fields` are names of
fields, and `labels` words of a tagger: these are translated too. Every other value is a
name, a number or a text of somebody's, and stays as it is.
"""

from __future__ import annotations

import functools
import gettext as catalogues
import re
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, pgettext, to_locale

from archive.search_query import plain
from archive.vocabularies import MACHINE_VOCABULARY

if TYPE_CHECKING:
    from archive.models import Term

_MACHINE_LABEL = "machine label\x04"  # gettext's mark between context and message
_VALUE = re.compile(r"%\((\w+)\)[sd]")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
_ENDS = re.compile(r"(?<=\.) (?=[A-Z“])")
_PARTS = re.compile(r"; (?![^“]*”)")  # not within quotation marks
_OTHERS = r"(?:(?!\. [A-Z]).)+?"  # a value of somebody's does not end a sentence
_SHAPES = {
    "why": ".+?",
    "file": r"[^:]+\.\w{2,5}",
    "row": r"\d+",
    "key": r"\d+",
    "colour": "#[0-9a-f]{6}",
    "field": "[^:;“”]+",
    "value": "[^”]*",
}
_OWN = {"why", "field"}
# Letters of its own, without which a message would fit anything; a phrase of the
# program itself needs fewer, and so does what holds such a phrase or a file's name.
_LEAST, _LEAST_OF_PHRASES = 6, 3


def translated(sentence: str) -> str:
    """Return the sentence in the active language; as it is where it is not known."""
    language = get_language() or settings.LANGUAGE_CODE
    if not sentence or language.startswith("en"):
        return sentence
    return _translated(sentence, language)


def word(term: Term) -> str:
    """Return a term as a page says it: a machine's word in the reader's language."""
    own = term.vocabulary != MACHINE_VOCABULARY
    return term.label if own else machine_word(term.label)


def machine_word(label: str) -> str:
    """Return a tagger's word in the reader's language; as it is if not known."""
    return pgettext("machine label", label)


def meant(word: str, *, beginning: bool = False) -> tuple[str, ...]:
    """Return the taggers' words that the reader's language calls so; none in English.

    Args:
        word: as somebody looks for it; capitals and accents make no difference.
        beginning: whether more letters may follow.
    """
    language, asked = get_language() or settings.LANGUAGE_CODE, plain(word)
    if language.startswith("en") or not asked:
        return ()
    return tuple(
        label
        for called, label in _machine_words(language)
        if called == asked or (beginning and called.startswith(asked))
    )


def inside(label: object) -> str:
    """Return a label as it stands within a sentence: small, where the language is."""
    language = get_language() or settings.LANGUAGE_CODE
    return str(label).lower() if language.startswith("en") else str(label)


@functools.lru_cache(maxsize=2000)
def _translated(text: str, language: str) -> str:
    if "\n" in text:
        return "\n".join(_translated(line, language) for line in text.split("\n"))
    if known := _sentence(text, language):
        return known
    parts = _ENDS.split(text)
    if len(parts) > 1:
        return " ".join(_translated(part, language) for part in parts)
    parts = _PARTS.split(text)
    if len(parts) > 1:
        return "; ".join(_translated(part, language) for part in parts)
    where, colon, said = text.partition(": ")
    if colon and (known := _sentence(said, language)):
        return f"{_sentence(where, language) or where}: {known}"
    return text


def _sentence(text: str, language: str, least: int = _LEAST) -> str:
    """Return one sentence translated; "" where it is made from no known message."""
    message = text.replace("%", "%%")
    whole = gettext(message)
    if whole != message:
        return whole.replace("%%", "%")
    if (whole := gettext(text)) != text:
        return whole
    for letters, form, message in _forms(language):
        if found := form.fullmatch(text):
            values = found.groupdict()
            said = {name: _value(name, values[name], language) for name in values}
            own = {name for name in _OWN & said.keys() if said[name] != values[name]}
            known = own or "file" in values
            if letters >= least or known:
                return _VALUE.sub(r"%(\1)s", gettext(message)) % said
    return ""


def _value(name: str, value: str, language: str) -> str:
    if name in {"field", "fields"}:
        return ", ".join(_sentence(one, language) or one for one in value.split(", "))
    if name == "labels":
        return ", ".join(machine_word(label) for label in value.split(", "))
    if name == "why":
        phrase = _sentence(value, language, _LEAST_OF_PHRASES)
        return phrase or _translated(value, language)
    if _THOUSANDS.fullmatch(value):
        return number_format(int(value.replace(",", "")), force_grouping=True)
    return value


def _messages(language: str) -> dict[str, str]:
    """Return the messages of the catalogue that have no plural."""
    place = Path(settings.LOCALE_PATHS[0], to_locale(language), "LC_MESSAGES")
    try:
        with (place / "django.mo").open("rb") as file:
            messages = catalogues.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # noqa: SLF001
    except OSError:
        return {}
    return {key: said for key, said in messages.items() if isinstance(key, str)}


@functools.lru_cache
def _machine_words(language: str) -> list[tuple[str, str]]:
    """Return what each word of a tagger is called, and the word."""
    return [
        (plain(said), key.removeprefix(_MACHINE_LABEL))
        for key, said in _messages(language).items()
        if key.startswith(_MACHINE_LABEL)
    ]


@functools.lru_cache
def _forms(language: str) -> list[tuple[int, re.Pattern[str], str]]:
    """Return a form for each message with values, the most particular first."""
    forms = [
        (letters, form, message)
        for message in _messages(language)
        if _VALUE.search(message)
        for letters, form in [_form(message)]
        if letters >= _LEAST_OF_PHRASES
    ]
    forms.sort(key=lambda each: (-each[0], -each[1].groups))
    return forms


def _form(message: str) -> tuple[int, re.Pattern[str]]:
    pieces = _VALUE.split(message)
    own, names = pieces[::2], pieces[1::2]
    seen: set[str] = set()
    form = ""
    for text, name in zip(own, [*names, ""], strict=True):
        form += re.escape(text.replace("%%", "%"))
        if name:
            form += (
                f"(?P={name})"
                if name in seen
                else f"(?P<{name}>{_SHAPES.get(name, _OTHERS)})"
            )
            seen.add(name)
    return sum(map(str.isalpha, "".join(own))), re.compile(form, re.DOTALL)
