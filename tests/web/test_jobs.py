"""The pages of machine vision: jobs, requests, and colours at full size."""

import datetime as dt

import numpy as np
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from archive import policy
from archive.vocabularies import Policy
from colorizer import progress
from colorizer.models import Job
from colorizer.templatetags import jobs as words
from tests import catalogue
from tests.web import drawn

pytestmark = pytest.mark.django_db
ADDRESS = "/jobs/"


def job(number=1, state="queued", **values):
    code = f"GB1/{number}"
    photograph = catalogue.photograph(code)
    given = {"kind": "colorize", "checkpoint": "lite0-fpn", "checkpoint_sha256": "0"}
    return Job.objects.create(
        photograph=photograph,
        master=catalogue.master(photograph),
        state=state,
        **(given | values),
    )


@pytest.fixture
def desk(client, cataloguer):
    client.force_login(cataloguer)
    return client


def post(client, name, *args, **values):
    return client.post(reverse(f"colorizer:{name}", args=args), values, follow=True)


def test_it_shows_the_queue_and_what_went_wrong(desk):
    job(1)
    job(2, "running", progress=40)
    job(3, "failed", reason="The disk is full.", attempts=1)
    page = desk.get(ADDRESS).content.decode()
    assert "The disk is full." in page
    assert 'value="40"' in page
    assert "Running now" in page


def test_polling_gets_the_fragment_alone(desk):
    job()
    page = desk.get(ADDRESS, headers={"HX-Request": "true"}).content.decode()
    assert 'id="jobs"' in page
    assert "<html" not in page


@pytest.mark.parametrize(
    ("query", "count"),
    [({"state": "failed"}, 1), ({"kind": "tag"}, 0), ({"state": "zzz"}, 2)],
)
def test_it_filters_by_state_and_kind(desk, query, count):
    job(1, "failed")
    job(2)
    assert len(desk.get(ADDRESS, query).context["jobs"]) == count


def test_pages_are_bounded_and_follow_each_other(desk):
    photograph = catalogue.photograph()
    master = catalogue.master(photograph)
    Job.objects.bulk_create(
        Job(
            kind="tag",
            photograph=photograph,
            master=master,
            state="succeeded",
            checkpoint="m",
            checkpoint_sha256="0",
        )
        for _each in range(120)
    )
    seen, before = [], ""
    while before is not None:
        page = desk.get(ADDRESS, {"before": before}).context
        seen += [each.pk for each in page["jobs"]]
        assert len(page["jobs"]) <= 50
        before = page["oldest"].pk if page["oldest"] else None
    assert len(seen) == len(set(seen)) == 120
    assert desk.get(ADDRESS, {"before": "nonsense"}).status_code == 200


def test_a_job_is_cancelled_and_retried(desk):
    found = job()
    assert "Cancelled 1 job." in post(desk, "job_cancel", found.pk).content.decode()
    assert "Nothing was changed" in post(desk, "job_cancel", found.pk).content.decode()
    post(desk, "job_retry", found.pk)
    found.refresh_from_db()
    assert found.state == "queued"


def test_everything_that_waits_is_cancelled_and_all_that_failed_retried(desk):
    job(1), job(2), job(3, "failed"), job(4, "errored"), job(5, "succeeded")
    post(desk, "jobs_cancel_queued")
    assert Job.objects.filter(state="cancelled").count() == 2
    post(desk, "jobs_retry_failed")
    assert Job.objects.queued().count() == 2
    assert "no such job" in post(desk, "jobs_retry_failed").content.decode()


def test_jobs_are_shown_to_viewers_and_changed_by_cataloguers(
    client, stranger, viewer, cataloguer
):
    found = job()
    client.force_login(stranger)
    assert client.get(ADDRESS).status_code == 403
    client.force_login(viewer)
    assert client.get(ADDRESS).status_code == 200
    assert client.post(ADDRESS).status_code == 405
    for name, args in (
        ("job_cancel", [found.pk]),
        ("job_retry", [found.pk]),
        ("jobs_cancel_queued", []),
        ("jobs_retry_failed", []),
        ("photograph_request", [found.photograph_id]),
    ):
        address = reverse(f"colorizer:{name}", args=args)
        client.force_login(viewer)
        assert client.post(address).status_code == 403
        client.force_login(cataloguer)
        assert client.get(address).status_code == 405


def test_what_does_not_exist_is_not_found(desk):
    missing = "00000000-0000-4000-8000-000000000000"
    assert desk.get(reverse("colorizer:job", args=[missing])).status_code == 404
    for name in ("job_cancel", "job_retry"):
        assert post(desk, name, missing).status_code == 404
    assert post(desk, "photograph_request", 999).status_code == 404


