"""Jobs: requested one by one or many at once, followed, cancelled, retried."""

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from archive import policy
from archive.models import Photograph
from archive.vocabularies import Policy
from colorizer import jobs
from colorizer.models import Job
from tests import catalogue

LIST = "/api/jobs/"


@pytest.fixture(autouse=True)
def unwoken(monkeypatch: Any) -> None:
    """Leave the jobs in the queue: workers are another test's."""
    monkeypatch.setattr("colorizer.queues.wake_vision", lambda _count: None)


def ask(client: APIClient, **body):
    return client.post(LIST, body, format="json")


def test_one_is_requested_once(as_cataloguer: APIClient, photograph, master) -> None:
    answer = ask(as_cataloguer, kind="colorize", photographs=[photograph.pk])
    assert answer.status_code == 202, answer.content
    assert answer.json()["requested"] == 1
    [key] = answer.json()["jobs"]
    again = ask(as_cataloguer, kind="colorize", photographs=[photograph.pk]).json()
    assert (again["requested"], again["already"]) == (0, 1)
    assert again["jobs"] == [key]
    shown = as_cataloguer.get(f"{LIST}{key}/").json()
    assert shown["state"] == "queued"
    assert shown["requested_by"] == "cataloguer"
    assert shown["result"] is None


def test_many_are_requested_with_refusals(
    as_cataloguer: APIClient, fonds, photograph, master, curator
) -> None:
    bare = catalogue.photograph("GB1/2", within=fonds)
    kept = catalogue.photograph("GB1/3", within=fonds)
    catalogue.master(kept)
    policy.restrict(
        Photograph.objects.filter(pk=kept.pk), Policy.DO_NOT_TAG, True, by=curator
    )
    answer = ask(
        as_cataloguer,
        kind="tag",
        photographs=[photograph.pk, bare.pk, kept.pk, 999_999],
    ).json()
    assert (answer["requested"], answer["refused"]) == (2, 2)  # two taggers
    assert answer["not_found"] == [999_999]
    assert {each["photograph"]: each["code"] for each in answer["refusals"]} == {
        bare.pk: "no_recto",
        kept.pk: "do_not_tag",
    }


def test_a_whole_collection_is_requested(
    as_cataloguer: APIClient, fonds, master
) -> None:
    answer = ask(as_cataloguer, kind="tag", collection=fonds.pk).json()
    assert answer["requested"] == 2  # one photograph, two taggers
    named = ask(as_cataloguer, kind="tag", collection=fonds.pk, model="lite0-terms")
    assert (named.json()["requested"], named.json()["already"]) == (0, 1)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "tag"}, 400),
        ({"kind": "paint", "photographs": [1]}, 400),
        ({"kind": "tag", "photographs": [1], "collection": 1}, 400),
        ({"kind": "tag", "photographs": []}, 400),
        ({"kind": "tag", "photographs": [10**30]}, 400),
        ({"kind": "tag", "photographs": [1], "model": "no-such-model"}, 422),
        ({"kind": "tag", "photographs": [1], "model": "../../etc/passwd"}, 422),
    ],
)
def test_it_refuses(as_cataloguer: APIClient, body, status) -> None:
    answer = ask(as_cataloguer, **body)
    assert answer.status_code == status, answer.content


def test_a_collection_that_is_too_large(
    as_cataloguer: APIClient, fonds, master, monkeypatch: Any
) -> None:
    monkeypatch.setattr("colorizer.api.jobs.MOST_PHOTOGRAPHS", 0)
    answer = ask(as_cataloguer, kind="tag", collection=fonds.pk)
    assert answer.status_code == 413


@pytest.fixture
def job(photograph, master, cataloguer) -> Job:
    [made] = jobs.request([photograph], "colorize", by=cataloguer).jobs
    return made


def test_it_is_cancelled_and_retried(as_cataloguer: APIClient, job: Job) -> None:
    cancelled = as_cataloguer.post(f"{LIST}{job.pk}/cancel/")
    assert cancelled.json()["state"] == "cancelled"
    again = as_cataloguer.post(f"{LIST}{job.pk}/cancel/")
    assert again.status_code == 409
    assert again.json()["code"] == "not_in_this_state"
    assert as_cataloguer.post(f"{LIST}{job.pk}/retry/").json()["state"] == "queued"
    assert as_cataloguer.post(f"{LIST}{job.pk}/retry/").status_code == 409


def test_many_are_cancelled_and_retried(as_cataloguer: APIClient, job: Job) -> None:
    for verb in ("cancel", "retry"):
        for left_out in (0, 1):
            body = {"jobs": [str(job.pk), str(uuid.uuid4())]}
            answer = as_cataloguer.post(f"{LIST}{verb}/", body, format="json").json()
            assert len(answer["done"]) == 1 - left_out
            assert len(answer["refusals"]) == left_out


def test_it_tells_the_progress(as_viewer: APIClient, job: Job) -> None:
    told = as_viewer.get(f"{LIST}progress/").json()
    assert told["counts"]["queued"] == 1
    assert told["live"] == 1
    assert told["jobs_per_minute"] is None
    assert told["seconds_left"] is None


def test_it_lists_and_filters(as_viewer: APIClient, job: Job) -> None:
    query = {"state": "queued", "kind": "colorize", "photograph": job.photograph_id}
    [shown] = as_viewer.get(LIST, query).json()["results"]
    assert "traceback" not in shown
    assert as_viewer.get(LIST, {"state": "running"}).json()["count"] == 0


def test_a_traceback_is_for_administrators(
    as_viewer: APIClient, administrator: Any, job: Job
) -> None:
    Job.objects.filter(pk=job.pk).update(state="errored", traceback="Traceback: …")
    assert as_viewer.get(f"{LIST}{job.pk}/").json()["traceback"] == ""
    client = APIClient()
    client.force_authenticate(administrator)
    assert client.get(f"{LIST}{job.pk}/").json()["traceback"] == "Traceback: …"


def test_it_is_missing(as_viewer: APIClient) -> None:
    assert as_viewer.get(f"{LIST}{uuid.uuid4()}/").status_code == 404
    assert as_viewer.get(f"{LIST}1/").status_code == 404
