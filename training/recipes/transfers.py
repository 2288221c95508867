"""Recipes of what is made of a colour generator, and of their comparison."""

from __future__ import annotations

from dataclasses import dataclass

from training.recipes import Transfer


@dataclass(frozen=True)
class Segment(Transfer):
    """How a colour generator is transferred to segmentation of one set."""

    rate: float = 1e-3
    encoder_rate: float = 5e-4
    first_trained_block: int = 0
    thaw_from: float = 0.0
    aged_share: float = 0.0
    weight_decay: float = 0.01
    widths: tuple[int, int, int, int] = (48, 96, 160, 256)
    """Of a decoder that starts from chance."""
    working_size: int = 256
    """The longer side at which held-back pictures are segmented."""
