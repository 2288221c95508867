"""One verb for many photographs, and its report."""

import pytest
from django.urls import reverse

from archive import batches, extensions
from archive.batches import planning
from archive.extensions import BulkAction, Outcome
from archive.models import Assignment, Batch, Event, Photograph, Publication
from archive.views import bulk
from archive.vocabularies import Rights
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    return reverse("archive:bulk")


@pytest.fixture
def two(db):
    within = catalogue.collection("F")
    return [
        catalogue.photograph("F/1", within=within, title="A", rights=Rights.NO_KNOWN),
        catalogue.photograph("F/2", within=within),
    ]


def keys(photographs):
    return [photograph.pk for photograph in photographs]


def test_it_acts_on_the_selected_and_reports_who_was_left_out(
    client, curator, two, address
):
    client.force_login(curator)
    response = client.post(
        address, {"action": "publish", "photograph": keys(two), "next": "/search/"}
    )
    assert response.url == reverse("archive:bulk_outcome")
    assert Publication.objects.get().photograph == two[0]
    outcome = client.get(response.url)
    assert outcome.context["report"]["done"] == 1
    assert outcome.context["report"]["codes"] == [["not_publishable", 1]]
    page = outcome.content.decode()
    assert "needs a title and a rights statement" in page
    assert two[1].get_absolute_url() in page


def test_doing_it_again_changes_nothing_more(client, curator, two, address):
    client.force_login(curator)
    for _time in range(2):
        client.post(address, {"action": "publish", "photograph": keys(two[:1])})
    assert Publication.objects.count() == 1
    client.post(address, {"action": "withdraw", "photograph": keys(two)})
    assert not Publication.objects.exists()


def test_an_action_with_a_question_asks_first(client, cataloguer, two, address):
    client.force_login(cataloguer)
    chosen = {"action": "add-term", "photograph": keys(two)}
    asked = client.post(address, chosen)
    assert asked.status_code == 200
    assert "Nothing has changed yet" in asked.content.decode()
    assert not Assignment.objects.exists()
    client.post(address, chosen | {"confirmed": "1", "label": "harbour"})
    assert Assignment.objects.filter(term__label="harbour").count() == 2
    client.post(address, chosen | {"confirmed": "1", "label": "Harbour"})
    assert Assignment.objects.count() == 2


def test_an_answer_that_means_nothing_is_asked_for_again(
    client, cataloguer, two, address
):
    client.force_login(cataloguer)
    response = client.post(
        address,
        {"action": "add-term", "photograph": keys(two), "confirmed": "1", "label": " "},
    )
    assert response.status_code == 422
    assert not Assignment.objects.exists()


def test_all_that_match_shows_what_is_meant_first(client, curator, two, address):
    client.force_login(curator)
    other = catalogue.photograph("G/1", within=catalogue.collection("G"))
    chosen = {
        "action": "restrict",
        "everything": "1",
        "matching": "state=undescribed",
        "collection": two[0].collection_id,
    }
    asked = client.post(address, chosen)
    assert asked.context["count"] == 1
    client.post(
        address,
        chosen | {"confirmed": "1", "restriction": "sensitive", "value": "set"},
    )
    assert Photograph.objects.get(sensitive=True) == two[1]
    other.refresh_from_db()
    assert not other.sensitive
    client.post(
        address,
        chosen | {"confirmed": "1", "restriction": "sensitive", "value": "lift"},
    )
    assert not Photograph.objects.filter(sensitive=True).exists()


def test_a_filter_that_the_action_changes_still_means_the_same(
    client, curator, two, address
):
    """What matches is settled before the verb runs."""
    client.force_login(curator)
    Photograph.objects.update(rights=Rights.NO_KNOWN, title="A")
    client.post(
        address,
        {
            "action": "publish",
            "everything": "1",
            "matching": "state=unpublished",
            "confirmed": "1",
        },
    )
    assert Publication.objects.count() == 2


