"""What a person writes into a search field, read and written for each database."""

import pytest

from archive.search_query import Phrase, Query, parse


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("bridge kessler", [Phrase("bridge"), Phrase("kessler")], []),
        ('"mill street" old', [Phrase("mill street"), Phrase("old")], []),
        ("photo*", [Phrase("photo", beginning=True)], []),
        ("boat -portrait", [Phrase("boat")], [Phrase("portrait")]),
        ('-"mill street"', [], [Phrase("mill street")]),
        ('"never closed', [Phrase("never closed")], []),
        ("„mill street“ -«a b»", [Phrase("mill street")], [Phrase("a b")]),
        ("GB123/4", [Phrase("GB123/4")], []),
    ],
)
def test_each_form_is_understood(text, wanted, unwanted):
    read = parse(text)
    assert [(p.text.rstrip("*"), p.beginning) for p in read.wanted] == [
        (p.text, p.beginning) for p in wanted
    ]
    assert list(read.unwanted) == unwanted


@pytest.mark.parametrize(
    "text", ["", "   ", '"', '""', "-", "*", "--", "()", "' \\", "\0", "😀", "_"]
)
def test_what_is_no_word_is_passed_over(text):
    assert parse(text) == Query()
    assert not parse(text)


def test_nothing_that_is_written_is_special_to_a_database():
    query = parse("a:b (c NEAR d^2 + col:x OR *")
    assert query.for_fts5() == (
        '"a b" AND "c" AND "NEAR" AND "d 2" AND "col x" AND "OR"'
    )
    assert query.for_tsquery() == (
        "('a' <-> 'b') & ('c') & ('NEAR') & ('d' <-> '2') & ('col' <-> 'x') & ('OR')"
    )


def test_other_words_for_a_phrase_will_do():
    query = parse("boot* -hut").with_others(
        lambda phrase: ("boat", "life boat") if phrase.beginning else ()
    )
    assert query.for_fts5() == '("boot" * OR "boat" OR "life boat")'
    assert query.for_tsquery() == "(('boot':*) | ('boat') | ('life' <-> 'boat'))"
    assert query.unwanted == (Phrase("hut"),)


def test_accents_are_folded_where_the_database_does_not():
    assert parse("Café").for_tsquery() == "('Cafe')"


def test_a_search_without_result_can_be_widened():
    assert parse('bridg "old mill" -car').beginnings() == 'bridg* old mill* -"car"'
