"""Learning rates and averaged weights as functions of the step alone."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


def cosine(step: int, steps: int, warmup: int, floor: float = 0.01) -> float:
    """Return the factor of the learning rate at ``step``, at most 1.

    Linear warm-up, then half a cosine down to ``floor`` at ``steps``.
    """
    if step < warmup:
        return (step + 1) / warmup
    way = min(1.0, (step - warmup) / max(1, steps - warmup))
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * way))


class Average:
    """An exponential moving average of a network's weights and buffers."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.steps = 0
        self.state = {k: v.clone() for k, v in network.state_dict().items()}

    def load(self, state: dict[str, Tensor], steps: int) -> None:
        """Go on from an average of so many steps that was saved."""
        self.steps = steps
        self.state = {k: v.to(self.state[k].device) for k, v in state.items()}

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Move towards the network's weights; faster in the first steps."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        averaged, present = [], []
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                averaged.append(self.state[name])
                present.append(value)
            else:
                self.state[name].copy_(value)
        torch._foreach_lerp_(averaged, present, 1 - decay)
