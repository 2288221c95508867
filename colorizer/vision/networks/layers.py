"""Convolutions with a normalisation that can be folded into them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from colorizer.vision.networks.depthwise import depthwise, worthwhile

NORM_EPS = 1e-3


class Normed(nn.Module):
    """A convolution and its batch normalisation.

    Args:
        conv: Without a bias, unless ``folded``.
        folded: Built without normalisation, to load weights in which it is folded.
        eps: What keeps the normalisation from dividing by zero.
    """

    def __init__(
        self, conv: nn.Conv2d | nn.ConvTranspose2d, *, folded: bool, eps: float = 1e-5
    ) -> None:
        super().__init__()
        self.conv = conv
        self.norm: nn.Module = (
            nn.Identity() if folded else nn.BatchNorm2d(conv.out_channels, eps=eps)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised map."""
        out: Tensor = self.norm(self.conv(x))
        return out

    def fold(self) -> None:
        """Put the normalisation's running statistics into the convolution."""
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = torch.nn.utils.fusion.fuse_conv_bn_eval(
                self.conv.eval(),
                self.norm.eval(),
                transpose=isinstance(self.conv, nn.ConvTranspose2d),
            )
            self.norm = nn.Identity()


class ConvNorm(Normed):
    """A convolution with TensorFlow's SAME padding, its normalisation and ReLU6."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        *,
        activate: bool = True,
        folded: bool = False,
    ) -> None:
        # SAME pads one more at the end than at the start where the sum is odd.
        total = kernel - stride
        asymmetric = total % 2 == 1
        conv = nn.Conv2d(
            channels_in,
            channels_out,
            kernel,
            stride,
            0 if asymmetric else total // 2,
            groups=groups,
            bias=folded,
        )
        super().__init__(conv, folded=folded, eps=NORM_EPS)
        self.asymmetric = asymmetric
        self.before, self.after = total // 2, total - total // 2
        self.activate = activate

    def forward(self, x: Tensor) -> Tensor:
        """Return the activated map."""
        if self.asymmetric:
            x = F.pad(x, (self.before, self.after, self.before, self.after))
        x = self.norm(self._convolved(x))
        return F.relu6(x) if self.activate else x

    def _convolved(self, x: Tensor) -> Tensor:
        if not worthwhile(x, self.conv.weight, self.conv.stride[0]):
            plain: Tensor = self.conv(x)
            return plain
        out = depthwise(x, self.conv.weight)
        return out if self.conv.bias is None else out + self.conv.bias[:, None, None]


def fold_norms(network: nn.Module) -> nn.Module:
    """Fold every :class:`Normed` of ``network`` in place, and return it."""
    for module in network.modules():
        if isinstance(module, Normed):
            module.fold()
    return network


def fold_like(network: nn.Module, weights: dict[str, Tensor]) -> nn.Module:
    """Fold those parts of ``network`` that are folded in ``weights``; return it.

    Runs from a published backbone or a checkpoint learn with folded parts.
    """
    for name, module in network.named_modules():
        if isinstance(module, Normed) and f"{name}.norm.weight" not in weights:
            module.fold()
    return network
