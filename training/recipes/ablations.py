"""Recipes of ablations: a colour recipe, and what is changed of it, arm by arm."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from training.recipes import Pretrain


@dataclass(frozen=True)
class Ablate(Pretrain):
    """A colour recipe whose arms change one thing each."""

    arms: dict[str, Any] = field(default_factory=dict)
    """By name: the keys of a colour recipe that an arm changes, and to what."""
    seeds: tuple[int, ...] = (1, 2)
    pictures: int = 240
    """Held-back ones that every arm is judged on."""
    judged_at: int = 128
    """Side of their central squares."""
    draws: int = 2000
    """Of the bootstrap."""
