"""How pages look to a person, kept in cookies."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    return reverse("archive:appearance")


def test_a_choice_is_kept_and_leads_back(client, curator, address):
    response = client.post(address, {"theme": "light", "next": "/terms/"})
    assert response.url == "/terms/"
    client.force_login(curator)
    client.cookies.load({"theme": "light"})
    assert 'data-theme="light"' in client.get("/").content.decode()


def test_the_system_decides_where_nothing_was_chosen(client, curator, address):
    client.force_login(curator)
    client.post(address, {"theme": "system"})
    assert "data-theme" not in client.get("/").content.decode()


def test_the_size_of_contact_sheets_is_kept(client, curator, address):
    client.force_login(curator)
    client.post(address, {"size": "l"})
    assert client.get(reverse("archive:search")).context["size"] == "l"
    client.post(address, {"size": "s"})
    assert client.get(reverse("archive:search")).context["size"] == "s"


@pytest.mark.parametrize("value", ["", "huge", '"><script>'])
def test_what_is_no_choice_is_not_kept(client, curator, address, value):
    response = client.post(address, {"size": value, "theme": value})
    assert not response.cookies
    client.force_login(curator)
    client.cookies.load({"size": "huge"})
    assert client.get(reverse("archive:search")).context["size"] == "m"


def test_it_never_leads_to_another_site(client, address):
    response = client.post(
        address, {"theme": "dark", "next": "https://elsewhere.example/"}
    )
    assert response.url == "/"


def test_it_rejects_get(client, address):
    assert client.get(address).status_code == 405
