"""A segmenter: a colour generator with a class for each place as its last layer.

Treneska et al. 2022 exchange the last layer of the colorization U-Net for a 21-way
one. Deviation: scores at a quarter of the size, enlarged by whoever needs them.
"""

from __future__ import annotations

from torch import Tensor, nn

from colorizer.vision.networks.fpn import FpnGenerator


class PyramidSegmenter(nn.Module):
    """Grey in, class scores at a quarter of the size out.

    Args:
        generator: Whose encoder and decoder it takes over, weights included.
        classes: Number of classes.
    """

    def __init__(self, generator: FpnGenerator, classes: int) -> None:
        super().__init__()
        self.encoder = generator.encoder
        self.decoder = generator.decoder
        self.last = nn.Conv2d(generator.last.in_channels, classes, 1)

    def forward(self, grey: Tensor) -> Tensor:
        """Return the scores (B, classes, H/4, W/4) of (B, 1, H, W)."""
        scores: Tensor = self.last(self.decoder(self.encoder(grey)))
        return scores
