"""An accession's report, and its start and end."""

import pytest
from django.urls import reverse

from archive.ingest import examine
from archive.models import Accession, Photograph
from archive.vocabularies import AccessionState, ItemOutcome
from tests import catalogue
from tests.web import scans

pytestmark = pytest.mark.django_db


@pytest.fixture
def accession(data_dir, tmp_path, cataloguer):
    folder = scans.folder(
        tmp_path / "scans", a=scans.png(1), b=scans.png(90), c=b"no picture at all"
    )
    return examine(folder, catalogue.collection("F"), by=cataloguer)


def verb(name, accession):
    return reverse(f"archive:accession_{name}", args=[accession.pk])


def test_the_dry_run_says_what_would_happen(client, cataloguer, accession):
    client.force_login(cataloguer)
    response = client.get(accession.get_absolute_url())
    counts = {count.outcome: count.files for count in response.context["counts"]}
    assert counts == {ItemOutcome.NEW: 2, ItemOutcome.UNREADABLE: 1}
    page = response.content.decode()
    assert "Nothing is stored yet" in page
    assert "Ingest 2 new photographs" in page
    assert "data-poll" not in page


def test_it_is_ingested_and_reported(client, cataloguer, accession):
    client.force_login(cataloguer)
    response = client.post(verb("start", accession), follow=True)
    assert Photograph.objects.count() == 2
    page = response.content.decode()
    assert "See the photographs" in page
    for photograph in Photograph.objects.all():
        assert photograph.get_absolute_url() in page


def test_starting_again_is_answered_with_a_sentence(client, cataloguer, accession):
    client.force_login(cataloguer)
    client.post(verb("start", accession))
    page = client.post(verb("start", accession), follow=True).content.decode()
    assert "This accession is finished" in page
    assert Photograph.objects.count() == 2


def test_a_duplicate_leads_to_the_one_in_the_archive(
    client, cataloguer, accession, tmp_path
):
    client.force_login(cataloguer)
    client.post(verb("start", accession))
    again = examine(tmp_path / "scans", accession.collection, by=cataloguer)
    page = client.get(again.get_absolute_url()).content.decode()
    assert "There is nothing new here" in page
    assert Photograph.objects.first().get_absolute_url() in page


def test_one_outcome_can_be_looked_at(client, cataloguer, accession):
    client.force_login(cataloguer)
    address = accession.get_absolute_url()
    chosen = client.get(address, {"outcome": "unreadable"})
    assert [item.path for item in chosen.context["page"]] == ["c.png"]
    assert chosen.context["page"].object_list[0].reason
    unknown = client.get(address, {"outcome": "lost"})
    assert len(unknown.context["page"].object_list) == 3


@pytest.mark.parametrize("state", [AccessionState.EXAMINING, AccessionState.INGESTING])
def test_while_it_lives_the_part_that_changes_asks_again(
    client, viewer, accession, state
):
    Accession.objects.update(state=state)
    client.force_login(viewer)
    response = client.get(accession.get_absolute_url(), headers={"HX-Request": "true"})
    page = response.content.decode()
    assert "data-poll" in page
    assert "<html" not in page
    assert "it goes on where it stopped" in page


def test_progress_tells_how_far_and_how_fast(client, viewer, accession):
    client.force_login(viewer)
    examined = accession.items.get(path="a.png")
    examined.sha256 = ""
    examined.save()
    Accession.objects.update(state=AccessionState.EXAMINING)
    progress = client.get(accession.get_absolute_url()).context["progress"]
    assert (progress.done, progress.total) == (2, 3)
    Accession.objects.update(state=AccessionState.INGESTING)
    progress = client.get(accession.get_absolute_url()).context["progress"]
    assert (progress.done, progress.total, progress.remaining) == (0, 2, None)


def test_a_failed_file_can_be_tried_again(client, cataloguer, accession):
    client.force_login(cataloguer)
    client.post(verb("start", accession))
    accession.items.filter(path="c.png").update(outcome=ItemOutcome.FAILED)
    page = client.get(accession.get_absolute_url()).content.decode()
    assert "Try the failed one again" in page


def test_a_folder_without_pictures_says_what_to_do(
    client, cataloguer, data_dir, tmp_path
):
    client.force_login(cataloguer)
    empty = examine(
        scans.folder(tmp_path / "empty"), catalogue.collection("F"), by=cataloguer
    )
    page = client.get(empty.get_absolute_url()).content.decode()
    assert "Nothing to ingest" in page


def test_it_is_cancelled_once(client, cataloguer, accession):
    client.force_login(cataloguer)
    client.post(verb("cancel", accession))
    accession.refresh_from_db()
    assert accession.state == AccessionState.CANCELLED
    page = client.post(verb("cancel", accession), follow=True).content.decode()
    assert "This accession is cancelled" in page
    assert not Photograph.objects.exists()


def test_looking_never_starts_it(client, cataloguer, accession):
    client.force_login(cataloguer)
    assert client.post(accession.get_absolute_url()).status_code == 405
    for name in ("start", "cancel"):
        assert client.get(verb(name, accession)).status_code == 405
    accession.refresh_from_db()
    assert accession.state == AccessionState.EXAMINED


def test_a_viewer_looks_and_does_nothing(client, viewer, accession):
    client.force_login(viewer)
    page = client.get(accession.get_absolute_url()).content.decode()
    assert verb("start", accession) not in page
    for name in ("start", "cancel"):
        assert client.post(verb(name, accession)).status_code == 403


def test_a_stranger_may_not_look(client, stranger, accession):
    client.force_login(stranger)
    assert client.get(accession.get_absolute_url()).status_code == 403


def test_a_missing_accession_is_not_found(client, cataloguer):
    client.force_login(cataloguer)
    assert client.get(reverse("archive:accession", args=[404])).status_code == 404
    for name in ("start", "cancel"):
        gone = reverse(f"archive:accession_{name}", args=[404])
        assert client.post(gone).status_code == 404
