"""Tokens: signing in, and how often one may try."""

from typing import Any

from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from tests.cast import PASSWORD

ADDRESS = "/api/token/"


def sign_in(client: APIClient, name: str, password: str):
    return client.post(ADDRESS, {"username": name, "password": password}, format="json")


def test_a_password_gives_a_token_that_works(viewer: Any) -> None:
    client = APIClient()
    token = sign_in(client, "viewer", PASSWORD).json()["token"]
    assert sign_in(client, "viewer", PASSWORD).json()["token"] == token
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.get("/api/photographs/").status_code == 200
    assert client.delete(ADDRESS).status_code == 204
    gone = client.get("/api/photographs/")
    assert gone.status_code == 401
    assert gone.json()["code"] == "authentication_failed"
    assert not Token.objects.exists()


def test_a_session_works_too_but_not_without_the_csrf_token(curator: Any) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(curator)
    assert client.get("/api/photographs/").status_code == 200
    forged = client.post("/api/terms/", {"label": "x"}, format="json")
    assert forged.status_code == 403


def test_a_wrong_password(viewer: Any) -> None:
    answer = sign_in(APIClient(), "viewer", "guess")
    assert answer.status_code == 400
    assert "token" not in answer.json()


def test_guessing_is_slowed_down(viewer: Any) -> None:
    client = APIClient()
    answers = [sign_in(client, "viewer", "guess").status_code for _ in range(11)]
    assert answers[:10] == [400] * 10
    assert answers[10] == 429
    blocked = sign_in(client, "viewer", PASSWORD)
    assert blocked.status_code == 429
    assert blocked.json()["code"] == "throttled"
    assert int(blocked["Retry-After"]) > 0


def test_asking_has_a_limit_too(as_viewer: APIClient, monkeypatch: Any) -> None:
    monkeypatch.setattr(
        SimpleRateThrottle, "THROTTLE_RATES", {"anon": "1/min", "user": "2/min"}
    )
    seen = [as_viewer.get("/api/terms/").status_code for _ in range(3)]
    assert seen == [200, 200, 429]
    client = APIClient()
    seen = [client.get("/api/schema/").status_code for _ in range(2)]
    assert seen == [200, 429]
