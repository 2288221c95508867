"""Every operation, asked with what a generator thinks of: never a server error.

Examples are generated from the OpenAPI description, valid and invalid. What comes
back must be described there, in its media type and its schema. With the variable
`AUTOCHROME_TEST_DEEP` every boundary of every parameter is tried too, for some minutes.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from rest_framework.authtoken.models import Token
from rest_framework.throttling import SimpleRateThrottle
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from archive import describing
from config.wsgi import application
from tests import cast, catalogue

EXAMPLES = 5

bounded = SchemathesisConfig.from_dict(
    {"phases": {"coverage": {"enabled": bool(os.environ.get("AUTOCHROME_TEST_DEEP"))}}}
)
described = schemathesis.openapi.from_wsgi("/api/schema/", application, config=bounded)


@contextmanager
def connections_kept() -> Iterator[None]:
    """Keep requests from closing the connection that holds the test's transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def key(
    results_database: None, data_dir: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Return the token of someone who may do anything, in a small archive."""
    monkeypatch.setattr(SimpleRateThrottle, "allow_request", lambda *_: True)
    # A generator may well ask for the folder `/` to be examined.
    monkeypatch.setattr("tests.inline.run", lambda *_: None)
    anyone = cast.administrator()
    anyone.is_superuser = True
    anyone.save()
    fonds = catalogue.collection("GB1", title="Ferry photographs")
    photograph = catalogue.photograph("GB1/1", within=fonds, title="The ferry")
    catalogue.colorization(catalogue.master(photograph))
    term = describing.create_term("boat")
    describing.assign_term(photograph, term, by=anyone)
    with connections_kept():
        yield str(Token.objects.create(user=anyone).key)


@pytest.mark.results
@described.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
def test_nothing_that_is_sent_is_a_server_error(
    case: schemathesis.Case, key: str
) -> None:
    answer = case.call(headers={"Authorization": f"Token {key}"})
    case.validate_response(
        answer,
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )
