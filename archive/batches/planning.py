"""Previews: what an edit would do to each photograph, kept before anything changes."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from archive import background, sentences, terms
from archive.batches import values
from archive.batches.operations import HOW, Operations, TextChange, permissions
from archive.batches.selections import Selection
from archive.errors import InvalidDescription
from archive.models import Assignment, Batch, BatchItem, Collection, Photograph
from archive.vocabularies import BatchKind, BatchOutcome, BatchState, Policy

if TYPE_CHECKING:
    from django.contrib.auth.models import User

#: Up to so many are previewed and applied while the person waits.
AT_ONCE = 200
CHUNK = 200
#: Previews that nobody applied are dropped after a while.
FORGOTTEN = dt.timedelta(days=7)


def propose_edit(
    selection: Selection, operations: Operations, *, by: User, unseen: bool = False
) -> Batch:
    """Preview an edit; nothing is changed. A large one is previewed by a worker.

    Args:
        selection: which photographs.
        operations: what to do with each.
        by: the person.
        unseen: whether it is to be applied without anybody looking at the preview.

    Raises:
        InvalidDescription: nothing is selected or asked, or it cannot be meant.
    """
    _check(operations)
    total = selection.count()
    if not total:
        sentence = _("No photograph is selected.")
        raise InvalidDescription(sentence, {"selection": sentence})
    forget(by)
    operations = _canonical(operations)
    batch = Batch.objects.create(
        kind=BatchKind.EDIT,
        title=_kept_title(operations),
        asked={
            "selection": selection.as_json(),
            "operations": operations.as_json(),
            "unseen": unseen,
        },
        total=total,
        started_by=by,
    )
    if total <= AT_ONCE:
        with translation.override(settings.LANGUAGE_CODE):  # the reasons are kept
            plan_edit(batch)
    else:
        background.enqueue("archive.batches.applying.continue_batch", batch.pk)
    return batch


def _kept_title(operations: Operations) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return "; ".join(operations.sentences())[:500]


def title_of(batch: Batch) -> str:
    """Return what a batch does in the reader's language; it is kept in English."""
    if batch.kind == BatchKind.EDIT and "operations" in batch.asked:
        asked = Operations.from_json(batch.asked["operations"])
        return "; ".join(asked.sentences())
    if batch.reverts is not None:
        return _("Undo of batch %(key)s: %(why)s") % {
            "key": batch.reverts_id,
            "why": title_of(batch.reverts),
        }
    return sentences.translated(batch.title)


def forget(by: User) -> None:
    """Drop a person's old previews that were never applied."""
    Batch.objects.filter(
        started_by=by,
        state__in=[BatchState.PLANNED, BatchState.FAILED],
        started_at__lt=timezone.now() - FORGOTTEN,
    ).delete()


def plan_edit(batch: Batch) -> None:
    """Write an item for each photograph of an edit: from what to what, or why not.

    The number of queries depends on the number of chunks alone.
    """
    selection = Selection.from_json(batch.asked["selection"])
    operations = Operations.from_json(batch.asked["operations"])
    keys = selection.primary_keys()
    codes: set[str] = set()
    for start in range(0, len(keys), CHUNK):
        photographs = _photographs(keys[start : start + CHUNK])
        items = [
            _item(batch, start + number, photograph, operations)
            for number, photograph in enumerate(photographs)
        ]
        _refuse_taken(items, codes)
        BatchItem.objects.bulk_create(items, ignore_conflicts=True)
    settle(batch)


def settle(batch: Batch) -> None:
    """Count what is planned, and show the preview as complete."""
    counts: Counter[str] = Counter()
    needs: set[str] = set()
    waiting = batch.items.filter(outcome=BatchOutcome.WAITING)
    for action, changes in waiting.values_list("action", "changes").iterator(1000):
        counts.update(changes.keys())
        needs |= permissions(changes)
        if action != "change":
            counts[action] += 1
            needs.add("archive.add_photograph")
    batch.counts = dict(counts)
    batch.needs = sorted(needs)
    batch.total = batch.items.count()
    batch.state = BatchState.PLANNED
    Batch.objects.filter(pk=batch.pk, state=BatchState.PLANNING).update(
        counts=batch.counts,
        needs=batch.needs,
        total=batch.total,
        notes=batch.notes,
        state=batch.state,
    )


