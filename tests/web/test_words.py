"""Words and addresses that templates make."""

import datetime as dt

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from archive.templatetags.catalogue import in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "about 1 second"),
        (59, "about 59 seconds"),
        (90, "about 2 minutes"),
        (3600, "about 1 hour"),
        (7300, "about 2 hours"),
    ],
)
def test_a_duration_is_said_as_people_say_it(seconds, words):
    assert in_words(dt.timedelta(seconds=seconds)) == words


def test_no_duration_is_no_word():
    assert in_words(None) == ""


@pytest.mark.parametrize(
    ("change", "address"),
    [
        ("page=3", "/search/?words=a+b&amp;page=3"),
        ("order='newest'", "/search/?words=a+b&amp;order=newest"),
        ("words=''", "/search/"),
    ],
)
def test_a_change_of_the_query_leads_back_to_the_first_page(change, address):
    request = RequestFactory().get("/search/", {"words": "a b", "page": "2"})
    written = Template(f"{{% load catalogue %}}{{% address_with {change} %}}")
    assert written.render(Context({"request": request})) == address
