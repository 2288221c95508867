"""Half precision inside a network, full precision for what is computed from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn


def half_type(device: torch.device) -> torch.dtype:
    """Return bfloat16 where the device computes it, float16 on older GPUs."""
    if device.type == "cuda" and not torch.cuda.is_bf16_supported():
        return torch.float16
    return torch.bfloat16


def halve(network: nn.Module, device: torch.device) -> None:
    """Let a network compute in half precision and give full; its weights stay full.

    Losses never see a half: they are computed from what the network gives, by
    ``forward`` or, a tagger, by ``seen``.
    """
    for name in ("forward", "seen"):
        if hasattr(network, name):
            setattr(network, name, _halved(getattr(network, name), device))


def _halved(plain: Callable[..., Any], device: torch.device) -> Callable[..., Any]:
    kind = half_type(device)

    def computed(*given: Any, **named: Any) -> Any:
        with torch.autocast(device.type, kind):
            out = plain(*given, **named)
        return out.float() if isinstance(out, Tensor) else _full(out)

    return computed


def _full(parts: Any) -> Any:
    """Return a named tuple of maps in full precision."""
    return type(parts)(*(part.float() for part in parts))


def scaler(device: torch.device, *, amp: bool) -> torch.amp.GradScaler:
    """Return what keeps float16's small gradients from vanishing; idle otherwise."""
    needed = amp and half_type(device) is torch.float16
    return torch.amp.GradScaler(device.type, enabled=needed)
