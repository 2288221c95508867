"""Clients of the programming interface, one a role, and a catalogue to ask about."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from archive import describing
from archive.models import Collection, MasterFile, Photograph, Suggestion
from tests import catalogue


@pytest.fixture(autouse=True)
def unthrottled() -> Iterator[None]:
    """Forget what earlier tests asked."""
    cache.clear()
    yield
    cache.clear()


def signed_in(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def as_viewer(viewer: Any) -> APIClient:
    """Return the client of someone who may look."""
    return signed_in(viewer)


@pytest.fixture
def as_cataloguer(cataloguer: Any) -> APIClient:
    """Return the client of someone who describes."""
    return signed_in(cataloguer)


@pytest.fixture
def as_curator(curator: Any) -> APIClient:
    """Return the client of someone who decides."""
    return signed_in(curator)


@pytest.fixture
def as_stranger(stranger: Any) -> APIClient:
    """Return the client of someone with an account and no role."""
    return signed_in(stranger)


@pytest.fixture
def anonymous(db: None) -> APIClient:
    """Return the client of someone who has not signed in."""
    return APIClient()


@pytest.fixture
def fonds(db: None) -> Collection:
    """Return a collection at the top."""
    return catalogue.collection("GB1", title="Ferry photographs")


@pytest.fixture
def photograph(fonds: Collection) -> Photograph:
    """Return a described photograph."""
    return catalogue.photograph(
        "GB1/1",
        within=fonds,
        title="The ferry",
        rights="http://creativecommons.org/publicdomain/mark/1.0/",
    )


@pytest.fixture
def master(photograph: Photograph, data_dir: Path) -> MasterFile:
    """Return a master of it whose bytes are in the store."""
    row = catalogue.master(photograph, original_name="../ferry <1>.png")
    row.path.parent.mkdir(parents=True, exist_ok=True)
    row.path.write_bytes(b"scan")
    return row


@pytest.fixture
def suggestion(photograph: Photograph) -> Suggestion:
    """Return a waiting suggestion of “boat” for it."""
    return Suggestion.objects.create(
        photograph=photograph,
        term=describing.create_term("boat"),
        score=0.91,
        model_name=catalogue.MODEL.name,
        model_version=catalogue.MODEL.version,
        model_sha256=catalogue.MODEL.sha256,
        suggested_at=timezone.now(),
    )
