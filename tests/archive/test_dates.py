"""Dates: what is kept, what is understood, and what is refused."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import date_words, dates


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


@pytest.mark.parametrize(("english", "german", "edtf"), date_words.FORMS)
def test_every_form_that_is_offered_is_understood_in_both_languages(
    english, german, edtf
):
    for words in f"{english} · {german}".split(" · "):
        assert dates.understand(words).edtf == edtf, words
    assert dates.span(edtf)


@pytest.mark.parametrize(
    ("words", "edtf"),
    [
        ("c1900", "1900~"),
        ("um 1910?", "1910%"),
        ("[1923]", "1923"),
        ("wohl Ende der 1890er Jahre", "1897%/1899%"),
        ("Mitte der 1930er", "1934~/1936~"),
        ("late 19th century", "1867~/1900~"),
        ("20. Jh.", "19XX"),
        ("Winter 1944/45", "1944-24"),
        ("frühjahr 1911", "1911-21"),
        ("Mar. 1923", "1923-03"),
        ("June 5, 1923", "1923-06-05"),
        ("3. MÄRZ 1923", "1923-03-03"),
        ("vor dem Krieg", ""),
        ("before June 1923", "../1923-06"),
        ("ab 1920", "1920/.."),
        ("zwischen März 1914 und Sommer 1918", "1914-03/1918-22"),
        ("1923/24", "1923/1924"),
        ("um 1914 - 1918", "1914~/1918~"),
        ("31 June 1923", ""),
        ("31.13.1923", ""),
        ("12/3/1923", ""),
        ("about 1923, on a Sunday", ""),
        ("Weihnachten 1923", ""),
        ("45th century", ""),
        ("1925 to 1920", ""),
        ("or 1911", ""),
    ],
)
def test_it_reads_german_and_english_or_leaves_it(words, edtf):
    assert dates.understand(words).edtf == edtf


@pytest.mark.parametrize("words", ["1910 or 1911", "1910 oder 1911"])
def test_it_says_when_a_doubt_was_lost(words):
    assert dates.understand(words) == dates.Reading("1910/1911", doubtful=True)


@given(st.text(alphabet="abcdefgeurmn 0123456789./-?~[]()oder", max_size=30))
@settings(max_examples=300, deadline=None)
def test_whatever_is_written_it_is_a_date_or_nothing(words):
    edtf = dates.understand(words).edtf
    if edtf:
        dates.span(edtf)
