"""Teachers: finished colorizers whose mean opinion another one learns.

They look at the clean grey picture even where the pupil sees an aged one, so that it
learns to see through the ageing. Of pictures with hints they are not asked.
"""

from __future__ import annotations

import torch
from torch import Tensor

from colorizer.vision import checkpoints
from colorizer.vision.engines.torch_engine import load_network
from colorizer.vision.networks.generator import Generator
from training.augment import luma, normalised
from training.errors import RecipeInvalid
from training.recipes import Pretrain
from training.starting import label_free


class Teachers:
    """The checkpoints that a recipe names, and what they think in a pupil's bins.

    Args:
        recipe: Names them.
        pupil: Whose bins their chances are put into, each the nearest.
        device: Where they are run.

    Raises:
        RecipeInvalid: One has no bins, or other places than the pupil, or saw labels
            where the recipe must not.
        CheckpointNotFound: There is none of that name.
    """

    def __init__(
        self, recipe: Pretrain, pupil: Generator, device: torch.device
    ) -> None:
        self.device = device
        self.known: list[tuple[Generator, Tensor]] = []
        if not pupil.bins:
            raise RecipeInvalid("teachers: what they think is learnt in bins only.")
        for name in recipe.teachers:
            card = checkpoints.card(name)
            label_free(card, recipe, "teachers")
            teacher = load_network(card)
            if not isinstance(teacher, Generator) or not teacher.bins:
                raise RecipeInvalid(f"teachers: {name} has no bins of colours.")
            if teacher.share != pupil.share:
                raise RecipeInvalid(f"teachers: {name} colours at another size.")
            nearest = torch.cdist(teacher.centres, pupil.centres).argmin(1)
            self.known.append((teacher.to(device), nearest.to(device)))
        self.bins = pupil.bins

    @torch.no_grad()
    def __call__(self, rgb: Tensor, hints: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return their mean chances (B, h, w, Q), and (B,) 1 where there is no hint.

        Args:
            rgb: (B, 3, H, W) sRGB, 0-255.
            hints: (B, 3, H, W), what the pupil is told.
        """
        grey = normalised(luma(rgb).round())
        grey = grey.contiguous(memory_format=torch.channels_last)
        means = []
        for teacher, nearest in self.known:
            chances = torch.softmax(teacher(grey).float().permute(0, 2, 3, 1), -1)
            put = chances.new_zeros(*chances.shape[:3], self.bins)
            means.append(put.index_add_(-1, nearest, chances))
        heard = rgb.new_ones(len(rgb))
        if hints is not None:
            heard = (hints[:, 2].amax((1, 2)) == 0).float()
        return torch.stack(means).mean(0), heard
