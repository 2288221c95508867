"""The people of the tests, each a member of one of the archive's groups."""

from typing import cast

from django.contrib.auth.models import Group, User

PASSWORD = "a sturdy box of glass plates"


def person(name: str, group: str | None = None) -> User:
    """Return a new user, in a group or in none."""
    user = User.objects.create_user(name, f"{name}@example.org", PASSWORD)
    if group is not None:
        user.groups.add(Group.objects.get(name=group))
    return cast("User", user)


def viewer(name: str = "viewer") -> User:
    """Return someone who may look."""
    return person(name, "viewer")


def cataloguer(name: str = "cataloguer") -> User:
    """Return someone who describes photographs."""
    return person(name, "cataloguer")


def curator(name: str = "curator") -> User:
    """Return someone who decides."""
    return person(name, "curator")


def administrator(name: str = "administrator") -> User:
    """Return someone who looks after people and settings, and may use the admin."""
    user = person(name, "administrator")
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    return user


def stranger(name: str = "stranger") -> User:
    """Return someone with an account and no role."""
    return person(name)
