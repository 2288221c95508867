"""The photograph sets: where their files lie, their own splits, labels and terms."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.errors import DatasetMissing, UnknownLabel
from training.names import ABSENT, NAMED

VOC_LABELS = [
    "aeroplane",
    "bicycle",
    "bird",
    "boat",
    "bottle",
    "bus",
    "car",
    "cat",
    "chair",
    "cow",
    "diningtable",
    "dog",
    "horse",
    "motorbike",
    "person",
    "pottedplant",
    "sheep",
    "sofa",
    "train",
    "tvmonitor",
]
SCENES = ["street", "sea", "mountain", "buildings", "forest", "glacier"]
LABELS = [*VOC_LABELS, *SCENES]
"""The tagger's 26 labels, in the order of its outputs."""
JUDGED = ("voc", "scenes")
"""The sets by which a tagger is calibrated and measured."""

VOID = 255
"""The value in a mask of places that have no class and count for nothing."""
CLASSES = {
    "voc": ["background", *VOC_LABELS],
    "camvid": [
        "sky",
        "building",
        "pole",
        "road",
        "pavement",
        "tree",
        "sign",
        "fence",
        "car",
        "pedestrian",
        "cyclist",
    ],
}
"""The classes of the sets that have masks, by their value in the masks."""
_UNLABELLED = {"voc": VOID, "camvid": 11}

TERMS = {
    "voc": "Pascal VOC 2012 subset: Flickr photographs, research use",
    "scenes": "natural scenes in six classes: research use",
    "faces": "people, head and shoulders: research use, for skin tones only",
    "objects": "Caltech-101: CC BY 4.0 (unconfirmed)",
    "varied": "one picture an ImageNet class: research use",
    "camvid": "CamVid video frames: CC BY-NC 4.0",
    "bsds": "Berkeley segmentation set: research use; evaluation only",
}
"""Each set's terms, as a model card states them."""


@dataclass(frozen=True)
class Photograph:
    """One picture of a set, before anything was decided about it.

    ``split`` is the set's own: "train" for what may be learnt from, "held" for
    pictures that no training may touch. ``present`` are its labels; of the labels in
    ``known`` those that are not present are known to be absent, all others are
    unknown. ``mask`` is the file that says each place's class, if there is one.
    """

    source: str
    file: str
    split: str
    present: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    mask: str = ""


def voc(root: Path) -> Iterator[Photograph]:
    """Pascal VOC 2012: ``labels.csv``; pictures without masks have no sure labels."""
    table = root / "voc" / "labels.csv"
    if not table.is_file():
        raise DatasetMissing(f"There is no label file {table}.")
    with table.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            labels = tuple(row["labels"].split())
            unknown = sorted(set(labels) - set(VOC_LABELS))
            if unknown:
                raise UnknownLabel(
                    f"{table} names {', '.join(unknown)} at {row['id']}, which is "
                    f"not one of {', '.join(VOC_LABELS)}."
                )
            sure = row["split"] != "nomask"
            mask = f"voc/masks/{row['id']}.png"
            yield Photograph(
                "voc",
                f"voc/images/{row['id']}.jpg",
                "held" if row["split"] == "val" else "train",
                labels if sure else (),
                tuple(VOC_LABELS) if sure else (),
                mask if sure and (root / mask).is_file() else "",
            )


def scenes(root: Path) -> Iterator[Photograph]:
    """Six natural scenes, one a folder: the other five are known to be absent."""
    for split in ("train", "test"):
        for scene in SCENES:
            for file in _pictures(root / "scenes" / split / scene):
                yield Photograph(
                    "scenes",
                    file.relative_to(root).as_posix(),
                    "held" if split == "test" else "train",
                    (scene,),
                    tuple(SCENES),
                )


def camvid(root: Path) -> Iterator[Photograph]:
    """Street video frames; only its own training frames may be learnt from."""
    for split in ("train", "val", "test"):
        for file in _pictures(root / "camvid" / split):
            mask = root / "camvid" / f"{split}annot" / f"{file.stem}.png"
            yield Photograph(
                "camvid",
                file.relative_to(root).as_posix(),
                "train" if split == "train" else "held",
                mask=mask.relative_to(root).as_posix() if mask.is_file() else "",
            )


def _named(name: str) -> Callable[[Path], Iterator[Photograph]]:
    """Pictures of one thing each, whose name may be one of Pascal VOC's labels."""

    def photographs(root: Path) -> Iterator[Photograph]:
        for file in _pictures(root / name):
            label = NAMED[name](file.stem)
            yield Photograph(
                name,
                file.relative_to(root).as_posix(),
                "train",
                (label,) if label else (),
                tuple(sorted({label, *ABSENT})) if label else (),
            )

    return photographs


def _unlabelled(name: str, split: str) -> Callable[[Path], Iterator[Photograph]]:
    def photographs(root: Path) -> Iterator[Photograph]:
        for file in _pictures(root / name):
            yield Photograph(name, file.relative_to(root).as_posix(), split)

    return photographs


SOURCES: dict[str, Callable[[Path], Iterator[Photograph]]] = {
    "bsds": _unlabelled("bsds", "held"),
    "voc": voc,
    "scenes": scenes,
    "camvid": camvid,
    "varied": _named("varied"),
    "faces": _unlabelled("faces", "train"),
    "objects": _named("objects"),
}
"""Every set by name, held-back pictures first where near-duplicates are judged."""


def pictures_of(root: Path, name: str) -> list[Photograph]:
    """Return the pictures of the set ``name`` below ``root``.

    Raises:
        DatasetMissing: The folder is not there or has no pictures.
        UnknownLabel: A label file names an unknown label.
    """
    found = list(SOURCES[name](root))
    if not found:
        raise DatasetMissing(f"There are no pictures of the set {name} in {root}.")
    return found


def read_mask(path: Path, source: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a mask (H, W): each place's class in :data:`CLASSES`, or :data:`VOID`.

    Args:
        path: A greyscale or palette PNG.
        source: The set it belongs to.
        size: Width and height of its picture.

    Raises:
        UnknownLabel: It has a value that is no class, or another size.
    """
    with Image.open(path) as opened:
        mask = np.asarray(opened).astype(np.uint8)
    mask[mask == _UNLABELLED[source]] = VOID
    if mask.shape != (size[1], size[0]):
        raise UnknownLabel(f"{path} is not as large as its picture.")
    strange = np.setdiff1d(mask, [*range(len(CLASSES[source])), VOID])
    if len(strange):
        raise UnknownLabel(f"{path} has the value {strange[0]}, which is no class.")
    return mask


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise DatasetMissing(f"There is no folder {folder}.")
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in {".jpg", ".png"})
