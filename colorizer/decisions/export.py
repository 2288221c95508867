"""Decisions as a folder that training reads: one table, small grey pictures, a note.

`decisions.csv` has a row a photograph and label, `pictures/` a grey PNG a photograph,
named by its master's SHA-256, and `decisions.json` says what the folder is. The table
holds each picture's SHA-256, so the table's own names the whole export.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import itertools
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.utils import timezone
from PIL import Image

from archive import pictures
from archive.errors import ArchiveError
from archive.models import MasterFile
from archive.pictures import PictureRefused
from archive.provenance import SOFTWARE
from archive.querysets import PhotographQuerySet
from archive.vocabularies import Policy
from colorizer.decisions import meaning
from colorizer.decisions.meaning import Decision
from colorizer.vision import colour
from colorizer.vocabularies import Verdict

FORMAT = "autochrome-decisions"
VERSION = 1
LONGEST = 256
"""The longest side of the pictures, in pixels."""
COLUMNS = (
    "master_sha256",
    "reference_code",
    "label",
    "decision",
    "present",
    "instead",
    "decided_by",
    "decided_at",
    "model_name",
    "model_version",
    "model_sha256",
    "score",
    "picture_sha256",
)
BETWEEN = " | "
"""Between the terms that a label was corrected to."""
PORTION = 200
LEFT_OUT = (Policy.DO_NOT_TAG, Policy.SENSITIVE)
NO_PICTURE = "no_picture"


class NoDecisions(ArchiveError):
    """Nothing was decided that a model could learn from."""

    code = "no_decisions"


class FolderTaken(ArchiveError):
    """There is something in the folder already."""

    code = "folder_taken"


class ExportNotWritten(ArchiveError):
    """The folder cannot be written: the disk is full, say."""

    code = "export_not_written"


@dataclass
class Exported:
    """What was exported, and what was left out.

    Attributes:
        table_sha256: names the export.
        photographs: how many there are.
        verdicts: how many decisions of each kind.
        left_out: decided photographs that were left out, by reason.
        sentences: about those that should not have been.
    """

    table_sha256: str = ""
    photographs: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    sentences: list[str] = field(default_factory=list)


def export(photographs: PhotographQuerySet, folder: Path) -> Exported:
    """Write the decisions on the photographs into a new folder, whole or not at all.

    Photographs that must not be tagged, or are sensitive, are left out; masters are
    only read.

    Raises:
        FolderTaken: there is something in it.
        NoDecisions: there is nothing to write.
        ExportNotWritten: it cannot be written; nothing is left behind.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderTaken(
            f"{folder} is not empty. Name a new folder: an export that a model learnt"
            " from is kept as it was."
        )
    terms = meaning.labels_of_terms(meaning.known_labels())
    chosen = meaning.decided(photographs, terms)
    partial = folder.with_name(f".{folder.name}.partial")
    try:
        with _writing(folder):
            shutil.rmtree(partial, ignore_errors=True)  # of one that was interrupted
            (partial / "pictures").mkdir(parents=True)
        exported = _fill(partial, folder, chosen, terms)
        with _writing(folder):
            if folder.exists():
                folder.rmdir()
            partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return exported


def grey_picture(master: MasterFile) -> bytes:
    """Return what a tagger learns from, as PNG: luma, the longest side at most 256.

    Raises:
        PictureRefused: the master cannot be decoded.
    """
    picture = pictures.open_reduced(
        master.path, 2 * LONGEST, max_pixels=settings.PICTURE_MAX_PIXELS
    )
    shown = np.asarray(pictures.rendition(picture, 2 * LONGEST))
    grey = Image.fromarray(colour.luma(shown))
    facts = picture.facts
    size = pictures.fitted_size(facts.displayed_width, facts.displayed_height, LONGEST)
    content = io.BytesIO()
    grey.resize(size, Image.Resampling.LANCZOS).save(content, "PNG")
    return content.getvalue()


