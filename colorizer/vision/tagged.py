"""What a tagger makes of one picture; of arrays alone, so that all may know it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Tagged:
    """What a tagger makes of one picture.

    Attributes:
        scores: the calibrated probability of each label.
        features: (F,) float16 of length 1, the picture as the last layer is given it;
            F is 0 where the engine does not give them.
        regions: for each label where its score comes from, (rows, columns) of 0-255,
            a place for about 32 pixels of the working picture; none where the engine
            does not give them.
    """

    scores: dict[str, float]
    features: NDArray[np.float16]
    regions: dict[str, NDArray[np.uint8]]
