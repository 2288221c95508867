"""Reaping: lost jobs are found, others are left alone."""

import datetime as dt
import subprocess
import sys

import psutil
import pytest
from django.core.management import call_command
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from colorizer import apps, jobs, queues
from colorizer.models import Job
from colorizer.vocabularies import JobState

pytestmark = pytest.mark.django_db


def expire() -> None:
    Job.objects.update(lease_expires_at=timezone.now() - dt.timedelta(seconds=1))


def test_a_job_with_a_lease_is_left_alone(running):
    assert jobs.reap() == jobs.Reaped()
    running.refresh_from_db()
    assert running.state == JobState.RUNNING


def test_a_job_without_a_lease_goes_back_and_the_queue_wakes(running):
    OrmQ.objects.all().delete()
    expire()
    assert jobs.reap() == jobs.Reaped(requeued=1, woken=True)
    running.refresh_from_db()
    assert (running.state, running.attempts) == (JobState.QUEUED, 1)
    assert OrmQ.objects.filter(key=queues.VISION).count() == 1
    assert jobs.reap() == jobs.Reaped()


def test_a_job_lost_too_often_fails_and_names_the_picture(job):
    for attempt in range(job.max_attempts):
        assert Job.objects.claim(f"worker {attempt}", 1)
        expire()
        found = jobs.reap()
    assert found.failed == 1
    job.refresh_from_db()
    assert (job.state, job.reason_code) == (JobState.FAILED, "worker_lost")
    assert "GB1/0001 (scan-1.png)" in job.reason


def test_a_dead_process_of_this_machine_is_noticed_at_once(job):
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    began = int(psutil.Process(process.pid).create_time())
    assert Job.objects.claim(f"{jobs.HOST}/{process.pid}/{began}/1", 1)
    assert jobs.reap().requeued == 0
    process.kill()
    process.wait()
    assert jobs.reap().requeued == 1


def test_a_number_used_again_by_another_process_deceives_nobody(job):
    began = int(psutil.Process().create_time()) - 3600
    assert Job.objects.claim(f"{jobs.HOST}/{psutil.Process().pid}/{began}/1", 1)
    assert jobs.reap().requeued == 1


def test_a_process_of_another_machine_is_judged_by_its_lease_alone(job):
    assert Job.objects.claim("elsewhere/1/1/1", 1)
    assert jobs.reap().requeued == 0


def test_this_process_is_alive(job):
    assert Job.objects.claim(jobs.new_claim(), 1)
    assert jobs.reap() == jobs.Reaped()


def test_a_cancelled_job_of_a_lost_worker_is_cancelled(running):
    running.cancel()
    expire()
    assert jobs.reap().cancelled == 1


def test_a_queue_that_sleeps_over_jobs_is_woken_once(job):
    OrmQ.objects.all().delete()
    apps.worker_started()
    assert jobs.reap().woken is False
    assert OrmQ.objects.count() == 1


def test_there_is_one_schedule_however_often_it_is_made():
    Schedule.objects.create(name="reap jobs", func="colorizer.jobs.reap")
    for _turn in range(2):
        apps.schedule_reaper()
        made = Schedule.objects.get(name="reap jobs")
        assert (made.func, made.cluster, made.minutes) == (
            "colorizer.jobs.reap",
            queues.LIGHT,
            1,
        )


def test_the_command_tells_what_it_found(running, capsys):
    expire()
    call_command("reap")
    assert capsys.readouterr().out.startswith("1 back in the queue, 0 given up")
