"""Someone at the administration pages, and a catalogue to administer."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from archive import describing
from archive.models import Collection, Photograph, Suggestion
from tests import cast, catalogue


@pytest.fixture
def office(administrator: User, client: Client) -> Client:
    """Return the client of an administrator who has signed in."""
    client.force_login(administrator)
    return client


@pytest.fixture
def desk(db: None) -> Client:
    """Return the client of a viewer who may enter, and only look."""
    user = cast.viewer()
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def fonds(db: None) -> Collection:
    """Return a collection at the top."""
    return catalogue.collection("GB1", title="Ferry photographs")


@pytest.fixture
def photograph(fonds: Collection) -> Photograph:
    """Return a described photograph with a master."""
    made = catalogue.photograph(
        "GB1/1",
        within=fonds,
        title="The ferry",
        rights="http://creativecommons.org/publicdomain/mark/1.0/",
    )
    catalogue.master(made)
    return made


@pytest.fixture
def suggestion(photograph: Photograph) -> Suggestion:
    """Return a waiting suggestion for it."""
    return Suggestion.objects.create(
        photograph=photograph,
        term=describing.create_term("boat"),
        score=0.91,
        model_name=catalogue.MODEL.name,
        model_version=catalogue.MODEL.version,
        model_sha256=catalogue.MODEL.sha256,
        suggested_at=timezone.now(),
    )


def act(client: Client, model: str, action: str, *chosen: Any) -> list[str]:
    """Run a bulk action and return what was said about it."""
    answer = client.post(
        f"/admin/{model}/",
        {"action": action, "_selected_action": [one.pk for one in chosen]},
        follow=True,
    )
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]
