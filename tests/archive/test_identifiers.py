"""Reference codes of new photographs."""

import pytest

from archive.errors import NotACollection
from archive.identifiers import ReferenceCodes, taken
from tests import catalogue

pytestmark = pytest.mark.django_db


def test_they_begin_at_one() -> None:
    codes = ReferenceCodes(catalogue.collection("GB1"))
    assert [codes.next() for _ in range(3)] == ["GB1/0001", "GB1/0002", "GB1/0003"]


def test_they_go_on_after_the_highest() -> None:
    within = catalogue.collection("GB1")
    for code in ("GB1/0002", "GB1/0010", "GB1/7 a"):
        catalogue.photograph(code, within)
    assert ReferenceCodes(within).next() == "GB1/0011"


def test_they_compare_numbers_and_not_letters() -> None:
    within = catalogue.collection("GB1")
    for code in ("GB1/9999", "GB1/10000"):
        catalogue.photograph(code, within)
    assert ReferenceCodes(within).next() == "GB1/10001"


def test_a_series_below_counts_for_itself() -> None:
    within = catalogue.collection("GB1")
    catalogue.photograph("GB1/2/0009", within)
    assert ReferenceCodes(within).next() == "GB1/0001"


def test_a_code_taken_meanwhile_is_passed_over() -> None:
    within = catalogue.collection("GB1")
    codes = ReferenceCodes(within)
    assert codes.next() == "GB1/0001"
    catalogue.photograph("GB1/0002", within)
    assert codes.next() == "GB1/0003"


def test_a_percent_sign_in_a_code_is_only_that() -> None:
    catalogue.photograph("GB1/0005", catalogue.collection("GB1"))
    assert ReferenceCodes(catalogue.collection("GB_")).next() == "GB_/0001"


def test_a_collection_with_too_long_a_code_is_refused() -> None:
    with pytest.raises(NotACollection, match="Shorten"):
        ReferenceCodes(catalogue.collection("x" * 118))


def test_taken_asks_for_the_exact_code() -> None:
    catalogue.photograph("GB1/0001")
    assert taken("GB1/0001")
    assert not taken("GB1/000")
