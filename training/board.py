"""TensorBoard beside the run folder's own files, where it is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


class Board:
    """Writes scalars and sheets for ``tensorboard --logdir RUN``.

    Args:
        folder: The run folder; event files go into ``board``.
        step: What was written after this step by a run that died is dropped.
    """

    def __init__(self, folder: Path, step: int) -> None:
        self.writer: Any = None
        try:
            from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415
        except ImportError:
            return
        self.writer = SummaryWriter(str(folder / "board"), purge_step=step + 1)

    def scalars(self, step: int, values: dict[str, float]) -> None:
        """Write values by name."""
        if self.writer is not None:
            for name, value in values.items():
                self.writer.add_scalar(name, value, step)
            self.writer.flush()

    def sheet(self, step: int, page: Image.Image) -> None:
        """Write a picture sheet."""
        if self.writer is not None:
            self.writer.add_image("sheet", np.asarray(page), step, dataformats="HWC")
            self.writer.flush()

    def close(self) -> None:
        """Finish the event file."""
        if self.writer is not None:
            self.writer.close()
