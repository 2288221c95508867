"""Classification over ab bins: Zhang, Isola & Efros, "Colorful Image Colorization".

ECCV 2016. Deviations: bins are those that the training pictures use, found by
counting; the soft encoding over the five nearest bins is looked up in a table; the
rebalancing weight is softened by an exponent.
"""

from __future__ import annotations

import torch
from torch import Tensor

GRID = 10.0
NEAREST = 5
SIGMA = 5.0
_REACH = 110  # ab is clamped to ±110
_TABLE = 2 * _REACH + 1


class AbBins:
    """Bin centres, a soft encoding by table, and rebalancing weights.

    Args:
        centres: (Q, 2) ab units.
        shares: (Q,) share of the training places in each bin.
        exponent: 0 for no rebalancing, 1 for Zhang's.
    """

    def __init__(self, centres: Tensor, shares: Tensor, exponent: float) -> None:
        self.centres = centres
        axis = torch.arange(-_REACH, _REACH + 1, dtype=torch.float32)
        places = torch.cartesian_prod(axis, axis)  # (221², 2)
        distance, self.nearest = torch.cdist(places, centres).topk(
            NEAREST, largest=False
        )
        shares_of_nearest = torch.softmax(-(distance**2) / (2 * SIGMA**2), 1)
        self.encoding = shares_of_nearest  # (221², 5)
        mixed = 0.5 * shares + 0.5 / len(centres)
        weight = mixed**-exponent
        weight = weight / (shares * weight).sum()
        self.weight = (weight[self.nearest] * self.encoding).sum(1)  # (221²,)

    def to(self, device: torch.device) -> AbBins:
        """Move the tables to where the scores are computed; return these bins."""
        for name in ("centres", "nearest", "encoding", "weight"):
            setattr(self, name, getattr(self, name).to(device))
        return self

    def loss(self, log_chances: Tensor, true: Tensor) -> Tensor:
        """Return the rebalanced cross-entropy.

        Args:
            log_chances: (B, h, w, Q), log-softmax of the scores over Q.
            true: (B, 2, h, w), ab units.
        """
        index = self.place(true)  # (B, h, w)
        near = log_chances.gather(-1, self.nearest[index])
        each = -(near * self.encoding[index]).sum(-1)
        return (each * self.weight[index]).mean()

    @staticmethod
    def place(ab: Tensor) -> Tensor:
        """Return the row of the table for each place of (B, 2, h, w)."""
        whole = ab.round().clamp(-_REACH, _REACH).long() + _REACH
        return whole[:, 0] * _TABLE + whole[:, 1]


def shares_of(ab: Tensor, centres: Tensor) -> Tensor:
    """Return the share (Q,) of places (N, 2), ab units, nearest to each centre."""
    parts = torch.split(ab, 65536)
    nearest = torch.cat([torch.cdist(part, centres).argmin(1) for part in parts])
    counts = torch.bincount(nearest, minlength=len(centres)).float()
    return counts / counts.sum()


def count_bins(ab: Tensor, least_share: float = 2e-5) -> tuple[Tensor, Tensor]:
    """Return the centres (Q, 2) of the bins in use and the share (Q,) of each.

    Args:
        ab: (N, 2) ab units of many places of training pictures.
        least_share: Bins used by fewer places are left out.
    """
    cells = (ab / GRID).round().long()
    unique, counts = torch.unique(cells, dim=0, return_counts=True)
    shares = counts.float() / counts.sum()
    kept = shares >= least_share
    return unique[kept].float() * GRID, shares[kept] / shares[kept].sum()
