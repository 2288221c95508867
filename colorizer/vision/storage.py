"""How weights are kept in a file: the large ones in eight bits, the others in sixteen.

Symmetric weight-only quantisation (Jacob et al., "Quantization and Training of Neural
Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018): a large weight is
whole numbers from -127 to 127 and a scale for each output channel, from which float32
is made when it is read. What is computed stays full precision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGE = 20_000
"""Numbers from which on a weight is kept in eight bits. Smaller ones are a tenth of
all; in eight bits they would cause most of the error."""
MOST = 127
SCALE = "/scale"
"""What is added to a weight's name for the scale of each of its output channels."""


def narrowed(weights: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[Any]]:
    """Return what is kept of weights, by name: int8 with scales, or float16."""
    kept: dict[str, NDArray[Any]] = {}
    for name, weight in weights.items():
        if weight.ndim < 2 or weight.size < LARGE:
            kept[name] = weight.astype(np.float16)
            continue
        rows = np.abs(weight).reshape(len(weight), -1).max(1)
        scale = np.where(rows > 0, rows / MOST, 1).astype(np.float32)
        whole = np.rint(weight / _along(scale, weight.ndim))
        kept[name] = whole.astype(np.int8)
        kept[name + SCALE] = scale
    return kept


def widened(kept: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    """Return the weights in float32.

    Raises:
        KeyError: One in eight bits has no scale.
    """
    return {
        name: stored.astype(np.float32) * _along(kept[name + SCALE], stored.ndim)
        if stored.dtype == np.int8
        else stored.astype(np.float32)
        for name, stored in kept.items()
        if not name.endswith(SCALE)
    }


def _along(scale: NDArray[np.float32], axes: int) -> NDArray[np.float32]:
    """Return one scale a row of the first of ``axes``."""
    return scale.reshape(-1, *[1] * (axes - 1))
