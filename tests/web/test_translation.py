"""The catalogues of translations are whole; no template speaks English by itself."""

import ast
import json
import re
from pathlib import Path

import polib
import pytest
from django.conf import settings

from colorizer.labels import LABELS, SENTENCES

ROOT = Path(settings.BASE_DIR)
CATALOGUES = sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po"))
VALUES = re.compile(r"%\(\w+\)[sd]|%%|%[sd]")

# The same in every language.
SAME_EVERYWHERE = re.compile(
    r"\b(Autochrome|EDTF|PNG|SHA|TIFF|manage\.py compare_taggers)\b|--csv FILE\b"
)
# Documents for programmers, in English like the programming interface itself.
ENGLISH = ("api/",)

TEMPLATE_TOKEN = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
TRANSLATED = re.compile(
    r"\{%\s*(blocktranslate|comment)\b.*?\{%\s*end\1\s*%\}", re.DOTALL
)
SILENT = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL)
BLOCK_OF_NO_WORDS = re.compile(
    r"\{%\s*block (page_class|styles|scripts)\s*%\}.*?\{%\s*endblock", re.DOTALL
)
TAG = re.compile(r"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)
SPOKEN = re.compile(
    r"\s(?:aria-label|title|placeholder|alt|aria-description)=\"([^\"]*)\"", re.DOTALL
)
LETTERS = re.compile(r"[A-Za-z]{2,}")


def words_of(template: str) -> list[str]:
    """Return what a template says outside of its translation tags."""
    for silent in (TRANSLATED, SILENT, BLOCK_OF_NO_WORDS):
        template = silent.sub("", template)
    template = TEMPLATE_TOKEN.sub("\N{BULLET}", template)
    attributes = [text for tag in TAG.findall(template) for text in SPOKEN.findall(tag)]
    texts = TAG.sub("\n", template).split("\n")
    pieces = (re.sub(r"[\N{BULLET}\s]+", " ", t).strip() for t in [*texts, *attributes])
    return [p for p in pieces if LETTERS.search(SAME_EVERYWHERE.sub("", p))]


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_there_is_a_catalogue_for_each_language_but_english():
    own = {code for code, _name in settings.LANGUAGES} - {settings.LANGUAGE_CODE}
    assert {path.parts[-3] for path in CATALOGUES} == own


@pytest.mark.parametrize("path", CATALOGUES, ids=names(CATALOGUES))
def test_every_message_is_translated_and_none_is_a_guess(path):
    catalogue = polib.pofile(str(path))
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []
    assert [entry.msgid for entry in catalogue.obsolete_entries()] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=names(CATALOGUES))
def test_every_translation_has_the_values_of_its_message(path):
    for entry in polib.pofile(str(path)):
        said = list(entry.msgstr_plural.values()) or [entry.msgstr]
        asked = [entry.msgid] + [entry.msgid_plural] * (len(said) - 1)
        for text, message in zip(said, asked, strict=True):
            wanted = set(VALUES.findall(message))
            assert set(VALUES.findall(text)) == wanted, entry.msgid


@pytest.mark.parametrize("path", CATALOGUES, ids=names(CATALOGUES))
def test_the_compiled_catalogue_is_fresh(path):
    """Who installs the program has no `msgfmt`: the compiled one is kept beside it."""
    written = polib.pofile(str(path))
    compiled = polib.mofile(str(path.with_suffix(".mo")))

    def content(catalogue):
        return {(e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural) for e in catalogue}

    assert content(compiled) == content(written)


@pytest.mark.parametrize("path", CATALOGUES, ids=names(CATALOGUES))
def test_markup_is_kept(path):
    for entry in polib.pofile(str(path)):
        wanted = sorted(re.findall(r"</?\w+", entry.msgid))
        for text in list(entry.msgstr_plural.values()) or [entry.msgstr]:
            assert sorted(re.findall(r"</?\w+", text)) == wanted, entry.msgid


def test_every_word_of_the_taggers_is_known_to_the_translators():
    cards = ("lite2-tags", "lite0-terms")
    folder = ROOT / "colorizer" / "checkpoints"
    spoken: set[str] = set()
    for card in cards:
        spoken.update(json.loads((folder / f"{card}.json").read_text())["labels"])
    assert {str(label) for label in LABELS} == spoken


def test_the_sentences_of_the_science_are_word_for_word_its_own():
    """They are written once more, because `colorizer/vision` knows no Django."""
    said = set()
    for path in (ROOT / "colorizer" / "vision").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                pieces = [getattr(part, "value", None) for part in node.values]
                said.add("".join(p if isinstance(p, str) else "%s" for p in pieces))
            elif isinstance(node, ast.Constant):
                said.add(node.value)
    assert {VALUES.sub("%s", sentence) for sentence in SENTENCES} - said == set()


def test_no_template_says_anything_outside_of_translation():
    found = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        name = str(path.relative_to(ROOT / "templates"))
        if name.startswith(ENGLISH):
            continue
        if said := words_of(path.read_text()):
            found[name] = said
    assert found == {}


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ("<p>{{ count }} photographs</p>", ["photographs"]),
        ('<a aria-label="Go">{% translate "Go" %}</a>', ["Go"]),
        ('<img alt="{{ title }}">', []),
        ("{% blocktranslate %}<b>Hello</b>{% endblocktranslate %}", []),
        ("{# Hello #}<script>hello()</script>", []),
    ],
)
def test_the_search_for_words_finds_them(template, said):
    assert words_of(template) == said
