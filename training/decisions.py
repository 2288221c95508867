"""A curator's decisions as a pack: photographs whose labels are known in part.

The folder is what `manage.py export_decisions` wrote. Every photograph is in one split,
by its master's SHA-256 alone: "fit" is learnt from, "tune" chooses calibration and
thresholds, "held" is only measured. Near-duplicates share the split of the first.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from training.duplicates import near_duplicates
from training.errors import DecisionsUnsuitable
from training.pack import Entry, Pack

SOURCE = "decisions"
FORMAT, VERSION = "autochrome-decisions", 1
PRESENT = {"accepted": 1, "assigned": 1, "rejected": 0, "corrected": 0}
HELD_PERCENT, TUNE_PERCENT = 20, 20


class Decisions(Pack):
    """Decided photographs, perhaps beside those of a pack.

    ``verdicts`` are the rows of the table by master and label; ``described`` is the
    export's own note. ``ignored`` counts decisions on labels that are not asked for.

    Args:
        folder: The export.
        labels: Of the tagger that learns.
        beside: A pack whose pictures are drawn, too.

    Raises:
        DecisionsUnsuitable: It is no such export, or not whole.
    """

    def __init__(
        self, folder: Path, labels: Sequence[str], beside: Pack | None = None
    ) -> None:
        self.folder, self.beside = folder, beside
        self.described = _described(folder)
        self.verdicts: dict[str, dict[str, str]] = defaultdict(dict)
        self.ignored = 0
        self.pictures: dict[str, NDArray[np.uint8]] = {}
        digests: dict[str, str] = {}
        for row in _rows(folder, self.described):
            if row["label"] in labels:
                self.verdicts[row["master_sha256"]][row["label"]] = row["decision"]
                digests[row["master_sha256"]] = row["picture_sha256"]
            else:
                self.ignored += 1
        for sha256, digest in digests.items():
            self.pictures[sha256] = _picture(folder, sha256, digest)
        self.decided = self._entries()
        self.entries = [*self.decided, *(beside.entries if beside else [])]
        self.table_sha256: str = self.described["table_sha256"]
        self.hash = self.table_sha256
        if beside:
            both = f"{self.table_sha256} {beside.hash}"
            self.hash = hashlib.sha256(both.encode()).hexdigest()

    def picture(self, entry: Entry) -> NDArray[np.uint8]:
        """Return one picture, (H, W, 3) sRGB; a decided one is grey."""
        if entry.source != SOURCE:
            assert self.beside is not None  # noqa: S101
            return self.beside.picture(entry)
        grey = self.pictures[entry.file]
        return np.broadcast_to(grey[..., None], (*grey.shape, 3))

    def grey(self, entry: Entry) -> NDArray[np.uint8]:
        """Return a decided picture as it is, (H, W) luma."""
        return self.pictures[entry.file]

    def of_split(self, split: str) -> list[Entry]:
        """Return the decided photographs of a split; there may be none."""
        return [entry for entry in self.decided if entry.split == split]

    def _entries(self) -> list[Entry]:
        names = sorted(self.pictures)
        splits = {name: split_of(name) for name in names}
        for later, first in _repeats([self.pictures[name] for name in names]).items():
            splits[names[later]] = splits[names[first]]
        entries = []
        for name in names:
            verdicts = self.verdicts[name]
            height, width = self.pictures[name].shape
            present = [label for label, said in verdicts.items() if PRESENT[said]]
            known = list(verdicts)
            entries.append(
                Entry(
                    SOURCE, name, splits[name], False, 0, height, width, present, known
                )
            )
        return entries


def split_of(sha256: str) -> str:
    """Return "held" and "tune" for about 20 of 100 masters each, "fit" for others."""
    digest = hashlib.sha256(sha256.encode()).digest()
    place = int.from_bytes(digest[:4], "big") % 100
    if place < HELD_PERCENT:
        return "held"
    return "tune" if place < HELD_PERCENT + TUNE_PERCENT else "fit"


def count(entries: Iterable[Entry]) -> int:
    """Return how many decisions there are on some photographs."""
    return sum(len(entry.known) for entry in entries)


def _described(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / "decisions.json").read_text(encoding="utf-8"))
        kind, version = found["format"], found["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DecisionsUnsuitable(
            f"{folder} is no export of decisions: name a folder that"
            " `manage.py export_decisions` wrote."
        ) from error
    if (kind, version) != (FORMAT, VERSION):
        raise DecisionsUnsuitable(
            f"{folder} is an export of kind {kind}, version {version}; this program"
            f" reads {FORMAT}, version {VERSION}. Export again with this program."
        )
    described: dict[str, Any] = found
    return described


def _rows(folder: Path, described: dict[str, Any]) -> list[dict[str, str]]:
    path = folder / "decisions.csv"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DecisionsUnsuitable(f"{path} is missing: export again.") from error
    if hashlib.sha256(content).hexdigest() != described.get("table_sha256"):
        raise DecisionsUnsuitable(
            f"{path} is not as it was exported: it was changed since. Decide in the"
            " archive, then export again."
        )
    rows = list(csv.DictReader(content.decode("utf-8").splitlines()))
    strange = sorted({row["decision"] for row in rows} - set(PRESENT))
    if strange:
        raise DecisionsUnsuitable(f"{path}: unknown decision {', '.join(strange)}.")
    return rows


def _picture(folder: Path, sha256: str, digest: str) -> NDArray[np.uint8]:
    path = folder / "pictures" / f"{sha256}.png"
    try:
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise DecisionsUnsuitable(
                f"{path} is not as it was exported: export again."
            )
        with Image.open(path) as opened:
            return np.asarray(opened.convert("L"))
    except (OSError, UnidentifiedImageError) as error:
        raise DecisionsUnsuitable(f"{path} cannot be read: export again.") from error


def _repeats(pictures: Sequence[NDArray[np.uint8]]) -> dict[int, int]:
    """Return which pictures repeat an earlier one."""
    if not pictures:
        return {}
    images = [Image.fromarray(picture) for picture in pictures]
    hashes = [int(str(imagehash.phash(image)), 16) for image in images]
    small = [np.asarray(image.resize((16, 16))) for image in images]
    return near_duplicates(np.array(hashes, dtype=np.uint64), np.stack(small))
