"""Messages: which queue they are in, how many, and when they are due."""

import datetime as dt

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from archive import background
from colorizer import queues

pytestmark = pytest.mark.django_db


def test_light_work_goes_to_its_own_queue(settings):
    settings.ARCHIVE_ENQUEUE = "colorizer.queues.enqueue_light"
    background.enqueue("archive.ingest.run", 7)
    row = OrmQ.objects.get()
    assert row.key == queues.LIGHT
    assert (row.task["func"], row.task["args"]) == ("archive.ingest.run", (7,))


@pytest.mark.parametrize(("jobs", "messages"), [(0, 0), (1, 1), (9, 2), (10_000, 8)])
def test_a_few_messages_wake_many_workers(jobs, messages):
    queues.wake_vision(jobs)
    assert OrmQ.objects.filter(key=queues.VISION).count() == messages


def test_a_later_message_is_due_later_and_alone():
    for _turn in range(2):
        queues.wake_vision_later(5)
    row = OrmQ.objects.get()
    due = row.lock - timezone.now()
    assert dt.timedelta(seconds=3) < due <= dt.timedelta(seconds=5)
    assert row.task["func"] == "colorizer.tasks.drain"


def test_the_queue_is_woken_while_a_message_is_due():
    assert not queues.vision_is_woken()
    queues.wake_vision(1)
    assert queues.vision_is_woken()
    OrmQ.objects.update(lock=timezone.now() + dt.timedelta(hours=3))
    assert not queues.vision_is_woken()


def test_a_worker_is_asked_to_stop_through_its_event():
    assert not queues.stopping()
    queues.request_stop()
    try:
        assert queues.stopping()
    finally:
        queues._stop.clear()
