"""The region that speaks for a suggestion, as the pages ask for it."""

import pytest
from django.urls import reverse

from archive.models import Suggestion
from colorizer import jobs, tasks
from colorizer.results.models import TaggingResult
from colorizer.vocabularies import Kind

pytestmark = pytest.mark.results


@pytest.fixture
def suggestion(results_database, photograph, curator):
    jobs.request([photograph], Kind.TAG, by=curator)
    tasks.drain()
    return Suggestion.objects.get(term__label="boat")


def ask(client, suggestion):
    return client.get(reverse("colorizer:suggestion_region", args=[suggestion.pk]))


def test_it_is_given_with_its_words(client, viewer, suggestion):
    client.force_login(viewer)
    answer = ask(client, suggestion).json()
    assert answer["machine_made"] is True
    assert "sees “boat”: a machine’s reckoning" in answer["words"]
    assert max(map(max, answer["rows"])) == 255
    page = client.get(suggestion.photograph.get_absolute_url()).content.decode()
    assert f"/suggestions/{suggestion.pk}/region/" in page


def test_a_renamed_term_keeps_its_region(client, viewer, suggestion):
    suggestion.term.synonyms.create(label="boat")
    suggestion.term.label = "vessel"
    suggestion.term.save()
    client.force_login(viewer)
    assert ask(client, suggestion).json()["rows"]


def test_what_was_tagged_before_has_none_and_says_so(client, viewer, suggestion):
    TaggingResult.objects.update(regions=None)
    client.force_login(viewer)
    answer = ask(client, suggestion).json()
    assert answer["rows"] == []
    assert "ask for tags again" in answer["words"]


def test_who_may(client, stranger, viewer, suggestion):
    client.force_login(stranger)
    assert ask(client, suggestion).status_code == 403
    client.force_login(viewer)
    missing = reverse("colorizer:suggestion_region", args=[999])
    assert client.get(missing).status_code == 404