def test_a_traceback_is_for_administrators(client, viewer, administrator):
    found = job(1, "errored", traceback="Traceback: the secret line")
    client.force_login(viewer)
    page = client.get(found.get_absolute_url()).content.decode()
    assert "secret line" not in page
    assert "An administrator can see" in page
    client.force_login(administrator)
    assert "secret line" in client.get(found.get_absolute_url()).content.decode()


def test_rate_and_estimate_are_measured_or_not_said():
    now = timezone.now()
    job(1)
    assert progress.now().rate is None
    for number in range(2, 7):
        job(
            number,
            "succeeded",
            started_at=now - dt.timedelta(minutes=5),
            finished_at=now - dt.timedelta(minutes=number / 2),
        )
    told = progress.now()
    assert told.rate == pytest.approx(1.0, rel=0.05)
    assert told.left.total_seconds() == pytest.approx(60, rel=0.05)
    assert told.stalled


def test_a_restriction_refuses_a_request_with_its_reason(desk, curator):
    photograph = catalogue.photograph()
    policy.restrict_collection(
        photograph.collection, Policy.DO_NOT_COLORIZE, True, by=curator
    )
    answer = post(desk, "photograph_request", photograph.pk, kind="colorize")
    assert "must not be colorized" in answer.content.decode()
    assert "Do not colorize: GB1" in answer.content.decode()


def test_a_request_is_queued_once(desk, data_dir, tmp_path):
    photograph = drawn.photograph(tmp_path)
    first = post(desk, "photograph_request", photograph.pk, kind="colorize")
    assert "Colours are requested" in first.content.decode()
    again = post(desk, "photograph_request", photograph.pk, kind="colorize")
    assert "on their way" in again.content.decode()
    assert Job.objects.count() == 1
    unknown = post(desk, "photograph_request", photograph.pk, kind="cook")
    assert "Choose colours or tags" in unknown.content.decode()


def test_the_panel_polls_only_while_something_is_on_its_way(desk):
    found = job()
    address = reverse("colorizer:photograph_jobs", args=[found.photograph_id])
    assert b"data-poll" in desk.get(address).content
    found.cancel()
    assert b"data-poll" not in desk.get(address).content
    assert desk.post(address).status_code == 405


def test_the_desk_says_what_did_not_succeed(desk):
    for number in (1, 2):
        job(number, "failed", reason="The disk is full.", reason_code="disk_full")
    job(3, "errored", reason="A bug.", reason_code="error")
    job(4, "running", progress=40)
    page = desk.get(reverse("colorizer:desk_panel")).content.decode()
    assert "3 did not succeed" in page
    assert page.index("The disk is full.") < page.index("A bug.")
    assert "2 colorize" in page
    assert 'value="40"' in page
    assert reverse("colorizer:jobs_retry_failed") in page


def test_colours_are_downloaded_at_full_size_and_leave_nothing(
    client, viewer, data_dir, tmp_path
):
    photograph = drawn.photograph(tmp_path, size=(90, 70))
    colorization = drawn.colours(photograph)
    client.force_login(viewer)
    response = client.get(reverse("colorizer:colour_download", args=[colorization.pk]))
    saved = tmp_path / "saved.png"
    saved.write_bytes(b"".join(response.streaming_content))
    with (
        Image.open(saved) as coloured,
        Image.open(photograph.masters.get().path) as scan,
    ):
        assert coloured.mode == "RGB"
        assert np.array_equal(coloured.convert("L"), scan.convert("L"))
    assert response["Content-Disposition"].startswith("attachment")
    assert not list(settings.INCOMING_DIR.iterdir())


def test_colours_that_cannot_be_composed_are_explained(
    client, viewer, data_dir, tmp_path
):
    photograph = drawn.photograph(tmp_path)
    colorization = drawn.colours(photograph)
    photograph.masters.get().path.unlink()
    client.force_login(viewer)
    address = reverse("colorizer:colour_download", args=[colorization.pk])
    answer = client.get(address, follow=True)
    assert "cannot be read" in answer.content.decode()
    assert not list(settings.INCOMING_DIR.iterdir())
    assert client.post(address).status_code == 405
    missing = reverse("colorizer:colour_download", args=[999])
    assert client.get(missing).status_code == 404


@pytest.mark.parametrize(
    ("time", "said"),
    [(None, "–"), (1.26, "1.3 s"), (75, "1 min 15 s"), (7260, "2 h 01 min")],
)
def test_durations_are_written_for_people(time, said):
    assert words.seconds(time) == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0.2, "less than a minute"),
        (1, "about a minute"),
        (45, "about 45 minutes"),
        (300, "about 5 hours"),
        (4000, "about 3 days"),
    ],
)
def test_estimates_are_no_more_exact_than_they_can_be(minutes, said):
    assert words.roughly(dt.timedelta(minutes=minutes)) == said