def test_photographs_are_moved(client, cataloguer, two, address):
    client.force_login(cataloguer)
    other = catalogue.collection("G")
    chosen = {"action": "move", "photograph": keys(two), "confirmed": "1"}
    client.post(address, chosen | {"to": other.pk})
    assert other.photographs.count() == 2
    assert Event.objects.filter(action="moved").count() == 2
    assert client.post(address, chosen | {"to": 404}).status_code == 422


def test_nothing_selected_gets_a_sentence(client, curator, two, address):
    client.force_login(curator)
    page = client.post(address, {"action": "publish"}, follow=True).content.decode()
    assert "Select photographs first" in page


def test_too_many_get_a_sentence(client, curator, two, address, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 1)
    client.force_login(curator)
    page = client.post(
        address, {"action": "publish", "photograph": keys(two)}, follow=True
    ).content.decode()
    assert "at most 1 can be done at once" in page
    assert not Publication.objects.exists()


def test_other_applications_verbs_are_offered(
    client, curator, two, address, monkeypatch
):
    asked = []

    def praise(photographs, by):
        asked.extend(photographs.values_list("reference_code", flat=True))
        return Outcome(len(asked))

    action = BulkAction("praise", "Praise", "archive.view_photograph", praise)
    monkeypatch.setitem(extensions.bulk_actions, "praise", action)
    client.force_login(curator)
    assert "Praise" in client.get(reverse("archive:search")).content.decode()
    client.post(address, {"action": "praise", "photograph": keys(two)})
    assert asked == ["F/1", "F/2"]


def test_an_unknown_action_is_not_found(client, curator, two, address):
    client.force_login(curator)
    response = client.post(address, {"action": "burn", "photograph": keys(two)})
    assert response.status_code == 404


def test_a_missing_collection_is_not_found(client, curator, two, address):
    client.force_login(curator)
    for collection in ("404", "x"):
        response = client.post(
            address, {"action": "publish", "everything": "1", "collection": collection}
        )
        assert response.status_code == 404


def test_strange_keys_select_nothing(client, curator, two, address):
    client.force_login(curator)
    response = client.post(
        address, {"action": "publish", "photograph": ["x", "-1", "9" * 30]}
    )
    assert response.status_code == 302
    assert not Publication.objects.exists()


def test_it_rejects_get(client, curator, address):
    client.force_login(curator)
    assert client.get(address).status_code == 405


def test_an_action_beyond_ones_role_is_refused(client, cataloguer, two, address):
    client.force_login(cataloguer)
    chosen = {"action": "publish", "photograph": keys(two)}
    assert client.post(address, chosen).status_code == 403
    page = client.get(reverse("archive:search")).content.decode()
    assert 'value="move"' in page
    assert 'value="publish"' not in page


def test_there_is_no_outcome_before_there_was_an_action(client, curator):
    client.force_login(curator)
    assert client.get(reverse("archive:bulk_outcome")).status_code == 404
    assert client.post(reverse("archive:bulk_outcome")).status_code == 405


def test_what_a_verb_changed_can_be_undone(client, cataloguer, two, address):
    client.force_login(cataloguer)
    given = {"action": "add-term", "photograph": keys(two), "confirmed": "1"}
    client.post(address, given | {"label": "harbour"})
    batch = Batch.objects.get()
    outcome = client.get(reverse("archive:bulk_outcome")).content.decode()
    assert batch.get_absolute_url() in outcome
    client.post(reverse("archive:batch_undo", args=[batch.pk]))
    assert not Assignment.objects.exists()


def test_a_verb_for_many_is_left_to_a_worker(
    client, curator, two, address, monkeypatch, settings
):
    monkeypatch.setattr(planning, "AT_ONCE", 1)
    settings.ARCHIVE_ENQUEUE = "tests.web.test_bulk.later"
    client.force_login(curator)
    given = {"action": "restrict", "photograph": keys(two), "confirmed": "1"}
    answer = client.post(address, given | {"restriction": "sensitive", "value": "set"})
    batch = Batch.objects.get()
    assert answer.url == batch.get_absolute_url()
    assert "Being previewed" in client.get(answer.url).content.decode()
    batches.continue_batch(batch.pk)
    assert Photograph.objects.filter(sensitive=True).count() == 2


def later(_function, *_args):
    """Leave the work undone."""
