"""The archive's own verbs for many photographs: each tells how many, and who not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from archive import batches, publishing
from archive.batches import Operations, Selection
from archive.errors import ArchiveError, Refusal
from archive.extensions import BulkAction, Outcome, register_bulk_action
from archive.forms import AddTermForm, MoveForm, RestrictForm
from archive.vocabularies import BatchOutcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User

    from archive.models import Collection, Photograph
    from archive.querysets import PhotographQuerySet


def publish(photographs: PhotographQuerySet, by: User) -> Outcome:
    """Publish each photograph that may be published."""
    return _each(photographs, lambda one: publishing.publish(one, by=by))


def withdraw(photographs: PhotographQuerySet, by: User) -> Outcome:
    """Withdraw each photograph that is published."""
    return _each(photographs, lambda one: publishing.withdraw(one, by=by))


def restrict(
    photographs: PhotographQuerySet, by: User, *, restriction: str, value: bool
) -> Outcome:
    """Set or lift one restriction."""
    return _edit(photographs, Operations(flags={restriction: value}), by)


def move(photographs: PhotographQuerySet, by: User, *, to: Collection) -> Outcome:
    """Put photographs into another collection; those already there stay."""
    return _edit(photographs, Operations(collection=to.reference_code), by)


def add_term(photographs: PhotographQuerySet, by: User, *, label: str) -> Outcome:
    """Put a term on each photograph; harmless where it is already."""
    return _edit(photographs, Operations(add_terms=(label,)), by)


def _edit(photographs: PhotographQuerySet, operations: Operations, by: User) -> Outcome:
    """Make an edit at once, as a batch that can be undone."""
    keys = tuple(photographs.values_list("pk", flat=True))
    batch = batches.edit_at_once(Selection(keys=keys), operations, by=by)
    left = batch.items.exclude(outcome__in=[BatchOutcome.DONE, BatchOutcome.UNCHANGED])
    refused = left.exclude(photograph=None).values_list("photograph", "reason")
    return Outcome(
        batch.items.filter(outcome=BatchOutcome.DONE).count(),
        [Refusal(key, "left_alone", reason) for key, reason in refused],
        batch=batch.pk,
    )


def _each(
    photographs: PhotographQuerySet, verb: Callable[[Photograph], object]
) -> Outcome:
    done, refusals = 0, []
    for photograph in photographs.select_related("collection"):
        try:
            verb(photograph)
        except ArchiveError as problem:
            refusals.append(Refusal(photograph.pk, problem.code, problem.sentence))
        else:
            done += 1
    return Outcome(done, refusals)


def register() -> None:
    """Offer the verbs wherever photographs are selected."""
    for action in (
        BulkAction(
            "add-term", _("Add term"), "archive.add_assignment", add_term, AddTermForm
        ),
        BulkAction("move", _("Move"), "archive.change_photograph", move, MoveForm),
        BulkAction(
            "restrict",
            _("Restrict"),
            "archive.restrict_photograph",
            restrict,
            RestrictForm,
        ),
        BulkAction("publish", _("Publish"), "archive.publish_photograph", publish),
        BulkAction("withdraw", _("Withdraw"), "archive.publish_photograph", withdraw),
    ):
        register_bulk_action(action)
