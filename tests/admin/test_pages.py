"""Every page of the administration opens, and what is immutable cannot be changed."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from archive import describing, publishing, steering
from archive.models import Accession, AccessionItem
from archive.vocabularies import Purpose, ReviewState
from colorizer.models import Job
from colorizer.results import drafts
from colorizer.results.models import TaggingResult
from tests import catalogue

OURS = sorted(
    model._meta.label_lower.replace(".", "/")
    for model in admin.site._registry
    if model._meta.app_label in {"archive", "colorizer"}
)


@pytest.fixture
def everything(photograph, suggestion, curator, fonds) -> None:
    """Fill every table."""
    master = photograph.recto
    colours = catalogue.colorization(master)
    for purpose in (Purpose.THUMBNAIL, Purpose.COLOUR_THUMBNAIL):
        catalogue.colorization(
            master,
            purpose=purpose,
            source=colours if purpose == Purpose.COLOUR_THUMBNAIL else None,
            review_state=ReviewState.NOT_NEEDED,
            machine_interpretation=purpose == Purpose.COLOUR_THUMBNAIL,
        )
    describing.assign_term(photograph, suggestion.term, by=curator)
    publishing.publish(photograph, by=curator)
    steering.set_strength(photograph, 80, number=0, by=curator)
    run = Accession.objects.create(collection=fonds, source="/box")
    AccessionItem.objects.create(accession=run, path="a.tif", outcome="new")
    Job.objects.create(
        kind="tag",
        photograph=photograph,
        master=master,
        checkpoint="drawn-tagger",
        checkpoint_sha256="ab" * 32,
    )


@pytest.mark.parametrize("name", OURS)
def test_its_list_and_its_page_open(office: Client, everything, name: str) -> None:
    assert office.get(f"/admin/{name}/", {"q": "ferry"}).status_code == 200
    listed = office.get(f"/admin/{name}/")
    assert listed.status_code == 200
    assert "style=" not in listed.content.decode()
    one = listed.context["cl"].result_list[0]
    page = office.get(f"/admin/{name}/{one.pk}/change/")
    assert page.status_code == 200
    assert office.get(f"/admin/{name}/999999/change/").status_code == 302


@pytest.mark.parametrize("name", OURS)
def test_strangers_do_not_enter(client: Client, curator: Any, name: str) -> None:
    assert client.get(f"/admin/{name}/").status_code == 302
    client.force_login(curator)  # of the archive, and not of its administration
    assert client.get(f"/admin/{name}/").status_code == 302


@pytest.mark.parametrize(
    "name",
    [
        "archive/photograph",
        "archive/masterfile",
        "archive/derivative",
        "archive/event",
        "archive/publication",
        "archive/suggestion",
        "archive/accession",
        "colorizer/job",
    ],
)
def test_nobody_adds_or_deletes(office: Client, everything, name: str) -> None:
    assert office.get(f"/admin/{name}/add/").status_code == 403
    one = office.get(f"/admin/{name}/").context["cl"].result_list[0]
    assert office.post(f"/admin/{name}/{one.pk}/delete/").status_code == 403
    if name != "archive/photograph":
        assert office.post(f"/admin/{name}/{one.pk}/change/", {}).status_code == 403


def test_pictures_have_their_size(office: Client, everything) -> None:
    for name in ("photograph", "masterfile", "derivative"):
        page = office.get(f"/admin/archive/{name}/").content.decode()
        assert 'width="40" height="30" alt="' in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"published": "yes"}, 1),
        ({"published": "no"}, 0),
        ({"within": "1"}, None),
        ({"within": "nothing"}, 1),
        ({"sensitive__exact": "1"}, 0),
    ],
)
def test_photographs_are_filtered(
    office: Client, everything, fonds, query, count
) -> None:
    if "within" in query and count is None:
        query, count = {"within": fonds.pk}, 1
    page = office.get("/admin/archive/photograph/", query)
    assert page.context["cl"].result_count == count


@pytest.mark.results
def test_drafts_are_shown(office: Client) -> None:
    made = TaggingResult.objects.create(
        job_id=catalogue.digest("job")[:32],
        photograph_id=1,
        master_id=1,
        model_name="tagger",
        model_version="1",
        created_at=timezone.now(),
        scores={"boat": 0.9},
    )
    assert office.get("/admin/results/taggingresult/").status_code == 200
    page = office.get(f"/admin/results/taggingresult/{made.pk}/change/")
    assert "boat" in page.content.decode()


def test_drafts_whose_database_is_away(office: Client, monkeypatch: Any) -> None:
    def away(*_args: Any, **_words: Any) -> Any:
        raise OperationalError

    monkeypatch.setattr(drafts.ColorizationResult.objects, "filter", away)
    for address in ("", "7b8f5c1e-6f0a-4c58-9e0c-0123456789ab/change/"):
        answer = office.get(f"/admin/results/taggingresult/{address}", follow=True)
        assert answer.status_code == 200
        assert "results database" in answer.content.decode()


def test_drafts_are_not_for_strangers(client: Client, stranger: Any) -> None:
    stranger.is_staff = True
    stranger.save()
    client.force_login(stranger)
    assert client.get("/admin/results/taggingresult/").status_code == 403
