"""Photographs that look alike: the index, what is asked of it, page, panel and API."""

import datetime as dt
import os

import numpy as np
import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from archive.ingest.resemblance import Resemblances
from colorizer.alike import asking, index, keeping
from colorizer.alike.index import State
from tests import catalogue
from tests.colorizer.alike_drawn import features, seen

pytestmark = pytest.mark.results


@pytest.fixture(autouse=True)
def afresh(data_dir, monkeypatch):
    """Know nothing of the archives of other tests."""
    monkeypatch.setattr(index, "_open", None)
    monkeypatch.setattr(asking, "_hashes", Resemblances(read=False))


@pytest.fixture
def three(results_database):
    """Return three photographs: two alike, the third of something else."""
    found = [catalogue.photograph(f"GB1/{n}", title=f"Plate {n}") for n in range(3)]
    like = features(1)
    seen(found[0], like)
    seen(found[1], features(2, near=like, noise=0.1))
    seen(found[2], features(3))
    return found


def test_the_most_alike_comes_first_with_its_likeness(three):
    state = keeping.refresh()
    assert (state.count, state.width) == (3, 32)
    answer = asking.alike(three[0])
    nearest = [*answer.same, *answer.others]
    assert [each.photograph for each in nearest] == [three[1], three[2]]
    exact = float(features(1) @ features(2, near=features(1), noise=0.1))
    assert nearest[0].likeness == pytest.approx(exact, abs=0.01)
    assert answer.waiting == 0


