"""The archive's own verbs for many photographs: each tells how many, and who not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive import describing, policy, publishing
from archive.errors import ArchiveError, Refusal
from archive.extensions import BulkAction, Outcome, register_bulk_action
from archive.forms import AddTermForm, MoveForm, RestrictForm
from archive.vocabularies import Policy

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
    return Outcome(policy.restrict(photographs, Policy(restriction), value, by=by))


def move(photographs: PhotographQuerySet, by: User, *, to: Collection) -> Outcome:
    """Put photographs into another collection; those already there stay."""
    moving = list(photographs.select_related("collection"))
    return Outcome(len(describing.move_photographs(moving, to=to, by=by)))


def add_term(photographs: PhotographQuerySet, by: User, *, label: str) -> Outcome:
    """Put a term on each photograph; harmless where it is already."""
    term = describing.create_term(label, by=by)
    without = photographs.exclude(assignments__term=term)
    return _each(without, lambda one: describing.assign_term(one, term, by=by))


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
            "add-term", "Add term", "archive.add_assignment", add_term, AddTermForm
        ),
        BulkAction("move", "Move", "archive.change_photograph", move, MoveForm),
        BulkAction(
            "restrict",
            "Restrict",
            "archive.restrict_photograph",
            restrict,
            RestrictForm,
        ),
        BulkAction("publish", "Publish", "archive.publish_photograph", publish),
        BulkAction("withdraw", "Withdraw", "archive.publish_photograph", withdraw),
    ):
        register_bulk_action(action)
