"""Drawn photograph sets, packed, for every training test."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from training.pack import Pack, prepare
from training.sources import SCENES

torch.set_num_threads(1)

VOC = ["dog", "person", "car", "sheep"]


def draw(path: Path, number: int, size: tuple[int, int] = (72, 64)) -> None:
    """Draw a coloured scene that no other number gives."""
    rng = np.random.default_rng(number)
    width, height = size
    coarse = rng.integers(0, 256, (5, 6, 3), dtype=np.uint8)
    coarse[..., number % 3] //= 3
    picture = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, quality=95)


def draw_sets(root: Path, voc: int = 8, each_scene: int = 2) -> None:
    """Draw a small `voc`, `scenes` and `bsds` below `root`."""
    with_labels = []
    for number in range(voc):
        split = "val" if number % 4 == 3 else "train_aug"
        with_labels.append((f"v{number}", split, VOC[number % len(VOC)]))
        draw(root / "voc" / "images" / f"v{number}.jpg", number)
    with (root / "voc" / "labels.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "split", "labels"])
        writer.writerows(with_labels)
    for place, scene in enumerate(SCENES):
        for number in range(each_scene):
            for split, shift in (("train", 100), ("test", 200)):
                file = root / "scenes" / split / scene / f"{number}.jpg"
                draw(file, shift + 10 * place + number)
    for number in range(2):
        draw(root / "bsds" / f"b{number}.jpg", 300 + number, (64, 80))


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sets")
    draw_sets(root)
    return root


@pytest.fixture(scope="session")
def pack(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder = tmp_path_factory.mktemp("pack")
    return prepare(drawn, folder, ["voc", "scenes", "bsds"])
