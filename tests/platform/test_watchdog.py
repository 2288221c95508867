"""A part that keeps ending, the locks of dead workers, and logs that grow."""

import datetime as dt
import sys
from pathlib import Path

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from config import children
from config.children import Child
from config.watchdog import Queue, Watchdog, Web, release_locks


@pytest.mark.django_db
def test_a_part_that_keeps_ending_is_tried_less_and_less_often(tmp_path: Path) -> None:
    part = Web(Child("web", [sys.executable, "-c", "print('oh')"], tmp_path), "")
    said: list[str] = []
    watchdog = Watchdog({"The web server": part}, said.append)
    part.child.start()
    for _turn in range(3):
        part.child.end(10)
        watchdog.look()
    assert len(said) == 3
    assert said[0] == said[1] == "The web server has stopped; starting it again."
    assert "has stopped again; the next try is in 2 s" in said[2]
    assert str(tmp_path / "web.log") in said[2]
    assert watchdog.restarted == 2
    assert "oh" in part.child.log.read_text()


@pytest.mark.django_db
def test_work_that_is_put_off_does_not_make_a_queue_stuck(tmp_path: Path) -> None:
    queue = Queue(Child("light", [sys.executable, "-c", ""], tmp_path))
    soon = timezone.now() + dt.timedelta(minutes=5)
    OrmQ.objects.create(key="light", payload="later", lock=soon)
    for _turn in range(2):
        assert not queue._stuck(set())
        assert queue.waiting is None


@pytest.mark.django_db
def test_one_queues_locks_are_released_and_not_the_others() -> None:
    held = timezone.now() + dt.timedelta(hours=2)
    for key in ("light", "light", "vision"):
        OrmQ.objects.create(key=key, payload="task", lock=held)
    assert release_locks("light") == 2
    assert OrmQ.objects.filter(lock__gt=timezone.now()).get().key == "vision"
    assert release_locks() == 1


def test_a_log_that_has_grown_is_turned_over_under_its_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "LOG_BYTES", 100)
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as writer:
        for number in range(6):
            writer.write(f"{number}".encode() * 100)
            children.turn_over(log)
        writer.write(b"the end")
    assert log.read_text() == "the end"
    kept = sorted(tmp_path.glob("web.log.*"))
    assert [path.read_text()[0] for path in kept] == ["5", "4", "3"]