def test_it_finds_what_brute_force_finds(db):
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(300, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    shots = [catalogue.photograph(f"GB1/{n}") for n in range(300)]
    for photograph, vector in zip(shots, vectors, strict=True):
        seen(photograph, vector)
    keeping.refresh()
    found = index.reader().nearest(index.vector_of(_bytes(vectors[7])), 10)
    exact = np.argsort(-(vectors @ vectors[7]))[:10]
    agreed = {key for key, _ in found} & {shots[place].pk for place in exact}
    assert len(agreed) >= 9
    assert found[0] == (shots[7].pk, pytest.approx(1, abs=0.01))


def _bytes(vector):
    return vector.astype(np.float16).tobytes()


def test_a_new_draft_joins_and_a_newer_one_replaces(three):
    keeping.refresh()
    fourth = catalogue.photograph("GB1/9")
    seen(fourth, features(4, near=features(3), noise=0.05))
    seen(three[1], features(5, near=features(3), noise=0.05))
    answer = asking.alike(three[0])
    assert answer.waiting == 2
    state = keeping.refresh()
    assert state.count == 4
    answer = asking.alike(three[2])
    assert {each.photograph for each in answer.same} == {fourth, three[1]}
    assert len(list(index.folder().glob("*.usearch*"))) == 1


def test_killed_before_it_is_named_the_old_index_stands(three, monkeypatch):
    before = keeping.refresh()
    seen(catalogue.photograph("GB1/9"), features(4))
    with monkeypatch.context() as patch:
        patch.setattr(State, "write", _killed)
        with pytest.raises(OSError, match="killed"):
            keeping.refresh()
    assert State.read() == before
    assert len(asking.alike(three[0]).others) >= 1
    after = keeping.refresh()
    assert after.count == 4
    names = {path.name for path in index.folder().glob("*.usearch*")}
    assert names == {after.file}


def _killed(*_args):
    raise OSError("killed")


@pytest.mark.parametrize("damage", ["{", "{}", '{"model": 1}'])
def test_an_index_that_cannot_be_read_is_made_again(three, damage):
    keeping.refresh()
    (index.folder() / index.POINTER).write_text(damage)
    assert index.reader() is None
    assert "being made" in asking.alike(three[0]).reason
    keeping.refresh_when_due()
    assert asking.alike(three[0]).reason == ""


def test_it_is_written_anew_only_when_that_is_worth_it(db, monkeypatch):
    for number in range(200):
        seen(catalogue.photograph(f"GB1/{number}"), features(number))
    keeping.refresh_when_due()
    first = State.read()
    seen(catalogue.photograph("GB1/new"), features(900))
    keeping.refresh_when_due()
    assert State.read() == first
    later = timezone.now() + dt.timedelta(minutes=11)
    monkeypatch.setattr(keeping.timezone, "now", lambda: later)
    keeping.refresh_when_due()
    assert State.read().count == 201


def test_two_do_not_write_at_once(three):
    index.folder().mkdir(parents=True)
    with keeping.FileLock(index.folder() / "lock"):
        assert keeping.refresh() is None
    assert keeping.refresh().count == 3


def test_the_command_makes_it_again(three, capsys):
    keeping.refresh()
    os.truncate(index.folder() / State.read().file, 10)
    call_command("index_alike", anew=True)
    assert "3 photographs, as lite2-tags saw them." in capsys.readouterr().out
    assert len(index.reader().nearest(index.vector_of(_bytes(features(1))), 9)) == 3


def test_reasons_are_said_in_words(three):
    keeping.refresh()
    never = catalogue.photograph("GB1/7")
    assert "No tagger has looked" in asking.alike(never).reason
    before = catalogue.photograph("GB1/8", tagged_at=timezone.now())
    seen(before, None)
    assert "before its features were kept" in asking.alike(before).reason


def test_what_must_not_be_tagged_is_neither_asked_nor_found(three):
    keeping.refresh()
    three[1].do_not_tag = True
    three[1].save()
    shown = asking.alike(three[0])
    assert three[1] not in [each.photograph for each in [*shown.same, *shown.others]]
    assert "not to be tagged" in asking.alike(three[1]).reason


def test_near_hashes_stand_beside(three):
    keeping.refresh()
    for photograph, text in zip(
        three, ("f0f0f0f0", "0f0f0f0f", "f0f0f0f1"), strict=True
    ):
        catalogue.master(photograph, perceptual_hash="0f0f0f0f" + text)
    answer = asking.alike(three[0])
    same = {each.photograph: each.bits for each in answer.same}
    assert same[three[2]] == 1
    assert three[1] not in same or same[three[1]] is None
    catalogue.master(catalogue.photograph("GB1/z"), perceptual_hash="0f0f0f0ff0f0f0f3")
    assert {each.bits for each in asking.alike(three[0]).same} >= {1, 2}


def test_the_page_says_that_a_machine_compares(client, viewer, three):
    keeping.refresh()
    client.force_login(viewer)
    address = reverse("colorizer:alike", args=[three[0].pk])
    page = client.get(address).content.decode()
    assert "A machine’s comparison: what lite2-tags saw of 3 photographs" in page
    assert "Plate 1" in page
    assert client.post(address).status_code == 405
    assert client.get(reverse("colorizer:alike", args=[999])).status_code == 404


def test_the_panel_is_filled_when_it_is_seen(client, viewer, three):
    keeping.refresh()
    client.force_login(viewer)
    page = client.get(three[0].get_absolute_url()).content.decode()
    panel = reverse("colorizer:alike_panel", args=[three[0].pk])
    assert f'hx-get="{panel}"' in page
    assert "Plate 1" in client.get(panel).content.decode()


def test_asking_for_tags_is_offered_to_those_who_may(client, viewer, cataloguer, db):
    photograph = catalogue.photograph("GB1/7")
    address = reverse("colorizer:alike_panel", args=[photograph.pk])
    for person, offered in ((viewer, False), (cataloguer, True)):
        client.force_login(person)
        assert (">Ask for tags<" in client.get(address).content.decode()) is offered


def test_a_stranger_sees_nothing(client, stranger, three):
    client.force_login(stranger)
    for name in ("alike", "alike_panel"):
        address = reverse(f"colorizer:{name}", args=[three[0].pk])
        assert client.get(address).status_code == 403


def test_the_interface_answers_alike(viewer, stranger, three):
    keeping.refresh()
    api = APIClient()
    address = f"/api/alike/{three[0].pk}/"
    assert api.get(address).status_code == 401
    api.force_authenticate(stranger)
    assert api.get(address).status_code == 403
    api.force_authenticate(viewer)
    answer = api.get(address).json()
    assert answer["machine_made"] is True
    assert answer["compared"] == 3
    assert answer["model"]["name"] == "lite2-tags"
    nearest = [*answer["same"], *answer["others"]][0]
    assert nearest["photograph"] == three[1].pk
    assert api.get("/api/alike/999/").status_code == 404
