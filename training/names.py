"""What the names of the sets `varied` and `objects` say of Pascal VOC's labels.

They are pictures of one thing each. Of some labels the subset of Pascal VOC has so few
to learn from (31 birds, 20 boats) that these are several times as many.
"""

from __future__ import annotations

import re
from collections.abc import Callable

WNIDS = {
    "aeroplane": ("n02690373", "n04552348"),
    "bicycle": ("n02835271", "n03792782"),
    "bird": (
        "n01514668-n01622779",
        "n01795545-n01860187",
        "n02002556-n02058221",
    ),
    "boat": (
        "n02951358",
        "n02981792",
        "n03095699",
        "n03344393",
        "n03447447",
        "n03662601",
        "n03673027",
        "n03947888",
        "n04147183",
        "n04273569",
        "n04483307",
        "n04612504",
    ),
    "bottle": ("n02823428", "n03937543", "n03983396", "n04557648", "n04591713"),
    "bus": ("n03769881", "n04146614", "n04487081"),
    "car": (
        "n02814533",
        "n02930766",
        "n03100240",
        "n03594945",
        "n03670208",
        "n03770679",
        "n03777568",
        "n03930630",
        "n04037443",
        "n04285008",
    ),
    "cat": ("n02123045-n02124075",),
    "chair": ("n02791124", "n03376595", "n04099969"),
    "cow": ("n02403003",),
    "diningtable": ("n03201208",),
    "dog": ("n02085620-n02113978",),
    "horse": ("n02389026",),
    "motorbike": ("n03785016", "n03791053"),
    "person": ("n09835506", "n10148035", "n10565667"),
    "pottedplant": ("n03991062",),
    "sheep": ("n02412080", "n02415577"),
    "sofa": ("n04344873",),
    "train": ("n02917067", "n03272562", "n03895866", "n04310018"),
    "tvmonitor": ("n03180011", "n03782006", "n04152593", "n04404412"),
}
"""WordNet numbers of ImageNet's classes, and ranges of them, by label."""
WNID = re.compile(r"n\d{8}")
CALTECH = {
    "airplanes": "aeroplane",
    "bonsai": "pottedplant",
    "chair": "chair",
    "dalmatian": "dog",
    "emu": "bird",
    "ferry": "boat",
    "flamingo": "bird",
    "flamingo_head": "bird",
    "ibis": "bird",
    "ketch": "boat",
    "Motorbikes": "motorbike",
    "pigeon": "bird",
    "rooster": "bird",
    "schooner": "boat",
    "windsor_chair": "chair",
}
"""Labels by Caltech-101's names."""
ABSENT = (
    "aeroplane",
    "bicycle",
    "bird",
    "boat",
    "bus",
    "cat",
    "cow",
    "dog",
    "horse",
    "motorbike",
    "sheep",
    "train",
)
"""Labels that a picture of another one hardly ever shows besides; people, cars,
furniture, bottles and plants may stand beside everything."""


def of_wnid(stem: str) -> str | None:
    """Return the label of a file of `varied`, "n01514668_cock"; None for none."""
    wnid = stem.split("_", 1)[0]
    if not WNID.fullmatch(wnid):
        return None
    for label, ranges in WNIDS.items():
        for each in ranges:
            first, _, last = each.partition("-")
            if first <= wnid <= (last or first):
                return label
    return None


def of_caltech(stem: str) -> str | None:
    """Return the label of a file of `objects`, "emu__image_0003"; None for none."""
    return CALTECH.get(stem.split("__", 1)[0])


NAMED: dict[str, Callable[[str], str | None]] = {
    "varied": of_wnid,
    "objects": of_caltech,
}
"""How the sets whose files are named say what they show."""
