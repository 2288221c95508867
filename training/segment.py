"""The colour generator, transferred to semantic segmentation.

Treneska et al. 2022 exchange the last layer of the colorization network for one score
a class. Deviations: void places have no part in loss or measure, the network is in
evaluation mode when it is judged, and whole pictures are judged at their own size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from colorizer.vision.networks.generator import Generator
from training.augment import luma, mixed_grey, normalised, resized
from training.errors import RecipeInvalid
from training.loop import Loop
from training.pack import Entry, Masked, Pack
from training.recipes.transfers import Segment
from training.shares import balanced_weights, labelled_share
from training.sources import CLASSES, VOID
from training.starts import UNFOLDED_AT, Start, load_start, unfold_norms

Confusions = NDArray[np.int64]


def crop_masked(
    picture: NDArray[np.uint8], size: int, rng: np.random.Generator, least: float
) -> NDArray[np.uint8]:
    """Return a random square (size, size, 4), perhaps mirrored, of (H, W, 4).

    Colours are interpolated, classes are not.
    """
    height, width = picture.shape[:2]
    side = max(1, round(min(height, width) * rng.uniform(least, 1.0)))
    top = int(rng.integers(height - side + 1))
    left = int(rng.integers(width - side + 1))
    square = resized(picture[top : top + side, left : left + side], (size, size))
    return square[:, ::-1] if rng.random() < 0.5 else square


class Segmenting(Loop):
    """One run of a :class:`Segment` recipe; see :class:`Loop`.

    Args:
        recipe: What to do.
        pack: What to learn from.
        folder: The run folder.
        start: "scratch", "lite0", a pretraining run's folder or a checkpoint's name.
        say: Where progress lines go.
    """

    network: Generator

    def __init__(
        self,
        recipe: Segment,
        pack: Pack,
        folder: Path,
        start: str,
        say: Callable[[str], None] = print,
    ) -> None:
        if len(recipe.sources) != 1 or not set(recipe.sources) <= set(CLASSES):
            raise RecipeInvalid(f"sources: one of {', '.join(CLASSES)}, and no other.")
        [self.source] = recipe.sources
        entries = labelled_share(
            pack.select("fit", masked=True, sources=recipe.sources),
            recipe.share,
            recipe.seed,
        )
        cut = partial(crop_masked, least=recipe.least_crop)
        weights = np.ones(len(entries))
        if any(entry.present for entry in entries):
            weights = balanced_weights(entries, recipe.sources, recipe.balance)
        masked = Masked(pack.folder)
        super().__init__(recipe, masked, folder, entries, weights, cut, say)
        self.recipe, self.labelled = recipe, len(entries)
        self.start: Start = load_start(
            start, recipe.seed, recipe.generator, recipe.widths
        )
        sample = self.batches.at(UNFOLDED_AT, recipe.size)[0][:, :3]
        unfold_norms(self.start.generator, normalised(luma(sample)))
        network = self.start.segmenter(len(CLASSES[self.source]), recipe.seed)
        self.begin(network, network.encoder)

    def remarks(self) -> dict[str, Any]:
        """Return what it started from."""
        return {"pretrained": self.start.name}

    def loss(self, rgb: Tensor, _drawn: NDArray[np.intp]) -> Tensor:
        """Return the cross-entropy of (B, 4, size, size) where there is a class."""
        rng = self.batches.rng(self.step, 1)
        grey = mixed_grey(rgb[:, :3], self.recipe.aged_share, rng)
        scores = self.network(grey.contiguous(memory_format=torch.channels_last))
        return void_free_cross_entropy(scores, rgb[:, 3].long())

    def measure(self, split: str = "held") -> Confusions:
        """Return :func:`confusions` of the averaged weights on a split."""
        self.network.load_state_dict(self.average.state)
        entries = self.pack.select(split, masked=True, sources=[self.source])
        pack, size = Pack(self.pack.folder), self.recipe.working_size
        return confusions(self.network, pack, entries, size)


def void_free_cross_entropy(scores: Tensor, classes: Tensor) -> Tensor:
    """Return the mean cross-entropy over places that have a class.

    Args:
        scores: (B, C, h, w), enlarged to the size of ``classes``.
        classes: (B, H, W), class or :data:`VOID`.
    """
    enlarged = F.interpolate(
        scores.float(), size=classes.shape[1:], mode="bilinear", align_corners=False
    )
    total = F.cross_entropy(enlarged, classes, ignore_index=VOID, reduction="sum")
    return total / (classes != VOID).sum().clamp(min=1)


@torch.no_grad()
def confusions(
    network: Generator, pack: Pack, entries: Sequence[Entry], working_size: int
) -> Confusions:
    """Return what was taken for what, (N, C, C): picture, true class, found class.

    Each picture is seen whole and in grey, its longer side ``working_size``, mirrored
    outwards to multiples of 32; its scores are enlarged to the mask's own size.
    """
    network.eval()
    classes, stride = network.bins, network.encoder.multiple
    device = network.centres.device
    found = np.zeros((len(entries), classes, classes), np.int64)
    for row, entry in enumerate(entries):
        truth = pack.mask(entry)
        rgb = torch.from_numpy(np.array(pack.picture(entry))).permute(2, 0, 1)[None]
        grey = luma(rgb.float()).round()
        scale = working_size / max(entry.height, entry.width)
        h, w = (max(stride, round(s * scale)) for s in (entry.height, entry.width))
        grey = F.interpolate(grey, (h, w), mode="bilinear", antialias=True)
        padded = F.pad(grey, (0, -w % stride, 0, -h % stride), mode="reflect")
        scores = network(normalised(padded).to(device))
        scores = F.interpolate(scores, padded.shape[2:], mode="bilinear")[..., :h, :w]
        scores = F.interpolate(scores, truth.shape, mode="bilinear")
        taken = scores.argmax(1)[0].cpu().numpy()
        known = truth != VOID
        pairs = truth[known].astype(np.int64) * classes + taken[known]
        found[row] = np.bincount(pairs, minlength=classes**2).reshape(classes, classes)
    return found
