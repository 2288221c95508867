"""Dates: what is kept, what is understood, and what is refused."""

import datetime as dt

import pytest

from archive import dates


@pytest.mark.parametrize(
    ("edtf", "earliest", "latest"),
    [
        ("1923", "1923-01-01", "1923-12-31"),
        ("1924-02", "1924-02-01", "1924-02-29"),
        ("1923-06-05", "1923-06-05", "1923-06-05"),
        ("1923/1925", "1923-01-01", "1925-12-31"),
        ("1923~", "1923-01-01", "1923-12-31"),
        ("192X", "1920-01-01", "1929-12-31"),
        ("1923-21", "1923-03-01", "1923-05-31"),
        ("1920/..", "1920-01-01", None),
        ("../1920", None, "1920-12-31"),
    ],
)
def test_it_finds_the_first_and_last_day(edtf, earliest, latest):
    def day(text):
        return dt.date.fromisoformat(text) if text else None

    assert dates.span(edtf) == dates.Span(day(earliest), day(latest))


@pytest.mark.parametrize("text", ["soon", "1923-13", "2020-02-31", "192", ""])
def test_it_refuses_what_is_no_date(text):
    with pytest.raises(dates.NotADate, match="not an EDTF date"):
        dates.span(text)


@pytest.mark.parametrize(
    ("words", "edtf"),
    [
        ("about 1923", "1923~"),
        ("1920s", "192X"),
        ("before 1900", "../1900"),
        ("after 1905", "1905/.."),
        ("between 1900 and 1910", "1900/1910"),
        ("1865\u20131870", "1865/1870"),
        ("about 1935-1940", "1935~/1940~"),
        ("5 June 1923", "1923-06-05"),
        (" 1923? ", "1923?"),
        ("the day after", ""),
        ("", ""),
    ],
)
def test_it_proposes_a_reading(words, edtf):
    assert dates.understand(words) == dates.Reading(edtf, doubtful=False)


@pytest.mark.parametrize("words", ["probably 1925", "1910 or 1911"])
def test_it_says_when_a_doubt_was_lost(words):
    assert dates.understand(words).doubtful
