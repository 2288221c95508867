"""The OpenAPI description, and the page that shows it."""

import io

from django.core.management import call_command
from rest_framework.test import APIClient


def test_it_validates_without_warnings(db: None) -> None:
    written = io.StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=written)
    assert "/api/photographs/" in written.getvalue()


def test_it_is_served(anonymous: APIClient) -> None:
    answer = anonymous.get("/api/schema/", HTTP_ACCEPT="application/json")
    assert answer.status_code == 200
    described = answer.json()
    assert described["info"]["title"] == "Autochrome"
    refused = described["paths"]["/api/jobs/"]["post"]["responses"]["default"]
    assert refused == {"$ref": "#/components/responses/Refused"}


def test_the_page_has_no_inline_script_or_style(anonymous: APIClient) -> None:
    page = anonymous.get("/api/docs/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "<style" not in text
    assert text.count("<script") == text.count("<script src=") == 2
    script = anonymous.get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")


def test_an_address_that_means_nothing_is_a_problem(
    as_viewer: APIClient, anonymous: APIClient
) -> None:
    answer = as_viewer.get("/api/pictures/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:problem-type:autochrome:not_found"
    assert anonymous.post("/api/pictures/").status_code == 401


def test_the_root_lists_every_address(as_viewer: APIClient) -> None:
    listed = as_viewer.get("/api/").json()
    assert listed["photographs"] == "http://testserver/api/photographs/"
    assert listed["results/tagging"].endswith("/api/results/tagging/")


def test_what_is_understood_is_told(as_viewer: APIClient) -> None:
    told = as_viewer.options("/api/collections/")
    assert told.status_code == 200
    assert "application/json" in told.json()["parses"]
