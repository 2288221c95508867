"""What a model sees of a photograph: the front of the print, as luma."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings
from django.utils.translation import gettext_noop
from PIL import ImageColor

from archive import pictures
from archive.derivatives import SCREEN_LENGTHS
from archive.errors import ArchiveError
from archive.vocabularies import Purpose
from colorizer.vision import colour
from colorizer.vision.hinting import Hint
from colorizer.vocabularies import Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from colorizer.models import Job


class MasterMissing(ArchiveError):
    """The file that the catalogue names is not in the store."""

    code = Reason.MASTER_MISSING.value


@dataclass
class Sight:
    """A picture as a model sees it, and as screens show it.

    Attributes:
        job: who asks.
        grey: (H, W) uint8 luma, at most as long as a display copy.
        tone: what the scan's own colours are; they are not shown to the model.
        small: (h, w) uint8 luma at the model's working size.
        seconds: how long each step has taken so far.
    """

    job: Job
    grey: NDArray[np.uint8]
    tone: colour.Tone
    small: NDArray[np.uint8]
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def hints(self) -> list[Hint]:
        """The colour hints of the job, in pixels of `small`."""
        height, width = self.small.shape
        return [
            Hint(
                min(max(hint["x"] * width - 0.5, 0), width - 1),
                min(max(hint["y"] * height - 0.5, 0), height - 1),
                _rgb(hint["colour"]),
            )
            for hint in self.job.parameters.get("hints", [])
        ]

    @property
    def parameters(self) -> dict[str, Any]:
        """What, beside the weights, decides what the model makes of it."""
        return {**self.job.parameters, "tone": self.tone.value}


@functools.lru_cache(maxsize=2)
def _decoded(
    path: Path, longest: int, _written: int
) -> tuple[NDArray[np.uint8], colour.Tone]:
    """Return luma and tone of a scan; one that is steered is asked for repeatedly."""
    picture = pictures.open_reduced(
        path, longest, max_pixels=settings.PICTURE_MAX_PIXELS
    )
    shown = np.asarray(pictures.rendition(picture, longest))
    grey = colour.luma(shown)
    grey.flags.writeable = False
    return grey, colour.tone_of(shown)


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue


def look(job: Job, network: Any) -> Sight:
    """Decode the job's master, once, no larger than a display copy.

    Toned and coloured prints are turned to luma; which they were is told by `tone`.

    Raises:
        MasterMissing: its file is not there.
        archive.pictures.PictureRefused: it cannot be decoded.
    """
    began = time.perf_counter()
    master, longest = job.master, SCREEN_LENGTHS[Purpose.DISPLAY]
    if not master.path.is_file():
        raise MasterMissing(
            gettext_noop(
                "The master file of %(code)s is not in the archive's store. Put it back"
                " from your backup, then retry."
            )
            % {"code": job.photograph.reference_code}
        )
    written = master.path.stat().st_mtime_ns
    grey, tone = _decoded(master.path, longest, written)
    sight = Sight(job, grey, tone, network.prepare(grey))
    sight.seconds["decode"] = time.perf_counter() - began
    return sight
