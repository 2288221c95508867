"""Neighbours and places in the list that a photograph was opened from."""

import itertools

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from archive.listing import Listing
from archive.models import Photograph
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def top(db):
    top = catalogue.collection("F", title="Fonds")
    below = catalogue.collection("F/1", parent=top, level="series")
    other = catalogue.collection("G")
    days = itertools.cycle(["1911-05-01", None, "1890-01-01", "1911-05-01"])
    for number, title in enumerate(["sea", "", "boat", "sea", "boat", "", "sea shore"]):
        within = (top, below, other)[number % 3]
        day = next(days)
        catalogue.photograph(
            f"{9 - number}",
            within=within,
            title=title,
            date_earliest=day,
            date_latest=day,
        )
    return top


def shown(listing, query, collection):
    """The list as the contact sheet has it."""
    photographs = Photograph.objects.all()
    if collection is not None:
        photographs = photographs.within(collection)
    return list(listing.filters.apply(photographs))


@pytest.mark.parametrize("whole", [True, False], ids=["archive", "collection"])
@pytest.mark.parametrize(
    "query",
    [
        "",
        "order=newest",
        "order=oldest",
        "order=latest",
        "order=title",
        "state=undescribed",
        "words=sea",
        "words=sea&order=title",
        "order=nonsense",
        "since=nonsense",
    ],
)
def test_it_walks_through_the_sheet_in_its_order(top, query, whole):
    collection = None if whole else top
    expected = shown(Listing(QueryDict(query), collection), query, collection)
    assert expected
    for place, found in enumerate(expected):
        listing = Listing(QueryDict(query), collection)
        before = expected[place - 1] if place else None
        after = expected[place + 1] if place + 1 < len(expected) else None
        assert listing.neighbour(found, backwards=True) == before
        assert listing.neighbour(found, backwards=False) == after
        assert listing.position(found) == place + 1
        assert listing.count() == len(expected)


def test_what_no_longer_matches_keeps_its_place(top):
    listing = Listing(QueryDict("state=undescribed"), None)
    first, second = shown(listing, "", None)
    Photograph.objects.filter(pk=first.pk).update(title="Described now")
    listing = Listing(QueryDict("state=undescribed"), None)
    assert listing.neighbour(first, backwards=False) == second
    assert listing.neighbour(second, backwards=True) is None
    assert (listing.position(first), listing.count()) == (1, 1)


def test_the_address_carries_the_list_and_leads_back_to_the_page(top):
    found = Photograph.objects.first()
    listing = Listing(QueryDict("words=sea shore&page=3"), top)
    again = Listing.of_address(QueryDict(listing.words()), found)
    assert again.collection == top
    assert again.query.urlencode() == "words=sea+shore"
    address = f"{top.get_absolute_url()}?words=sea+shore&page=2#cell-{found.pk}"
    assert again.address(61, found) == address
    assert again.address(60, found) == address.replace("&page=2", "")
    archive = Listing.of_address(QueryDict(Listing(QueryDict(), None).words()), found)
    assert archive.address(1, found) == f"/search/#cell-{found.pk}"


@pytest.mark.parametrize("address", ["", "list=&within=x", "list=&within=999999"])
def test_an_address_that_names_no_list_is_no_failure(top, address):
    found = Photograph.objects.first()
    listing = Listing.of_address(QueryDict(address), found)
    assert listing.count() > 0


@pytest.mark.parametrize("query", ["", "order=oldest", "order=newest", "order=title"])
def test_neighbours_are_found_through_indexes(top, query):
    """However many photographs there are: no scan and no sorting of all of them."""
    if connection.vendor != "sqlite":
        pytest.skip("the plans are those of SQLite")
    found = Photograph.objects.order_by("pk")[3]
    listing = Listing(QueryDict(query), None)
    with CaptureQueriesContext(connection) as asked:
        listing.neighbour(found, backwards=False)
        listing.neighbour(found, backwards=True)
        listing.position(found)
    assert len(asked) <= 7
    for one in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {one['sql']}")
            plan = " / ".join(row[3] for row in cursor.fetchall())
        assert "SCAN" not in plan, (one["sql"], plan)
        assert "TEMP B-TREE FOR ORDER" not in plan, (one["sql"], plan)
