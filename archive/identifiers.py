"""Reference codes for new photographs: the collection's own code and a number."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from archive.errors import NotACollection
from archive.models import Collection, Photograph

DIGITS = 4
_LONGEST = Photograph._meta.get_field("reference_code").max_length or 0


class ReferenceCodes:
    """Counts up the reference codes of one collection: `ABC/0001`, `ABC/0002`, ….

    Keep one for a run: only its first code looks through what is there. Call `next`
    in the transaction that saves the photograph. On SQLite that transaction holds
    the lock, and a code cannot be taken by another; on PostgreSQL it can, the
    database then refuses the second, and the transaction is tried again.
    """

    def __init__(self, collection: Collection) -> None:
        """Count for this collection.

        Raises:
            NotACollection: its own code leaves no room for a number.
        """
        self._prefix = f"{collection.reference_code}/"
        self._last: int | None = None
        if len(self._prefix) + DIGITS > _LONGEST:
            raise NotACollection(
                _(
                    "The reference code %(code)s is too long to number photographs "
                    "below it. Shorten it."
                )
                % {"code": collection.reference_code}
            )

    def next(self) -> str:
        """Return the next code that no photograph bears."""
        if self._last is None:
            self._last = self._highest()
        while True:
            self._last += 1
            code = f"{self._prefix}{self._last:0{DIGITS}}"
            if not _bearing(code).exists():
                return code

    def _highest(self) -> int:
        found = (
            Photograph.objects.filter(
                reference_code__startswith=self._prefix,
                reference_code__regex=r"/[0-9]{1,9}$",
            )
            .annotate(length=Length("reference_code"))
            .order_by("-length", "-reference_code")
            .values_list("reference_code", flat=True)
        )
        for code in found:
            number = code.removeprefix(self._prefix)
            if number.isdecimal():  # ABC/2/0009 belongs to another collection
                return int(number)
        return 0


def taken(reference_code: str) -> bool:
    """Say whether a photograph bears the code."""
    return bool(reference_code) and _bearing(reference_code).exists()


def _bearing(reference_code: str) -> QuerySet[Photograph]:
    return Photograph.objects.filter(reference_code=reference_code)
