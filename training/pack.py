"""Every training picture once, small, in one memory-mapped file.

Pictures are stored as 8-bit sRGB with a shorter side of at most 176 pixels, one after
another, in ``pixels.u8``; masks lie in ``masks.u8`` at their own size, so that
segmentation is judged at it. ``index.json`` says where each lies, which split it is in,
what labels it has and why it is left out where it is.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from skimage.color import rgb2lab

from training.duplicates import near_duplicates
from training.errors import DatasetMissing, EmptySplit, TrainingRefused
from training.sources import SOURCES, VOID, Photograph, pictures_of, read_mask
from training.splits import split_of

SHORTER_SIDE = 176
MEAN_CHROMA_OF_COLOUR = 4.0
"""Pictures whose mean |ab| is lower are grey or toned."""
TONED_SPREAD = 2.5
"""Pictures whose ab varies less than this around its mean are toned."""


@dataclass
class Entry:
    """One packed picture.

    ``split`` is "fit", "tune", "held" (the set's own evaluation pictures) or "out"
    (a near-duplicate of ``repeats``). ``colour`` is false for grey and toned
    pictures, from which colour cannot be learnt.
    """

    source: str
    file: str
    split: str
    colour: bool
    offset: int
    height: int
    width: int
    present: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    repeats: str = ""
    mask: tuple[int, int, int] | None = None
    """Offset, height and width of its mask, where it has one."""


class Pack:
    """A packed data set, opened for reading."""

    def __init__(self, folder: Path) -> None:
        """Open the pack in ``folder``.

        Raises:
            DatasetMissing: There is no pack.
        """
        index = folder / "index.json"
        if not index.is_file():
            raise DatasetMissing(
                f"There is no pack in {folder}: run `python -m training prepare` first."
            )
        content = json.loads(index.read_text(encoding="utf-8"))
        self.folder = folder
        self.hash: str = content["hash"]
        self.counts: dict[str, dict[str, int]] = content["counts"]
        self.entries = [Entry(**entry) for entry in content["entries"]]
        self.pixels = np.memmap(folder / "pixels.u8", dtype=np.uint8, mode="r")
        self.masks = (
            np.memmap(folder / "masks.u8", dtype=np.uint8, mode="r")
            if any(entry.mask for entry in self.entries)
            else np.empty(0, np.uint8)
        )

    def picture(self, entry: Entry) -> NDArray[np.uint8]:
        """Return one picture, (H, W, 3) sRGB."""
        size = entry.height * entry.width * 3
        flat = self.pixels[entry.offset : entry.offset + size]
        return flat.reshape(entry.height, entry.width, 3)

    def mask(self, entry: Entry) -> NDArray[np.uint8]:
        """Return the mask of an entry that has one, (H, W), at its file's own size."""
        assert entry.mask is not None  # noqa: S101
        offset, height, width = entry.mask
        return self.masks[offset : offset + height * width].reshape(height, width)

    def select(
        self,
        split: str,
        *,
        colour: bool = False,
        labelled: bool = False,
        masked: bool = False,
        sources: Iterable[str] = (),
    ) -> list[Entry]:
        """Return the entries of one split, of all or some sets.

        Raises:
            EmptySplit: None is left.
        """
        wanted = set(sources)
        chosen = [
            e
            for e in self.entries
            if e.split == split
            and (e.colour or not colour)
            and (e.known or not labelled)
            and (e.mask or not masked)
            and (not wanted or e.source in wanted)
        ]
        if not chosen:
            raise EmptySplit(
                f"No picture is left in the split {split!r} of {self.folder}"
                + (f" for the sets {', '.join(sorted(wanted))}." if wanted else ".")
            )
        return chosen


class Masked(Pack):
    """A pack whose pictures carry their mask as a fourth channel, at their size."""

    def picture(self, entry: Entry) -> NDArray[np.uint8]:
        """Return (H, W, 4): sRGB and class, void where the entry has no mask."""
        rgb = super().picture(entry)
        if entry.mask is None:
            return np.dstack([rgb, np.full(rgb.shape[:2], VOID, np.uint8)])
        mask = Image.fromarray(self.mask(entry))
        fitted = mask.resize((entry.width, entry.height), Image.Resampling.NEAREST)
        return np.dstack([rgb, np.asarray(fitted)])


def prepare(
    root: Path, folder: Path, sources: Sequence[str], processes: int = 1
) -> Pack:
    """Pack the sets ``sources`` of ``root`` into ``folder``.

    Raises:
        DatasetMissing: A set is not in ``root``, or is not one that is known.
        TrainingRefused: A picture cannot be read.
    """
    strange = sorted(set(sources) - set(SOURCES))
    if strange:
        raise DatasetMissing(
            f"No set is called {', '.join(strange)}; there are {', '.join(SOURCES)}."
        )
    # Held-back pictures first, so that a repeat in training is what goes.
    photographs = [
        p for name in SOURCES if name in sources for p in pictures_of(root, name)
    ]
    photographs.sort(key=lambda p: p.split != "held")
    folder.mkdir(parents=True, exist_ok=True)
    entries: list[Entry] = []
    hashes: list[int] = []
    thumbnails: list[NDArray[np.uint8]] = []
    digest = hashlib.sha256()
    offset = mask_offset = 0
    partial, partial_masks = folder / "pixels.u8.partial", folder / "masks.u8.partial"
    jobs = [(root, p) for p in photographs]
    with (
        partial.open("wb") as out,
        partial_masks.open("wb") as masks,
        ProcessPoolExecutor(processes) as pool,
    ):
        for photograph, small in zip(
            photographs, pool.map(_shrink, jobs, chunksize=64), strict=True
        ):
            raw = small.pixels.tobytes()
            out.write(raw)
            digest.update(photograph.file.encode() + raw)
            entries.append(_entry(photograph, small, offset))
            if small.mask is not None:
                covering = small.mask.tobytes()
                masks.write(covering)
                digest.update(covering)
                entries[-1].mask = (mask_offset, *small.mask.shape)
                mask_offset += len(covering)
            hashes.append(small.hash)
            thumbnails.append(small.thumbnail)
            offset += len(raw)
    repeats = near_duplicates(np.array(hashes, dtype=np.uint64), np.stack(thumbnails))
    for later, first in repeats.items():
        if entries[later].split != "held":
            entries[later].split = "out"
            entries[later].repeats = entries[first].file
    partial.replace(folder / "pixels.u8")
    partial_masks.replace(folder / "masks.u8")
    _write_index(folder, entries, digest.hexdigest())
    return Pack(folder)


@dataclass
class _Small:
    pixels: NDArray[np.uint8]
    hash: int
    thumbnail: NDArray[np.uint8]
    colour: bool
    mask: NDArray[np.uint8] | None


def _shrink(job: tuple[Path, Photograph]) -> _Small:
    root, photograph = job
    path = root / photograph.file
    try:
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
    except (OSError, UnidentifiedImageError) as error:
        raise TrainingRefused(f"{path} cannot be read as a picture.") from error
    mask = None
    if photograph.mask:
        mask = read_mask(root / photograph.mask, photograph.source, picture.size)
    shrink = SHORTER_SIDE / min(picture.size)
    if shrink < 1:
        size = tuple(max(1, round(side * shrink)) for side in picture.size)
        picture = picture.resize((size[0], size[1]), Image.Resampling.LANCZOS)
    grey = picture.convert("L")
    bits = imagehash.phash(grey).hash.reshape(-1)
    ab = rgb2lab(np.asarray(picture.resize((48, 48), Image.Resampling.BOX)))[..., 1:]
    chroma = float(np.linalg.norm(ab, axis=-1).mean())
    spread = float(np.linalg.norm(ab - ab.mean((0, 1)), axis=-1).mean())
    return _Small(
        np.asarray(picture),
        int("".join("1" if bit else "0" for bit in bits), 2),
        np.asarray(grey.resize((16, 16), Image.Resampling.BOX)),
        chroma >= MEAN_CHROMA_OF_COLOUR and spread >= TONED_SPREAD,
        mask,
    )


def _entry(photograph: Photograph, small: _Small, offset: int) -> Entry:
    height, width = small.pixels.shape[:2]
    held = photograph.split == "held"
    return Entry(
        photograph.source,
        photograph.file,
        "held" if held else split_of(photograph.file),
        small.colour,
        offset,
        height,
        width,
        list(photograph.present),
        list(photograph.known),
    )


def _write_index(folder: Path, entries: list[Entry], pixels_hash: str) -> None:
    rows = [asdict(entry) for entry in entries]
    digest = hashlib.sha256((pixels_hash + json.dumps(rows)).encode()).hexdigest()
    counts: dict[str, dict[str, int]] = {}
    for entry in entries:
        count = counts.setdefault(entry.source, {})
        key = entry.split if entry.colour else f"{entry.split}, grey"
        count[key] = count.get(key, 0) + 1
    partial = folder / "index.json.partial"
    content = {"hash": digest, "counts": counts, "entries": rows}
    partial.write_text(json.dumps(content), encoding="utf-8")
    os.replace(partial, folder / "index.json")  # noqa: PTH105
