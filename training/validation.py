"""How good a generator is while it learns: on pictures that training does not see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from skimage.color import deltaE_ciede2000
from torch import Tensor
from torch.nn import functional as F

from training.augment import luma, normalised
from training.hinting import hints_at, steady
from training.lab import lab_of, rgb_of
from training.pack import Pack

HINTED_WITH = 5
SHOWN = 8
"""Pictures on a sheet."""
BATCH = 16
Predict = Callable[[Tensor, Tensor | None], Tensor]
"""Gives ab (B, 2, h, w) for grey (B, 1, H, W) and hints (B, 3, H, W) or None."""


class Validation:
    """Central squares of the tuning split, and what a generator makes of them.

    Args:
        pack: Where they are.
        sources: Of which sets.
        count: How many at most, evenly spread.
        size: Side of the squares.
        share: How many times smaller the generator's ab is.
        hints: Measure with true hints, too.
    """

    def __init__(
        self,
        pack: Pack,
        sources: dict[str, float],
        count: int,
        size: int,
        share: int,
        *,
        hints: bool,
    ) -> None:
        entries = pack.select("tune", colour=True, sources=sources)
        entries = entries[:: max(1, len(entries) // count)][:count]
        squares = [central(pack.picture(entry), size) for entry in entries]
        self.rgb = torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2).float()
        self.hints = (
            hints_at(self.rgb, steady(len(entries)), [HINTED_WITH] * len(entries))
            if hints
            else None
        )
        small = F.avg_pool2d(self.rgb, share) if share > 1 else self.rgb
        self.lab = lab_of(small / 255.0)
        self.grey_error = self._error(torch.zeros_like(self.lab[:, 1:]))

    def measure(self, predict: Predict) -> tuple[dict[str, float], Image.Image]:
        """Return the figures, and a sheet of grey, predicted and true pictures.

        ``delta_e00`` is the mean CIEDE2000 at the size of the ab; beside it its ratio
        to that of grey, and with hints that with five true ones.
        """
        found = self._all(predict, None)
        error = self._error(found)
        figures = {
            "delta_e00": error,
            "ratio_to_grey": error / self.grey_error,
            "ab_rmse": float((found - self.lab[:, 1:]).square().mean().sqrt()),
        }
        if self.hints is not None:
            figures["delta_e00_hinted"] = self._error(self._all(predict, self.hints))
        return figures, self._sheet(found)

    def _all(self, predict: Predict, hints: Tensor | None) -> Tensor:
        grey = normalised(luma(self.rgb).round())
        parts = []
        for first in range(0, len(grey), BATCH):
            part = slice(first, first + BATCH)
            parts.append(predict(grey[part], None if hints is None else hints[part]))
        return torch.cat(parts).float().cpu()

    def _error(self, ab: Tensor) -> float:
        found = torch.cat([self.lab[:, :1], ab], 1)
        true, other = (x.permute(0, 2, 3, 1).numpy() for x in (self.lab, found))
        difference = deltaE_ciede2000(true, other)  # type: ignore[no-untyped-call]
        return float(difference.mean())

    def _sheet(self, ab: Tensor) -> Image.Image:
        lightness = self.lab[:SHOWN, :1]
        shown = [
            rgb_of(torch.cat([lightness, colours[:SHOWN]], 1))
            for colours in (torch.zeros_like(ab), ab, self.lab[:, 1:])
        ]
        page = torch.stack(shown, 1)  # (N, 3 kinds, 3, h, w)
        page = page.permute(1, 3, 0, 4, 2).flatten(0, 1).flatten(1, 2)
        return Image.fromarray((page * 255).round().byte().numpy())


def central(picture: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return the largest central square of (H, W, 3) as (size, size, 3)."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = Image.fromarray(picture[top : top + side, left : left + side])
    return np.asarray(square.resize((size, size), Image.Resampling.BOX))


@dataclass
class Patience:
    """Remembers the best weights of a phase, and when to stop waiting for better.

    Attributes:
        patience: Measurements without a better one after which a run ends; 0: never.
    """

    patience: int
    phase: str = ""
    best: float = float("inf")
    since: int = 0
    weights: dict[str, Tensor] = field(default_factory=dict)

    def see(self, value: float, phase: str, weights: dict[str, Tensor]) -> None:
        """Take note of a measurement, smaller being better.

        The best of another phase is no standard: the game of a generator with a
        discriminator costs a little error for colours that look alive.
        """
        if phase != self.phase:
            self.phase, self.best = phase, float("inf")
        self.since += 1
        if value < self.best:
            self.best, self.since = value, 0
            self.weights = {k: v.clone() for k, v in weights.items()}

    @property
    def exhausted(self) -> bool:
        """Say whether the run has waited long enough."""
        return 0 < self.patience <= self.since
