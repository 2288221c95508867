"""Signing in and out."""

from django.urls import reverse

from tests.cast import PASSWORD


def test_the_right_password_leads_to_the_page_asked_for(client, curator):
    response = client.post(
        reverse("login"),
        {"username": "curator", "password": PASSWORD, "next": "/collections/"},
    )
    assert response.status_code == 302
    assert response.url == "/collections/"


def test_a_wrong_password_gets_a_sentence(client, curator):
    response = client.post(
        reverse("login"), {"username": "curator", "password": "paper prints"}
    )
    assert response.status_code == 200
    assert "do not belong together" in response.content.decode()


def test_signing_out_needs_post(client, curator):
    client.force_login(curator)
    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout")).url == reverse("login")
    assert client.get("/").status_code == 302


def test_signing_out_again_does_no_harm(client, curator):
    client.force_login(curator)
    client.post(reverse("logout"))
    assert client.post(reverse("logout")).status_code == 302


def test_no_page_allows_inline_scripts_or_styles(client, db):
    response = client.get(reverse("login"))
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    page = response.content.decode()
    assert "<style" not in page
    assert " style=" not in page
    assert "onclick" not in page
