"""Who may do what: every address, every role."""

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from archive.roles import ADMINISTRATOR, CATALOGUER, CURATOR, VIEWER
from config.api_urls import router
from tests import cast, catalogue
from tests.api.conftest import signed_in

CHANGES = [
    # (method, address, body, the least role)
    ("post", "/api/collections/", {"reference_code": "GB2"}, CATALOGUER),
    ("patch", "/api/collections/{fonds}/", {"title": "x"}, CATALOGUER),
    ("post", "/api/collections/{fonds}/move/", {"parent": None}, CATALOGUER),
    ("patch", "/api/collections/{fonds}/restrictions/", {"sensitive": True}, CURATOR),
    ("delete", "/api/collections/{empty}/", None, CURATOR),
    ("patch", "/api/photographs/{one}/", {"revision": 1, "title": "x"}, CATALOGUER),
    ("post", "/api/photographs/{one}/move/", {"collection": "{empty}"}, CATALOGUER),
    ("post", "/api/photographs/{one}/terms/", {"term": "{term}"}, CATALOGUER),
    ("delete", "/api/photographs/{one}/terms/{term}/", None, CATALOGUER),
    ("patch", "/api/photographs/{one}/restrictions/", {"sensitive": True}, CURATOR),
    ("post", "/api/photographs/{one}/publish/", None, CURATOR),
    ("post", "/api/photographs/{one}/withdraw/", None, CURATOR),
    ("post", "/api/masters/", None, CATALOGUER),
    (
        "post",
        "/api/accessions/",
        {"collection": "{fonds}", "folder": "{folder}"},
        CATALOGUER,
    ),
    ("post", "/api/derivatives/{colours}/accept/", None, CURATOR),
    ("post", "/api/derivatives/{colours}/reject/", None, CURATOR),
    ("post", "/api/derivatives/{colours}/undo/", None, CURATOR),
    ("post", "/api/derivatives/{colours}/propose/", None, CURATOR),
    ("post", "/api/derivatives/{colours}/grade/", {"grade": "illustrative"}, CURATOR),
    (
        "post",
        "/api/steering/{one}/place/",
        {"number": 0, "x": 0.5, "y": 0.5, "colour": "#5f6b5e"},
        CATALOGUER,
    ),
    ("post", "/api/steering/{one}/strength/", {"number": 0, "strength": 9}, CATALOGUER),
    ("post", "/api/steering/{one}/look/", None, CATALOGUER),
    ("post", "/api/steering/{one}/undo/", {"number": 0}, CATALOGUER),
    ("post", "/api/steering/{one}/propose/", {"number": 0}, CATALOGUER),
    ("post", "/api/suggestions/{suggestion}/accept/", None, CURATOR),
    ("post", "/api/suggestions/{suggestion}/reject/", None, CURATOR),
    ("post", "/api/suggestions/{suggestion}/undo/", None, CURATOR),
    (
        "post",
        "/api/suggestions/decide/",
        {"suggestions": ["{suggestion}"], "decision": "accept"},
        CURATOR,
    ),
    ("post", "/api/terms/", {"label": "x"}, CATALOGUER),
    ("patch", "/api/terms/{term}/", {"label": "x"}, CATALOGUER),
    ("post", "/api/jobs/", {"kind": "tag", "photographs": [1]}, CATALOGUER),
    ("post", "/api/jobs/cancel/", {"jobs": []}, CATALOGUER),
    ("post", "/api/jobs/retry/", {"jobs": []}, CATALOGUER),
]
ROLES = [None, VIEWER, CATALOGUER, CURATOR, ADMINISTRATOR]
LISTS = [
    "collections",
    "photographs",
    "masters",
    "derivatives",
    "suggestions",
    "terms",
    "assignments",
    "accessions",
    "events",
    "publications",
    "jobs",
    "checkpoints",
]


@pytest.fixture
def keys(fonds, photograph, suggestion, tmp_path, data_dir) -> dict[str, int | str]:
    (tmp_path / "box").mkdir()
    return {
        "{fonds}": fonds.pk,
        "{empty}": catalogue.collection("GB9").pk,
        "{one}": photograph.pk,
        "{colours}": catalogue.colorization(catalogue.master(photograph)).pk,
        "{term}": suggestion.term_id,
        "{suggestion}": suggestion.pk,
        "{folder}": str(tmp_path / "box"),
    }


def filled(value, keys):
    match value:
        case str() if value in keys:
            return keys[value]
        case str():
            for name, key in keys.items():
                value = value.replace(name, str(key))
            return value
        case dict():
            return {name: filled(each, keys) for name, each in value.items()}
        case list():
            return [filled(each, keys) for each in value]
        case _:
            return value


@pytest.mark.parametrize(("method", "address", "body", "least"), CHANGES)
def test_a_change_is_for_its_role_and_those_above(
    keys: dict[str, int | str], method: str, address: str, body, least: str
) -> None:
    address, body = filled(address, keys), filled(body, keys)
    for rank, role in enumerate(ROLES):
        client = signed_in(cast.person(f"someone {rank}", role))
        if address == "/api/masters/":
            answer = client.post(address, {}, format="multipart")
        else:
            answer = getattr(client, method)(address, body, format="json")
        if rank < ROLES.index(least):
            assert answer.status_code == 403, (role, answer.content)
            assert answer.json()["code"] == "permission_denied"
        else:
            assert answer.status_code not in {401, 403, 405, 500}, answer.content


@pytest.mark.parametrize("name", LISTS)
def test_reading_is_for_every_role_and_nobody_else(name: str, db: None) -> None:
    address = f"/api/{name}/"
    assert signed_in(cast.viewer()).get(address).status_code == 200
    assert signed_in(cast.stranger()).get(address).status_code == 403
    nobody = APIClient().get(address)
    assert nobody.status_code == 401
    assert nobody["WWW-Authenticate"] == "Token"
    assert nobody.json()["code"] == "not_authenticated"
    assert signed_in(cast.viewer("two")).put(address, {}).status_code == 405


def changes() -> list[tuple[type, str]]:
    return [
        (pattern.callback.cls, action)
        for pattern in router.urls
        for method, action in (getattr(pattern.callback, "actions", None) or {}).items()
        if method not in {"get", "head"}
    ]


def test_every_permission_that_is_asked_for_exists(db: None) -> None:
    known = {
        f"{permission.content_type.app_label}.{permission.codename}"
        for permission in Permission.objects.select_related("content_type")
    }
    assert changes()
    for view_set, action in changes():
        assert view_set.needs[action] in known
        assert view_set.reading in known
