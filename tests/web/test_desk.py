"""The desk: what waits, what runs, what arrived lately."""

import pytest
from django.urls import reverse
from django.utils import timezone

from archive.models import (
    Accession,
    AccessionItem,
    Collection,
    Photograph,
    Suggestion,
)
from archive.vocabularies import AccessionState, ItemOutcome
from tests import catalogue

pytestmark = pytest.mark.django_db
ADDRESS = "/"


def test_an_empty_archive_leads_to_the_first_ingest(client, curator):
    client.force_login(curator)
    page = client.get(ADDRESS).content.decode()
    assert "Welcome to your archive" in page
    assert reverse("archive:ingest") in page


def test_it_shows_what_waits_and_what_arrived(client, curator):
    photograph = catalogue.photograph(title="A bridge")
    catalogue.colorization(catalogue.master(photograph))
    Suggestion.objects.create(
        photograph=photograph,
        term=catalogue.term("bridge"),
        score=0.7,
        model_name="m",
        model_version="1",
        model_sha256="ab" * 32,
        suggested_at=timezone.now(),
    )
    catalogue.photograph("GB1/2")
    client.force_login(curator)
    response = client.get(ADDRESS)
    context = response.context
    assert context["colorizations"] == context["suggestions"] == 1
    assert context["undescribed"] == 1
    assert [cell.photograph.reference_code for cell in context["cells"]] == [
        "GB1/2",
        "GB1/1",
    ]
    page = response.content.decode()
    assert 'href="/review/?show=colour">Review colours<' in page
    assert 'href="/review/?show=tags">Review tags<' in page
    assert "A bridge" in page
    assert f"{reverse('archive:search')}?state=undescribed" in page


def test_it_shows_a_persons_own_open_accessions(client, curator, cataloguer):
    collection = catalogue.collection()
    for person, source in ((curator, "/scans/mine"), (cataloguer, "/scans/theirs")):
        Accession.objects.create(
            collection=collection,
            source=source,
            state=AccessionState.EXAMINED,
            started_by=person,
        )
    client.force_login(curator)
    page = client.get(ADDRESS).content.decode()
    assert "/scans/mine" in page
    assert "/scans/theirs" not in page


def test_a_failed_ingest_is_everyones_and_a_running_one_shows_its_progress(
    client, curator, cataloguer
):
    catalogue.photograph(title="A bridge")
    for state in (AccessionState.FAILED, AccessionState.INGESTING):
        run = Accession.objects.create(
            collection=Collection.objects.get(),
            source=f"/scans/{state}",
            state=state,
            reason="The folder is gone.",
            started_by=cataloguer,
        )
    for number, outcome in enumerate([ItemOutcome.INGESTED, ItemOutcome.NEW]):
        AccessionItem.objects.create(
            accession=run,
            path=f"{number}.tif",
            outcome=outcome,
            photograph=None if number else Photograph.objects.get(),
        )
    client.force_login(curator)
    page = client.get(ADDRESS).content.decode()
    assert "The folder is gone." in page
    assert "1 of 2 files" in page


def test_what_arrived_lately_leads_on(client, curator):
    photograph = catalogue.photograph(title="A bridge")
    finished = Accession.objects.create(
        collection=photograph.collection,
        source="/scans",
        state=AccessionState.FINISHED,
        started_by=curator,
    )
    client.force_login(curator)
    assert client.get(ADDRESS).context["arrivals"] == []
    AccessionItem.objects.create(
        accession=finished,
        path="a.tif",
        outcome=ItemOutcome.INGESTED,
        photograph=photograph,
    )
    page = client.get(ADDRESS).content.decode()
    sheet = photograph.collection.get_absolute_url()
    assert f'href="{sheet}?order=newest"' in page
    assert f'href="{sheet}?state=undescribed&amp;order=newest"' in page


def test_the_sample_alone_still_leads_to_the_first_ingest(client, curator):
    photograph = catalogue.photograph(title="A sample")
    sample = {"collection": photograph.collection, "source": "sample"}
    Accession.objects.create(state=AccessionState.FINISHED, **sample)
    client.force_login(curator)
    page = client.get(ADDRESS).content.decode()
    assert "Bring in your own photographs" in page
    assert f'action="{reverse("archive:ingest_folder")}"' in page
    Accession.objects.create(collection=photograph.collection, source="/scans")
    page = client.get(ADDRESS).content.decode()
    assert "Bring in your own photographs" not in page


def test_nothing_waits_when_all_is_decided(client, viewer):
    catalogue.photograph(title="A bridge")
    client.force_login(viewer)
    page = client.get(ADDRESS).content.decode()
    assert "Nothing waits" in page
    assert "Ingest photographs" not in page  # a viewer cannot


def test_it_rejects_post(client, curator):
    client.force_login(curator)
    assert client.post(ADDRESS).status_code == 405


def test_someone_not_signed_in_is_asked_to(client, db):
    response = client.get(ADDRESS)
    assert response.status_code == 302
    assert response.url.startswith(reverse("login"))


def test_someone_without_a_role_is_told_so(client, stranger):
    client.force_login(stranger)
    response = client.get(ADDRESS)
    assert response.status_code == 403
    assert "Not for your role" in response.content.decode()


def test_looking_changes_nothing(client, curator):
    catalogue.photograph()
    client.force_login(curator)
    client.get(ADDRESS)
    client.get(ADDRESS)
    assert Photograph.objects.get().revision == 1
