"""What a change of a text is told as."""

import pytest

from archive.differences import AROUND, difference

LONG = " ".join(f"word{number}" for number in range(100))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "Graz", ("", "", "Graz", "")),
        ("Graz", "", ("", "Graz", "", "")),
        ("1911", "1923~", ("", "1911", "1923~", "")),
        ("the old bridge", "the new bridge", ("the ", "old", "new", " bridge")),
        ("a bridge", "a bridge\nof iron", ("a bridge", "", "\nof iron", "")),
        ("on the Elbe", "A ferry on the Elbe", ("", "", "A ferry ", "on the Elbe")),
        ("so so", "so so so", ("so so", "", " so", "")),
        ("same", "same", ("same", "", "", "")),
    ],
)
def test_only_the_words_that_change_are_told(before, after, expected):
    assert difference(before, after) == expected


def test_what_stays_is_shortened_and_what_changes_never():
    end = difference(LONG, f"{LONG} and {LONG}")
    assert end.head.startswith("…word")
    assert end.head.endswith("word99")
    assert len(end.head) <= AROUND + 1
    assert end.come == f" and {LONG}"
    start = difference(LONG, f"new {LONG}")
    assert start.come == "new "
    assert start.tail.startswith("word0 ")
    assert start.tail.endswith("…")
    assert not start.whole
    assert difference("one", "two").whole
