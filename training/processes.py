"""Several processes that learn as one, started by ``torchrun``.

Without ``torchrun`` there is one process and nothing here does anything. CPUs talk by
gloo; GPUs, one a process, by nccl, which is untried.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.distributed.nn.functional import all_reduce


@dataclass(frozen=True)
class Place:
    """The place of a process among those that learn together."""

    number: int = 0
    count: int = 1


def place() -> Place:
    """Return the place of this process; alone unless :func:`together`."""
    if not distributed.is_initialized():
        return Place()
    return Place(distributed.get_rank(), distributed.get_world_size())


def device() -> torch.device:
    """Return what this process computes on: its CUDA device, or the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device("cpu")


@contextmanager
def together() -> Iterator[Place]:
    """Join the processes that ``torchrun`` started with this one, if any."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        if torch.cuda.is_available():
            torch.cuda.set_device(device())
        distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield place()
    finally:
        if distributed.is_initialized():
            distributed.destroy_process_group()


def any_says(here: bool, on: torch.device) -> bool:
    """Return whether any process says yes, the same answer for all."""
    if place().count == 1:
        return here
    answer = torch.tensor(float(here), device=on)
    distributed.all_reduce(answer, distributed.ReduceOp.MAX)
    return bool(answer)


def joined(module: nn.Module) -> nn.Module:
    """Return a module whose gradients are the mean over all processes.

    It must be joined anew when other parameters of it learn.
    """
    if place().count == 1 or not any(p.requires_grad for p in module.parameters()):
        return module
    return nn.parallel.DistributedDataParallel(module, broadcast_buffers=False)


class SharedNorm(nn.BatchNorm2d):
    """Batch normalisation over the batches of all processes.

    What ``torch.nn.SyncBatchNorm`` is on GPUs alone.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised map (B, C, H, W)."""
        if not self.training or place().count == 1:
            return super().forward(x)
        count = x.numel() / x.shape[1] * place().count
        wide = x.float()
        sums = torch.stack([wide.sum((0, 2, 3)), wide.square().sum((0, 2, 3))])
        mean, square = all_reduce(sums) / count  # type: ignore[no-untyped-call]
        var = square - mean.square()
        if self.running_mean is not None and self.running_var is not None:
            momentum = self.momentum or 0.1
            with torch.no_grad():
                if self.num_batches_tracked is not None:
                    self.num_batches_tracked.add_(1)
                self.running_mean.lerp_(mean, momentum)
                self.running_var.lerp_(var * count / (count - 1), momentum)
        scale = self.weight * (var + self.eps).rsqrt()
        out = wide * scale[:, None, None] + (self.bias - mean * scale)[:, None, None]
        normal: Tensor = out.to(x.dtype)
        return normal


def share_norms(network: nn.Module) -> None:
    """Let every batch normalisation see the batches of all processes."""
    if place().count > 1:
        for module in network.modules():
            if type(module) is nn.BatchNorm2d:
                module.__class__ = SharedNorm


class Step(nn.Module):
    """Something learnt from a batch: parameters, and the loss computed with them.

    As a module it can be :func:`joined` whatever the loss does inside.
    """

    def __init__(self, network: nn.Module, loss: Any) -> None:
        super().__init__()
        self.network, self.loss = network, loss

    def forward(self, *given: Any) -> Tensor:
        """Return the loss."""
        out: Tensor = self.loss(*given)
        return out
