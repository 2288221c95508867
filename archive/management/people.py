"""The person in whose name a command works, and the collection it works on."""

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from archive.models import Collection


def person(name: str | None) -> User | None:
    """Return the user of that name; None where none is given.

    Raises:
        CommandError: there is no such user.
    """
    if name is None:
        return None
    try:
        return User.objects.get(username=name)
    except User.DoesNotExist as missing:
        raise CommandError(f"There is no user called {name}.") from missing


def collection(reference_code: str) -> Collection:
    """Return the collection of that reference code.

    Raises:
        CommandError: there is no such collection.
    """
    found: Collection | None = Collection.objects.filter(
        reference_code=reference_code
    ).first()
    if found is None:
        codes = ", ".join(
            Collection.objects.values_list("reference_code", flat=True)[:10]
        )
        raise CommandError(
            f"There is no collection {reference_code}. "
            + (f"There are: {codes}." if codes else "There is none yet.")
        )
    return found
