"""What a text becomes, told by the words that go and come, and a little around them."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import NamedTuple

AROUND = 60
"""Characters of what stays that are shown on each side."""


class Difference(NamedTuple):
    """A change of a text.

    Attributes:
        head: the end of what stays before the change; "" where nothing does.
        gone: what is taken away.
        come: what takes its place.
        tail: the beginning of what stays behind the change.
    """

    head: str
    gone: str
    come: str
    tail: str

    @property
    def whole(self) -> bool:
        """Whether nothing stays."""
        return not (self.head or self.tail)


def difference(before: str, after: str) -> Difference:
    """Return what changes between two texts, by whole words."""
    old, new = (re.findall(r"\s+|\S+", text) for text in (before, after))
    first = _alike(old, new)
    old, new, head = old[first:], new[first:], old[:first]
    last = _alike(old[::-1], new[::-1])
    tail = old[len(old) - last :]
    gone, come = (words[: len(words) - last] for words in (old, new))
    return Difference(
        _end("".join(head)), "".join(gone), "".join(come), _beginning("".join(tail))
    )


def _alike(one: list[str], other: list[str]) -> int:
    """Return how many words two texts have in common from their beginnings on."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _end(text: str) -> str:
    return text if len(text) <= AROUND else "…" + text[-AROUND:].partition(" ")[2]


def _beginning(text: str) -> str:
    return text if len(text) <= AROUND else text[:AROUND].rpartition(" ")[0] + "…"
