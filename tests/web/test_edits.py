"""Editing many photographs: the form, the preview, applying, undoing, by role."""

import pytest
from django.urls import reverse

from archive import batches
from archive.batches import Operations, Selection, TextChange
from archive.models import Batch, Photograph
from archive.vocabularies import BatchState
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(db):
    within = catalogue.collection("F", title="Kessler")
    return [
        catalogue.photograph(f"F/{n}", within=within, title=f"Plate {n}")
        for n in (1, 2)
    ]


def keys(photographs):
    return ",".join(str(p.pk) for p in photographs)


def ask(client, photographs, **values):
    given = {"photographs": keys(photographs), **values}
    return client.post(reverse("archive:edit_many"), given)


def preview(client, photographs, **values):
    given = {"place_how": "set", "place_value": "Graz", "preview": "1", **values}
    return ask(client, photographs, **given)


def test_it_asks_previews_applies_and_undoes(client, cataloguer, two):
    client.force_login(cataloguer)
    asked = ask(client, two)
    assert asked.status_code == 200
    assert "Edit 2 photographs" in asked.content.decode()
    answer = preview(client, two, add_terms="harbour\n\nharbour\nboat")
    batch = Batch.objects.get()
    assert answer.url == batch.get_absolute_url()
    page = client.get(answer.url).content.decode()
    assert "Change 2 photographs" in page
    assert "harbour, boat" in page
    assert not Photograph.objects.filter(place="Graz").exists()
    client.post(reverse("archive:batch_apply", args=[batch.pk]))
    assert Photograph.objects.filter(place="Graz").count() == 2
    answer = client.post(reverse("archive:batch_undo", args=[batch.pk]))
    assert not Photograph.objects.filter(place="Graz").exists()
    assert answer.url == Batch.objects.get(reverts=batch).get_absolute_url()
    listed = client.get(reverse("archive:batches")).content.decode()
    assert "Undone" in listed
    assert "cataloguer" in listed


def test_what_is_asked_can_be_changed(client, cataloguer, two):
    client.force_login(cataloguer)
    preview(client, two, creator_how="replace", creator_find="a", creator_value="b")
    page = client.get(reverse("archive:edit_again", args=[Batch.objects.get().pk]))
    text = page.content.decode()
    assert 'value="Graz"' in text
    assert f'value="{keys(two)}"' in text
    client.post(reverse("archive:batch_discard", args=[Batch.objects.get().pk]))
    assert not Batch.objects.exists()


def test_what_cannot_be_meant_is_said_beside_the_field(client, cataloguer, two):
    client.force_login(cataloguer)
    answer = preview(client, two, date_edtf_how="set", date_edtf_value="some day")
    assert answer.status_code == 422
    assert "is not an EDTF date" in answer.content.decode()
    assert not Batch.objects.exists()


def test_nothing_selected_leads_back(client, cataloguer, two):
    client.force_login(cataloguer)
    answer = client.post(reverse("archive:edit_many"), {"next": "/search/"})
    assert answer.url == "/search/"


def test_a_missing_collection_is_not_found(client, cataloguer, two):
    client.force_login(cataloguer)
    given = {"everything": "1", "collection": "404"}
    assert client.post(reverse("archive:edit_many"), given).status_code == 404


def test_all_that_match_is_edited(client, cataloguer, two):
    client.force_login(cataloguer)
    given = {
        "everything": "1",
        "matching": "words=Plate",
        "collection": str(two[0].collection_id),
        "place_how": "set",
        "place_value": "Graz",
        "preview": "1",
    }
    client.post(reverse("archive:edit_many"), given)
    assert Batch.objects.get().items.count() == 2


def test_the_form_offers_what_the_role_allows(client, cataloguer, curator, viewer, two):
    client.force_login(cataloguer)
    assert 'name="sensitive"' not in ask(client, two).content.decode()
    client.force_login(curator)
    assert 'name="sensitive"' in ask(client, two).content.decode()
    client.force_login(viewer)
    assert ask(client, two).status_code == 403


def test_a_restriction_smuggled_in_is_not_asked_for(client, cataloguer, two):
    client.force_login(cataloguer)
    preview(client, two, sensitive="set")
    assert Batch.objects.get().needs == ["archive.change_photograph"]


def test_only_its_maker_applies_a_preview(client, curator, cataloguer, viewer, two):
    batch = batches.propose_edit(
        Selection(keys=(two[0].pk,)),
        Operations(
            texts={"place": TextChange("set", "Graz")}, flags={"sensitive": True}
        ),
        by=curator,
    )
    client.force_login(cataloguer)
    for verb in ("apply", "discard", "stop"):
        address = reverse(f"archive:batch_{verb}", args=[batch.pk])
        assert client.post(address).status_code == 404
        assert client.get(address).status_code == 405
    batches.apply(batch)
    undo = reverse("archive:batch_undo", args=[batch.pk])
    assert client.post(undo).status_code == 403
    client.force_login(viewer)
    assert client.post(undo).status_code == 403
    assert client.get(batch.get_absolute_url()).status_code == 200
    batch.refresh_from_db()
    assert batch.state == BatchState.APPLIED


def test_a_stranger_sees_no_batch(client, stranger, two):
    client.force_login(stranger)
    assert client.get(reverse("archive:batches")).status_code == 403
    client.logout()
    assert "login" in client.get(reverse("archive:batches")).url


def test_applying_twice_changes_nothing_more(client, curator, two):
    client.force_login(curator)
    preview(client, two)
    address = reverse("archive:batch_apply", args=[Batch.objects.get().pk])
    for _time in range(2):
        assert client.post(address).status_code == 302
    assert two[0].events.filter(action="described").count() == 1


def test_a_date_is_read_while_it_is_written(client, cataloguer):
    client.force_login(cataloguer)
    address = reverse("archive:edit_date")
    said = client.get(address, {"date_text_value": "about 1923"}).content.decode()
    assert "1923~" in said
    said = client.get(
        address, {"date_text_value": "about 1923 or 1925"}
    ).content.decode()
    assert "Not understood" in said
