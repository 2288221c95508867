"""Every address asks for the permission that its verb needs."""

import pytest

from config.api_urls import router


def addresses() -> list[tuple[str, str, str]]:
    """Return each address with its method and the action that answers there."""
    found = []
    for pattern in router.urls:
        actions = getattr(pattern.callback, "actions", None) or {}
        for method, action in actions.items():
            if method != "head":
                found.append((pattern.name, method, action))
    return found


def view_set(name: str):
    return next(p.callback.cls for p in router.urls if p.name == name)


@pytest.mark.parametrize(("name", "method", "action"), addresses())
def test_every_change_names_a_permission_that_exists(
    name: str, method: str, action: str, db: None
) -> None:
    from django.contrib.auth.models import Permission

    cls = view_set(name)
    needed = cls.reading if method == "get" else cls.needs[action]
    app, codename = needed.split(".")
    assert Permission.objects.filter(
        content_type__app_label=app, codename=codename
    ).exists()
