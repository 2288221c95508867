"""Restrictions: inherited down the tree, never lifted from below."""

import pytest

from archive import policy
from archive.models import Collection, Photograph
from archive.vocabularies import Policy
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def series(curator):
    fonds = catalogue.collection("F", title="Fonds")
    policy.restrict_collection(fonds, Policy.DO_NOT_TAG, True, by=curator)
    return catalogue.collection("F/1", parent=fonds, level="series")


def test_a_flag_holds_for_everything_below(series):
    below = catalogue.photograph("F/1/1", series)
    beside = catalogue.photograph("G/1", catalogue.collection("G"))
    restricted = Photograph.objects.restricted(Policy.DO_NOT_TAG)
    assert list(restricted) == [below]
    assert list(Photograph.objects.permitting(Policy.DO_NOT_TAG)) == [beside]
    assert not Photograph.objects.restricted(Policy.DO_NOT_COLORIZE).exists()


def test_collections_inherit_it_too(series):
    found = Collection.objects.restricted(Policy.DO_NOT_TAG)
    assert [c.reference_code for c in found] == ["F", "F/1"]


def test_it_names_the_nearest_carrier(series, curator):
    photograph = catalogue.photograph("F/1/1", series)
    assert policy.holding(photograph, Policy.DO_NOT_TAG).reference_code == "F"
    policy.restrict_collection(series, Policy.DO_NOT_TAG, True, by=curator)
    photograph.refresh_from_db()
    assert policy.holding(photograph, Policy.DO_NOT_TAG) == series
    policy.restrict(Photograph.objects.all(), Policy.DO_NOT_TAG, True, by=curator)
    photograph.refresh_from_db()
    assert policy.holding(photograph, Policy.DO_NOT_TAG) == photograph
    assert policy.holding_each(photograph) == {Policy.DO_NOT_TAG: photograph}


def test_a_refusal_says_which_flag(series):
    photograph = catalogue.photograph("F/1/1", series)
    (refusal,) = policy.refusals(Photograph.objects.all(), Policy.DO_NOT_TAG)
    assert refusal.photograph == photograph.pk
    assert refusal.code == "do_not_tag"
    assert refusal.sentence == "F/1/1 must not be tagged: the flag of F says so."


def test_restricting_counts_and_records_only_what_changed(curator):
    one, two = catalogue.photograph("A"), catalogue.photograph("B", sensitive=True)
    everything = Photograph.objects.all()
    assert policy.restrict(everything, Policy.SENSITIVE, True, by=curator) == 1
    assert policy.restrict(everything, Policy.SENSITIVE, True, by=curator) == 0
    event = one.events.get()
    assert event.changes == {"sensitive": [False, True]}
    assert event.agent == curator
    assert not two.events.exists()


def test_releasing_is_recorded(curator):
    photograph = catalogue.photograph(sensitive=True)
    policy.restrict(Photograph.objects.all(), Policy.SENSITIVE, False, by=curator)
    assert photograph.events.get().action == "released"


def test_a_collection_set_twice_is_recorded_once(curator):
    box = catalogue.collection("Z")
    assert policy.restrict_collection(box, Policy.SENSITIVE, True, by=curator)
    assert not policy.restrict_collection(box, Policy.SENSITIVE, True, by=curator)
    assert box.events.filter(action="restricted").count() == 1
