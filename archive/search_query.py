"""What a person writes into a search field, and how each database is asked for it.

    bridge kessler        both words, wherever they stand
    "mill street"         the words side by side, in one field; „…“ and «…» do too
    photo*                words that begin so
    -portrait, -"a b"     not this

Anything can be written: what is no word is passed over. Upper and lower case and
accents make no difference; the index folds them (`archive.search_index`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

_PART = re.compile(r'(?P<no>-?)(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<word>[^\s"]+))')
# Letters and digits, with the accents that may stand apart from their letters.
_TOKEN = re.compile(r"[^\W_][^\W_\u0300-\u036f\u0483-\u0487]*", re.UNICODE)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_MARKS = re.compile(r"[\u0300-\u036f]")


@dataclass(frozen=True)
class Phrase:
    """Words that stand side by side; the last one may be a beginning.

    Attributes:
        text: as it was written, at least one word in it.
        beginning: whether more letters may follow the last word.
        also: other words for the same, any of which will do.
    """

    text: str
    beginning: bool = False
    also: tuple[str, ...] = ()

    def for_fts5(self) -> str:
        """Return it as a string of SQLite's FTS5, in which nothing is special."""
        words = " ".join(_TOKEN.findall(self.text))
        own = f'"{words}" *' if self.beginning else f'"{words}"'
        if not self.also:
            return own
        others = (Phrase(text).for_fts5() for text in self.also)
        return f"({' OR '.join([own, *others])})"

    def for_tsquery(self) -> str:
        """Return it as an operand of PostgreSQL's `to_tsquery`."""
        words = [f"'{word}'" for word in _TOKEN.findall(folded(self.text))]
        if self.beginning:
            words[-1] += ":*"
        own = f"({' <-> '.join(words)})"
        if not self.also:
            return own
        others = (Phrase(text).for_tsquery() for text in self.also)
        return f"({' | '.join([own, *others])})"


@dataclass(frozen=True)
class Query:
    """What is looked for: all of `wanted`, and nothing of `unwanted`."""

    wanted: tuple[Phrase, ...] = ()
    unwanted: tuple[Phrase, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.wanted or self.unwanted)

    def for_fts5(self) -> str:
        """Return the wanted phrases as one expression of FTS5."""
        return " AND ".join(phrase.for_fts5() for phrase in self.wanted)

    def for_tsquery(self) -> str:
        """Return the wanted phrases as the text of a `tsquery`."""
        return " & ".join(phrase.for_tsquery() for phrase in self.wanted)

    def with_others(self, others: Callable[[Phrase], tuple[str, ...]]) -> Query:
        """Return the query with other words for each phrase."""
        wanted, unwanted = (
            tuple(replace(phrase, also=others(phrase)) for phrase in phrases)
            for phrases in (self.wanted, self.unwanted)
        )
        return Query(wanted, unwanted)

    def beginnings(self) -> str:
        """Return the query again, widened: each word may go on."""
        wider = [f"{' '.join(_TOKEN.findall(one.text))}*" for one in self.wanted]
        avoided = [f'-"{one.text}"' for one in self.unwanted]
        return " ".join([*wider, *avoided])


def parse(text: str) -> Query:
    """Read what a person wrote; never fails, and passes over what is no word."""
    text = text.encode(errors="ignore").decode().replace("\0", " ")
    text = text.translate(_QUOTES)
    wanted: list[Phrase] = []
    unwanted: list[Phrase] = []
    for part in _PART.finditer(text):
        written = part["word"] if part["phrase"] is None else part["phrase"]
        # A star right after the closing quotation mark is a word of its own: no word.
        beginning = part["phrase"] is None and written.endswith("*")
        if not _TOKEN.search(folded(written)) or not _TOKEN.search(written):
            continue
        phrase = Phrase(written, beginning)
        (unwanted if part["no"] else wanted).append(phrase)
    return Query(tuple(wanted), tuple(unwanted))


def plain(text: str) -> str:
    """Return the words alone, small and without accents, to compare them."""
    return " ".join(_TOKEN.findall(folded(text).casefold()))


def folded(text: str) -> str:
    """Return the text without accents, in compatibility form."""
    return _MARKS.sub("", unicodedata.normalize("NFKD", text))