def _fill(
    partial: Path, folder: Path, chosen: PhotographQuerySet, terms: Mapping[int, str]
) -> Exported:
    exported = Exported()
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    keys = iter(list(chosen.order_by("pk").values_list("pk", flat=True)))
    while portion := list(itertools.islice(keys, PORTION)):
        for row in _rows(
            partial, folder, chosen.filter(pk__in=portion), terms, exported
        ):
            writer.writerow(row)
    if not exported.photographs:
        raise NoDecisions(_nothing(exported))
    content = table.getvalue().encode()
    exported.table_sha256 = hashlib.sha256(content).hexdigest()
    described = {
        "format": FORMAT,
        "version": VERSION,
        "software": SOFTWARE,
        "exported_at": timezone.now().astimezone(dt.UTC).isoformat(timespec="seconds"),
        "table_sha256": exported.table_sha256,
        "photographs": exported.photographs,
        "decisions": {kind: exported.verdicts[kind] for kind in Verdict.values},
        "left_out": dict(exported.left_out),
        "labels": sorted(set(terms.values())),
        "longest_side": LONGEST,
    }
    with _writing(folder):
        _write(partial / "decisions.csv", content)
        text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
        _write(partial / "decisions.json", text.encode())
    return exported


def _rows(
    partial: Path,
    folder: Path,
    portion: PhotographQuerySet,
    terms: Mapping[int, str],
    exported: Exported,
) -> Iterator[dict[str, Any]]:
    """Yield the table's rows of some photographs, whose pictures are then written."""
    allowed = portion
    for policy in LEFT_OUT:
        exported.left_out[policy.value] += allowed.restricted(policy).count()
        allowed = allowed.permitting(policy)
    found = list(allowed.order_by("reference_code").prefetch_related("masters"))
    said = meaning.decisions([photograph.pk for photograph in found], terms)
    for photograph in found:
        if photograph.pk not in said:
            continue  # taken back this very moment
        master = photograph.recto
        try:
            if master is None or not master.path.is_file():
                raise FileNotFoundError
            content = grey_picture(master)
        except (FileNotFoundError, PictureRefused):
            exported.left_out[NO_PICTURE] += 1
            exported.sentences.append(
                f"{photograph.reference_code} was left out: its master cannot be read."
            )
            continue
        with _writing(folder):
            _write(partial / "pictures" / f"{master.sha256}.png", content)
        exported.photographs += 1
        digest = hashlib.sha256(content).hexdigest()
        for label, decision in sorted(said[photograph.pk].items()):
            exported.verdicts[decision.verdict.value] += 1
            yield {
                "master_sha256": master.sha256,
                "reference_code": photograph.reference_code,
                "label": label,
                "picture_sha256": digest,
                **_told(decision),
            }


def _told(decision: Decision) -> dict[str, Any]:
    model = decision.model
    return {
        "decision": decision.verdict.value,
        "present": int(decision.present),
        "instead": BETWEEN.join(decision.instead),
        "decided_by": decision.by,
        "decided_at": decision.at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "model_name": model.name if model else "",
        "model_version": model.version if model else "",
        "model_sha256": model.sha256 if model else "",
        "score": "" if decision.score is None else f"{decision.score:.4f}",
    }


def _nothing(exported: Exported) -> str:
    left = sum(exported.left_out.values())
    if left:
        return (
            f"There is nothing to export: all {left} photographs with decisions are"
            " restricted, or their masters cannot be read."
        )
    return (
        "There is nothing to export: nobody has accepted, rejected or assigned a term"
        " that a tagger knows. Review some suggestions first."
    )


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turn what the system says against writing into a sentence.

    Raises:
        ExportNotWritten: the disk is full, say.
    """
    try:
        yield
    except OSError as problem:
        raise ExportNotWritten(
            f"{folder} cannot be written: {problem.strerror or problem}. Nothing was"
            " kept there. Make room or choose another place, then export again."
        ) from problem
