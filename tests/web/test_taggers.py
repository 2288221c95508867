"""The page of taggers, and its report of what another one would change."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from archive.models import Suggestion
from colorizer import jobs, tasks
from colorizer.models import Job
from colorizer.vocabularies import Kind
from tests.colorizer import drawn

pytestmark = [pytest.mark.django_db, pytest.mark.results]
OLD, NEW = "lite2-tags", "lite2-tags-own"
WORDS = {"old": OLD, "new": NEW}


@pytest.fixture
def tagged(
    results_database: None,
    curator: Any,
    data_dir: Any,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    """Two photographs that the tagger in use has looked at."""
    folder = drawn.checkpoints_in(tmp_path)
    drawn.checkpoints_in(
        folder, suffix="-own", scores={"boat": 0.1, "dog": 0.8, "sea": 0.9}
    )
    monkeypatch.setenv("AUTOCHROME_CHECKPOINTS", str(folder))
    settings.TAGGERS = [OLD]
    tasks._network.cache_clear()
    jobs.request(drawn.photographs(tmp_path, 2), Kind.TAG, by=curator)
    tasks.drain()


def page(client: Client, **words: str) -> str:
    answer = client.get(reverse("colorizer:taggers"), words)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_it_lists_the_taggers_and_which_is_in_use(
    tagged: None, client: Client, curator: Any
) -> None:
    client.force_login(curator)
    told = page(client)
    assert NEW in told
    assert told.count("In use") == 1


def test_it_proposes_the_one_in_use_and_another(
    tagged: None, client: Client, curator: Any
) -> None:
    client.force_login(curator)
    chosen = re.findall(r'value="([^"]+)"\s+selected', page(client))
    assert chosen == [OLD, NEW]


def test_it_asks_for_a_trial_then_reports(
    tagged: None, client: Client, curator: Any
) -> None:
    client.force_login(curator)
    assert "has not looked at 2" in page(client, **WORDS)
    before = list(Suggestion.objects.values())
    answer = client.post(reverse("colorizer:tagger_trial"), WORDS)
    assert answer.status_code == 302
    assert Job.objects.filter(checkpoint=NEW).count() == 2
    tasks.drain()
    told = " ".join(page(client, **WORDS).split())
    assert "Added: 2" in told
    assert "Dropped: 2" in told
    assert "Nothing decided is contradicted" in told
    assert "GB1/0001" in told
    assert list(Suggestion.objects.values()) == before


@pytest.mark.parametrize("new", ["gone", "lite0-fpn"])
def test_what_is_no_tagger_is_told(
    tagged: None, client: Client, curator: Any, new: str
) -> None:
    client.force_login(curator)
    assert new in page(client, old=OLD, new=new)
    answer = client.post(
        reverse("colorizer:tagger_trial"), {"old": OLD, "new": new}, follow=True
    )
    assert answer.status_code == 200
    assert not Job.objects.exclude(checkpoint=OLD).exists()


def test_who_may_not_request_may_not_try(
    tagged: None, client: Client, viewer: Any
) -> None:
    client.force_login(viewer)
    assert client.post(reverse("colorizer:tagger_trial"), WORDS).status_code == 403


def test_strangers_see_nothing(client: Client, stranger: Any) -> None:
    client.force_login(stranger)
    assert client.get(reverse("colorizer:taggers")).status_code == 403


def test_looking_never_asks(tagged: None, client: Client, curator: Any) -> None:
    client.force_login(curator)
    assert client.get(reverse("colorizer:tagger_trial"), WORDS).status_code == 405
