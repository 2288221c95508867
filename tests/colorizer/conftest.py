"""What tests about jobs may ask for: small models, and photographs with real files."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from archive.models import Photograph
from colorizer import jobs, tasks
from colorizer.models import Job
from colorizer.vocabularies import Kind
from tests.colorizer import drawn


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of checkpoints with random weights, under the usual names."""
    return drawn.checkpoints_in(tmp_path_factory.mktemp("models"))


@pytest.fixture(autouse=True)
def models(models_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the program use the checkpoints of the tests."""
    monkeypatch.setenv("AUTOCHROME_CHECKPOINTS", str(models_folder))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(settings, "TAGGERS", ["lite2-tags"])
    return models_folder


@pytest.fixture
def photographs(
    db: None, data_dir: Path, tmp_path: Path
) -> Callable[[int], list[Photograph]]:
    """Return a maker of photographs with small scans behind them."""

    def make(count: int) -> list[Photograph]:
        return drawn.photographs(tmp_path, count)

    return make


@pytest.fixture
def photograph(photographs: Callable[[int], list[Photograph]]) -> Photograph:
    """Return one photograph with a small scan behind it."""
    return photographs(1)[0]


@pytest.fixture
def job(photograph: Photograph, curator: Any) -> Job:
    """Return a colorization that waits in the queue."""
    return jobs.request([photograph], Kind.COLORIZE, by=curator).jobs[0]


@pytest.fixture
def running(job: Job) -> Job:
    """Return a colorization that a worker has taken."""
    return Job.objects.claim("a worker", 8)[0]


@pytest.fixture
def unloaded() -> Iterator[None]:
    """Load models afresh in this test, and forget them afterwards."""
    tasks._network.cache_clear()
    yield
    tasks._network.cache_clear()
