"""The two databases: what lives where, and who may touch results."""

import pytest
from django.contrib.auth.models import User
from django.db import connections

from tests.conftest import MONGODB, ResultsRefused

mongodb_only = pytest.mark.skipif(not MONGODB, reason="there is no MongoDB here")


@mongodb_only
def test_it_refuses_results_to_a_test_that_did_not_ask() -> None:
    with pytest.raises(ResultsRefused):
        connections["results"].get_collection("notes")


@mongodb_only
@pytest.mark.results
@pytest.mark.parametrize("_turn", [1, 2])
def test_each_test_finds_results_empty(_turn: int) -> None:
    notes = connections["results"].get_collection("notes")
    assert notes.count_documents({}) == 0
    notes.insert_one({"word": "kept until the test ends"})
    assert notes.count_documents({}) == 1


@mongodb_only
@pytest.mark.results
def test_results_never_go_to_the_real_database() -> None:
    assert connections["results"].settings_dict["NAME"].startswith("test_")


def test_everyone_of_the_cast_is_in_a_group(
    viewer: User, cataloguer: User, curator: User, administrator: User, stranger: User
) -> None:
    people = {
        person.username: sorted(group.name for group in person.groups.all())
        for person in (viewer, cataloguer, curator, administrator, stranger)
    }
    assert people == {
        "viewer": ["viewer"],
        "cataloguer": ["cataloguer"],
        "curator": ["curator"],
        "administrator": ["administrator"],
        "stranger": [],
    }
