"""How vivid predicted colours become: what a mean over doubts has taken from them.

Where a network doubts, the mean of what may be is pale, so every chroma is enlarged.
One factor for all would tint walls and paper that are nearly grey, and are mostly meant
to be. A power law enlarges what is coloured, and leaves alone what is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
UNIT = 10.0
"""The chroma, in units of ab, at which the power makes no difference."""


@dataclass(frozen=True)
class Vividness:
    """A chroma c becomes ``scale`` · c · (c / 10) ^ ``power``; its hue stays."""

    scale: float = 1.0
    power: float = 0.0

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Vividness:
        """Return what a card's parameters say."""
        return cls(
            float(parameters.get("chroma_scale", 1.0)),
            float(parameters.get("chroma_power", 0.0)),
        )

    def applied(self, ab: Floats) -> Floats:
        """Return colours made vivid, (..., 2, H, W) CIE Lab a*b*."""
        chroma = np.hypot(ab[..., :1, :, :], ab[..., 1:, :, :])
        gain = self.scale * (chroma / UNIT) ** self.power
        return np.asarray(ab * gain, np.float32)

    def undone(self, ab: NDArray[Any]) -> NDArray[Any]:
        """Return the colour (2,) that becomes ``ab``."""
        chroma = float(np.hypot(*ab))
        if not chroma or not self.scale:
            return ab
        before = UNIT * (chroma / UNIT / self.scale) ** (1 / (1 + self.power))
        return np.asarray(ab * (before / chroma))
