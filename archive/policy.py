"""Restrictions: what may not be done with a photograph, and who said so.

A flag holds where it is set and for everything below: a photograph cannot be freed
from its collection's restriction, only moved or the collection's flag lifted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from archive.errors import Refusal
from archive.models import Collection, Event, Photograph
from archive.provenance import prepared, record
from archive.querysets import PhotographQuerySet
from archive.vocabularies import EventType, Policy

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_SENTENCES = {
    Policy.DO_NOT_COLORIZE: _("%(code)s must not be colorized: %(why)s says so."),
    Policy.DO_NOT_TAG: _("%(code)s must not be tagged: %(why)s says so."),
    Policy.SENSITIVE: _("%(code)s is sensitive: %(why)s says so."),
}


def holding(photograph: Photograph, policy: Policy) -> Photograph | Collection | None:
    """Return what carries the flag for this photograph: itself, a collection or None.

    The collection nearest to the photograph is named.
    """
    if getattr(photograph, policy.value):
        return photograph
    collection = photograph.collection
    if getattr(collection, policy.value):
        return collection
    above: Collection | None = (
        Collection.objects.get_ancestors(collection)
        .filter(**{policy.value: True})
        .order_by("path")
        .last()
    )
    return above


def holding_each(photograph: Photograph) -> dict[Policy, Photograph | Collection]:
    """Return every restriction that holds, and what carries it."""
    held = {policy: holding(photograph, policy) for policy in Policy}
    return {policy: carrier for policy, carrier in held.items() if carrier}


def holding_among(photographs: Sequence[Photograph]) -> dict[int, list[Policy]]:
    """Return the restrictions that hold for each photograph, by its primary key.

    One query whatever the number; `collection` must have been fetched with them.
    """
    paths = {photograph.collection.path for photograph in photographs}
    step = Collection.steplen
    above = {path[:end] for path in paths for end in range(step, len(path) + 1, step)}
    flagged = {
        collection.path: collection
        for collection in Collection.objects.filter(path__in=above)
        .filter(Q(*[(policy.value, True) for policy in Policy], _connector=Q.OR))
        .only("path", *Policy.values)
    }
    return {
        photograph.pk: [
            policy
            for policy in Policy
            if getattr(photograph, policy.value)
            or any(
                photograph.collection.path.startswith(path)
                and getattr(collection, policy.value)
                for path, collection in flagged.items()
            )
        ]
        for photograph in photographs
    }


def refusals(photographs: PhotographQuerySet, policy: Policy) -> list[Refusal]:
    """Return one refusal for each photograph that the restriction holds for.

    Two queries, however many photographs there are.
    """
    restricted = list(photographs.restricted(policy).select_related("collection"))
    if not restricted:
        return []
    flagged = dict(
        Collection.objects.filter(**{policy.value: True}).values_list(
            "path", "reference_code"
        )
    )
    found = []
    for photograph in restricted:
        why = (
            _("its own flag")
            if getattr(photograph, policy.value)
            else _("the flag of %(carrier)s")
            % {"carrier": _nearest(flagged, photograph.collection.path)}
        )
        sentence = str(_SENTENCES[policy]) % {
            "code": photograph.reference_code,
            "why": why,
        }
        found.append(Refusal(photograph.pk, policy.value, sentence))
    return found


def _nearest(flagged: dict[str, str], path: str) -> str:
    """Return the reference code of the flagged collection nearest above a path."""
    above = [each for each in flagged if path.startswith(each)]
    return flagged[max(above, key=len)] if above else str(_("a collection above it"))


def restrict(
    photographs: PhotographQuerySet, policy: Policy, value: bool, *, by: User
) -> int:
    """Set or lift a flag on many photographs; return how many changed."""
    with transaction.atomic():
        changing = list(photographs.exclude(**{policy.value: value}))
        Photograph.objects.filter(pk__in=[p.pk for p in changing]).update(
            **{policy.value: value}
        )
        Event.objects.bulk_create(
            prepared(
                EventType.METADATA_MODIFICATION,
                "restricted" if value else "released",
                photograph,
                by=by,
                changes={policy.value: [not value, value]},
            )
            for photograph in changing
        )
    return len(changing)


def restrict_collection(
    collection: Collection, policy: Policy, value: bool, *, by: User
) -> bool:
    """Set or lift a flag on a collection; return whether it changed."""
    with transaction.atomic():
        changed = (
            Collection.objects.filter(pk=collection.pk)
            .exclude(**{policy.value: value})
            .update(**{policy.value: value})
        )
        if changed:
            record(
                EventType.METADATA_MODIFICATION,
                "restricted" if value else "released",
                collection,
                by=by,
                changes={policy.value: [not value, value]},
            )
    collection.refresh_from_db()
    return bool(changed)
