"""Publishing: only what people decided, frozen until they publish again."""

import datetime as dt

import pytest

from archive import describing, policy, publishing, review
from archive.errors import NotInThisState, NotPublishable
from archive.models import Photograph
from archive.vocabularies import Policy, Rights
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def photograph(curator):
    return catalogue.photograph(title="Boat", rights=Rights.CC0.value)


def test_the_record_holds_decisions_and_no_drafts(photograph, curator):
    boat, sea = describing.create_term("boat"), describing.create_term("sea")
    review.record_suggestions(
        photograph,
        {boat: 0.9, sea: 0.8},
        model=catalogue.MODEL,
        result_id=None,
        at=dt.datetime.now(dt.UTC),
    )
    review.accept_suggestion(photograph.suggestions.get(term=boat), by=curator)
    published = publishing.publish(photograph, by=curator)
    assert published.record == {
        "identifier": "GB1/1",
        "title": "Boat",
        "rights": "http://creativecommons.org/publicdomain/zero/1.0/",
        "subject": ["boat"],
        "isPartOf": "GB1",
        "type": "StillImage",
    }
    assert published.colorization is None
    assert str(published) == "GB1/1"


def test_later_edits_change_nothing_until_published_again(photograph, curator):
    publishing.publish(photograph, by=curator)
    photograph = describing.describe(photograph, {"title": "Boats"}, by=curator)
    assert photograph.publication.record["title"] == "Boat"
    assert publishing.publish(photograph, by=curator).record["title"] == "Boats"
    event = photograph.events.first()
    assert [record["title"] for record in event.changes["record"]] == ["Boat", "Boats"]


def test_the_accepted_colorization_is_published(photograph, curator):
    colorization = catalogue.colorization(catalogue.master(photograph))
    assert publishing.publish(photograph, by=curator).colorization is None
    review.accept_colorization(colorization, by=curator)
    assert publishing.publish(photograph, by=curator).colorization == colorization
    policy.restrict(Photograph.objects.all(), Policy.DO_NOT_COLORIZE, True, by=curator)
    photograph.refresh_from_db()
    assert publishing.publish(photograph, by=curator).colorization is None


def test_a_sensitive_photograph_is_not_published(photograph, curator):
    policy.restrict_collection(
        photograph.collection, Policy.SENSITIVE, True, by=curator
    )
    with pytest.raises(NotPublishable, match="sensitive"):
        publishing.publish(photograph, by=curator)


def test_it_says_what_is_missing(curator):
    with pytest.raises(NotPublishable, match="a title and a rights statement"):
        publishing.publish(catalogue.photograph(), by=curator)


def test_withdrawing_keeps_the_working_record(photograph, curator):
    publishing.publish(photograph, by=curator)
    publishing.withdraw(photograph, by=curator, reason="family asked")
    assert not Photograph.objects.published().exists()
    assert photograph.events.first().note == "family asked"
    with pytest.raises(NotInThisState, match="not published"):
        publishing.withdraw(photograph, by=curator)
