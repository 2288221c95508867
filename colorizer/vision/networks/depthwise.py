"""Depthwise convolution of maps smaller than its kernel, with a quick gradient.

PyTorch's CPU kernels take 4 to 15 times as long for the weights' gradient of 5×5
kernels on 4×4 maps as for larger maps. The gradient is a sum over 25 shifts, which is
written out here. The result is that of :func:`torch.nn.functional.conv2d`, to within
rounding of the gradient.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


def depthwise(x: Tensor, weight: Tensor) -> Tensor:
    """Return the map (B, C, H, W), filtered by (C, 1, K, K), K odd."""
    out: Tensor = SmallDepthwise.apply(x, weight)  # type: ignore[no-untyped-call]
    return out


def worthwhile(x: Tensor, weight: Tensor, stride: int) -> bool:
    """Say whether a depthwise convolution is one of those that PyTorch is slow at."""
    return (
        torch.is_grad_enabled()
        and weight.requires_grad
        and weight.shape[1] == 1
        and stride == 1
        and not x.is_cuda
        and max(x.shape[2:]) < weight.shape[2]
    )


class SmallDepthwise(torch.autograd.Function):
    """``apply(x, weight)`` of (B, C, H, W) and (C, 1, K, K), K odd; same size out."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        """Return the filtered map."""
        ctx.save_for_backward(x, weight)
        return F.conv2d(x, weight, None, 1, weight.shape[2] // 2, 1, len(weight))

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Return the gradients of x and of the weight."""
        x, weight = ctx.saved_tensors
        (grad,) = grads
        kernel = weight.shape[2]
        of_x = of_weight = None
        if ctx.needs_input_grad[0]:
            turned = weight.flip(2, 3)
            of_x = F.conv2d(grad, turned, None, 1, kernel // 2, 1, len(weight))
        if ctx.needs_input_grad[1]:
            of_weight = _of_weight(x, grad, kernel).reshape(weight.shape)
        return of_x, of_weight


def _of_weight(x: Tensor, grad: Tensor, kernel: int) -> Tensor:
    """Return (C, K²): how each tap, laid over the map, meets the gradient."""
    height, width = grad.shape[2:]
    about = F.pad(x, (kernel // 2,) * 4).permute(0, 2, 3, 1)  # channels last
    last = grad.permute(0, 2, 3, 1).contiguous()
    taps = [
        (about[:, i : i + height, j : j + width] * last).sum((0, 1, 2))
        for i in range(kernel)
        for j in range(kernel)
    ]
    return torch.stack(taps, 1)
