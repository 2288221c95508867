"""The index of features: a file that can be made again, read where it lies.

A folder holds `NAME.usearch`, an index in the sense of Malkov & Yashunin 2018 of
vectors of 8-bit integers by photograph, and `index.json`, which names it and says up
to when it reaches. The second is replaced last and whole: killed at any moment, the
folder still names one whole index, and what was left half done is swept next time.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import mmap
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

if TYPE_CHECKING:
    from usearch.index import Index

FOLDER = "alike"
POINTER = "index.json"
LARGEST = 127
_SHAPE: dict[str, Any] = {
    "metric": "cos",
    "dtype": "i8",
    "connectivity": 16,
    "expansion_add": 64,
    "expansion_search": 128,
}

Vectors = NDArray[np.int8]


@dataclass(frozen=True)
class State:
    """What the folder says of its index.

    Attributes:
        model: name of the tagger whose features it holds.
        version: the tagger's.
        sha256: of the tagger's weights.
        file: name of the index.
        until: when the newest draft in it was made.
        made_at: when it was written.
        count: how many photographs it holds.
        width: how many numbers a vector has.
    """

    model: str
    version: str
    sha256: str
    file: str
    until: dt.datetime
    made_at: dt.datetime
    count: int
    width: int

    @classmethod
    def read(cls) -> Self | None:
        """Return the state; None where there is no index that can be read."""
        try:
            text = json.loads((folder() / POINTER).read_text(encoding="utf-8"))
            for name in ("until", "made_at"):
                text[name] = dt.datetime.fromisoformat(text[name])
            state = cls(**text)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return state if (folder() / state.file).is_file() else None

    def write(self) -> None:
        """Name this index, whole or not at all."""
        text = asdict(self)
        text |= {"until": str(self.until), "made_at": str(self.made_at)}
        partial = folder() / f"{POINTER}.partial"
        partial.write_text(json.dumps(text, indent=2) + "\n", encoding="utf-8")
        partial.replace(folder() / POINTER)


def folder() -> Path:
    """Return where the index lies; nothing there needs a backup."""
    return Path(settings.DATA_DIR) / FOLDER


def vector_of(features: bytes) -> Vectors | None:
    """Return the features of a draft as the index keeps them, (F,), or None.

    The angle between two vectors is all that counts, so each uses the whole range.
    """
    vector = np.frombuffer(features, np.float16).astype(np.float32)
    largest = float(np.abs(vector).max(initial=0.0))
    if not largest:
        return None
    kept: Vectors = np.rint(vector * (LARGEST / largest)).astype(np.int8)
    return kept


def empty(width: int) -> Index:
    """Return an index without photographs, in memory."""
    return _made(width)


def _made(width: int, **options: Any) -> Index:
    """Return a new index; the library is loaded by those who ask for one."""
    from usearch.index import Index  # noqa: PLC0415  15 MB in every process

    return Index(ndim=width, **_SHAPE, **options)


def loaded(state: State) -> Index:
    """Return a copy of the index in memory, to be changed."""
    index = empty(state.width)
    index.load(str(folder() / state.file))
    return index


class Reader:
    """An index that is read where it lies, without being loaded.

    What a search has touched is given back to the system after it, so that a process
    that searches does not grow by the size of the index.
    """

    def __init__(self, state: State) -> None:
        """Map the file of the index."""
        self.state = state
        with (folder() / state.file).open("rb") as stream:
            self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        self._index = _made(state.width, enable_key_lookups=False)
        self._index.view(memoryview(self._map))
        self._advise("MADV_DONTNEED")

    def nearest(self, vector: Vectors, count: int) -> list[tuple[int, float]]:
        """Return photographs and their likeness (a cosine), the most alike first.

        Raises:
            ValueError: the vector is another tagger's.
        """
        if vector.shape != (self.state.width,):
            raise ValueError(f"A vector of {vector.shape}, not ({self.state.width},).")
        found = nearest(self._index, vector, count)
        self._advise("MADV_DONTNEED")
        return found

    def _advise(self, name: str) -> None:
        if hasattr(mmap, name):  # Linux and macOS have them
            with contextlib.suppress(OSError):
                self._map.madvise(getattr(mmap, name))


def nearest(index: Index, vector: Vectors, count: int) -> list[tuple[int, float]]:
    """Return photographs and their likeness (a cosine), the most alike first."""
    if not len(index):
        return []
    found = index.search(vector, count)
    likeness = 1.0 - np.asarray(found.distances, np.float64)
    keys: Sequence[int] = found.keys.tolist()
    return list(zip(keys, likeness.round(4).tolist(), strict=True))


_open: Reader | None = None
_guard = threading.Lock()


def reader() -> Reader | None:
    """Return the index as it is named now; None where there is none."""
    global _open
    state = State.read()
    with _guard:
        if state is None:
            _open = None
        elif _open is None or _open.state != state:
            _open = Reader(state)
        return _open
