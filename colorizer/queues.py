"""The two queues, and the one place that speaks to django-q.

A message is a row of the catalogue, so it joins the caller's transaction: the work
and the message that announces it are kept together or not at all.
"""

from __future__ import annotations

import datetime as dt
import math
import multiprocessing

from django.db import transaction
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

VISION = "vision"
LIGHT = "light"
DRAIN = "colorizer.tasks.drain"
WARM_UP = "colorizer.tasks.warm_up"
JOBS_A_MESSAGE = 8
MESSAGES_AT_MOST = 8

# Made before the workers are forked, and set in their cluster's main process.
_stop = multiprocessing.Event()


class _LaterBroker(ORM):  # type: ignore[misc]
    """Puts messages in the queue that nobody takes for some seconds."""

    seconds = 0.0

    def enqueue(self, task: str) -> int:
        """Keep the message locked until it is due."""
        due = timezone.now() + dt.timedelta(seconds=self.seconds)
        row = self.get_connection().create(key=self.list_key, payload=task, lock=due)
        return int(row.pk)


def enqueue_light(function: str, *args: str | int) -> None:
    """Have a worker for light work call a function, at least once.

    Args:
        function: dotted path; safe to call again with the same arguments.
        args: primary keys and words, never objects.
    """
    async_task(function, *args, cluster=LIGHT)


def wake_vision(jobs: int) -> None:
    """Tell the workers for machine vision that so many jobs are new in the queue."""
    for _message in range(min(MESSAGES_AT_MOST, math.ceil(jobs / JOBS_A_MESSAGE))):
        async_task(DRAIN, cluster=VISION)


def warm_vision_up() -> None:
    """Have a worker load the usual colorizer before somebody waits for it."""
    async_task(WARM_UP, cluster=VISION)


def wake_vision_later(seconds: float) -> None:
    """Have a worker look at the queue after a while, unless one will anyway."""
    with transaction.atomic():
        now = timezone.now()
        if OrmQ.objects.filter(
            key=VISION, lock__lte=now + dt.timedelta(seconds=seconds)
        ).exists():
            return
        broker = _LaterBroker(VISION)
        broker.seconds = seconds
        async_task(DRAIN, broker=broker)


def vision_is_woken() -> bool:
    """Say whether a message waits that will have a worker look at the queue soon."""
    soon = timezone.now() + dt.timedelta(seconds=10)
    return bool(OrmQ.objects.filter(key=VISION, lock__lte=soon).exists())


def schedule_every_minute(name: str, function: str) -> None:
    """Have a function called once a minute by a worker for light work.

    There is one schedule of that name, however often this is called.
    """
    with transaction.atomic():
        same = Schedule.objects.filter(name=name)
        if same.filter(func=function, cluster=LIGHT).count() == 1 == same.count():
            return
        same.delete()
        Schedule.objects.create(
            name=name,
            func=function,
            cluster=LIGHT,
            schedule_type=Schedule.MINUTES,
            minutes=1,
            repeats=-1,
        )


def request_stop() -> None:
    """Have the workers forked from this process finish their picture and stop."""
    _stop.set()


def stopping() -> bool:
    """Say whether this worker has been asked to stop."""
    return _stop.is_set()