def state_of(photograph: Photograph) -> dict[str, Any]:
    """Return what a batch can change of a photograph, terms aside."""
    return {
        **photograph.descriptive_values(),
        **{policy.value: getattr(photograph, policy.value) for policy in Policy},
        "collection": photograph.collection.reference_code,
    }


def labels_of(photograph: Photograph) -> list[str]:
    """Return the labels of its terms; uses what is prefetched."""
    return [borne.term.label for borne in photograph.assignments.all()]


def with_terms(photographs: Any) -> Any:
    """Fetch the collection and the terms too, in two queries."""
    borne = Assignment.objects.select_related("term").order_by("term__label")
    return photographs.select_related("collection").prefetch_related(
        Prefetch("assignments", borne)
    )


def _photographs(keys: list[int]) -> Iterator[Photograph]:
    found = with_terms(Photograph.objects.filter(pk__in=keys)).in_bulk()
    return (found[key] for key in keys if key in found)


def _item(
    batch: Batch, row: int, photograph: Photograph, operations: Operations
) -> BatchItem:
    before = state_of(photograph)
    changes = operations.changed(before, labels_of(photograph))
    texts = {n: to for n, (_from, to) in changes.items() if n in values.TEXTS}
    for name, to in values.date_followed(texts).items():
        if before[name] != to:
            changes[name] = [before[name], to]
    refused = values.problems(texts)
    outcome, reason = BatchOutcome.WAITING, ""
    if refused:
        outcome = BatchOutcome.REFUSED
        reason = " ".join(f"{values.label(n)}: {said}" for n, said in refused.items())
    elif not changes:
        outcome = BatchOutcome.UNCHANGED
    return BatchItem(
        batch=batch,
        row=row,
        photograph=photograph,
        code=photograph.reference_code,
        outcome=outcome,
        changes=changes,
        reason=reason,
    )


def _refuse_taken(items: Iterable[BatchItem], planned: set[str]) -> None:
    """Refuse reference codes that another photograph has, or gets in this batch."""
    renamed = [one for one in items if "reference_code" in one.changes]
    wanted = [one.changes["reference_code"][1] for one in renamed]
    taken = set(
        Photograph.objects.filter(reference_code__in=wanted).values_list(
            "reference_code", flat=True
        )
        if wanted
        else ()
    )
    for item, code in zip(renamed, wanted, strict=True):
        if code in taken or code in planned:
            item.outcome = BatchOutcome.REFUSED
            item.reason = _("%(code)s is another photograph's reference code.") % {
                "code": code
            }
        planned.add(code)


def _check(operations: Operations) -> None:
    wrong = values.problems(
        {n: one.value for n, one in operations.texts.items() if one.how == "set"}
    )
    for name, change in operations.texts.items():
        if said := _misasked(name, change):
            wrong[name] = said
    code = operations.collection
    if code and not Collection.objects.filter(reference_code=code).exists():
        wrong["collection"] = _("There is no collection %(code)s.") % {"code": code}
    for each in (*operations.add_terms, *operations.remove_terms):
        if len(each) > 200:
            wrong["terms"] = _("“%(term)s…” is longer than 200 letters.") % {
                "term": each[:40]
            }
    if wrong:
        raise InvalidDescription(
            " ".join(f"{values.label(n)}: {said}" for n, said in wrong.items()), wrong
        )
    if not operations.sentences():
        sentence = _("Nothing was asked for: change at least one field.")
        raise InvalidDescription(sentence, {"operations": sentence})


def _misasked(name: str, change: TextChange) -> str:
    """Return what is wrong with a change as it is asked; "" for nothing."""
    if change.how not in HOW:
        return _("There is no such change.")
    if change.how == "replace" and not change.find:
        return _("Write what is to be found.")
    if change.how in {"set", "append"} and not change.value:
        return _("Write a text, or choose “clear”.")
    if name == "reference_code" and change.how != "replace":
        return _("Reference codes can only be replaced in part.")
    if name == "rights" and change.how not in {"set", "clear"}:
        return _("A rights statement is set or cleared.")
    return ""


def _canonical(operations: Operations) -> Operations:
    """Write the terms as the vocabulary does, where it has them."""
    return dataclasses.replace(
        operations,
        add_terms=_labels(operations.add_terms),
        remove_terms=_labels(operations.remove_terms),
    )


def _labels(words: Iterable[str]) -> tuple[str, ...]:
    found = ((word, terms.called(word)) for word in words)
    return tuple(dict.fromkeys(term.label if term else word for word, term in found))
