"""Colour spaces: luma, tone, and the small chroma plane that a network predicts.

Luma is ITU-R BT.601 with the integer weights of Pillow's `convert("L")`. Chroma is
Cb and Cr of BT.601 at the scale of 8 bits (about -128 to 128), whose luma is zero:
it can be added to any grey without changing what `luma` returns, up to rounding.
"""

from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

Samples = npt.NDArray[np.unsignedinteger[Any]]
Plane = npt.NDArray[np.float32]

#: Pillow's weights of R, G and B, out of 65536.
RED, GREEN, BLUE = 19595, 38470, 7471

#: R - Y for one unit of Cr, and B - Y for one unit of Cb.
RED_FROM_CR: Final = 1.402
BLUE_FROM_CB: Final = 1.772

_WEIGHTS = np.asarray([RED, GREEN, BLUE], np.float32) / np.float32(65536)
_STRIP = 1 << 20  # pixels worked on at a time


class Tone(StrEnum):
    """What the colours of a scan are."""

    GREY = "grey"
    TONED = "toned"
    COLOUR = "colour"


class ChromaUnreadable(ValueError):
    """A stored chroma plane that is damaged or is something else."""

    code = "chroma_unreadable"

    def __init__(self) -> None:
        """Say what to do about it."""
        super().__init__(
            "The stored colours of this photograph are damaged; colorize it again."
        )


def luma(pixels: Samples) -> Samples:
    """BT.601 luma, for 8 bits exactly as Pillow's `convert("L")` computes it.

    Args:
        pixels: (H, W) grey, returned as it is, or (H, W, 3) RGB; uint8 or uint16.

    Returns:
        (H, W) of the same type: (19595 R + 38470 G + 7471 B + 32768) >> 16.
    """
    if pixels.ndim == 2:
        return pixels
    height, width, _ = pixels.shape
    grey = np.empty((height, width), pixels.dtype)
    rows = max(1, _STRIP // max(1, width))
    for top in range(0, height, rows):
        strip = pixels[top : top + rows]
        if pixels.dtype == np.uint8:
            grey[top : top + rows] = np.asarray(Image.fromarray(strip).convert("L"))
        else:
            grey[top : top + rows] = _wide_luma(strip)
    return grey


def _wide_luma(pixels: Samples) -> npt.NDArray[np.uint32]:
    wide = pixels.astype(np.uint32)  # 65535 × 65536 + 32768 still fits 32 bits
    total = wide[..., 0] * np.uint32(RED)
    total += wide[..., 1] * np.uint32(GREEN)
    total += wide[..., 2] * np.uint32(BLUE)
    total += np.uint32(32768)
    total >>= np.uint32(16)
    return total


def white_of(grey: Samples) -> int:
    """The value of white: 255, 65535, or 4095 for 12 bits in a 16-bit file.

    Many scanners store 12 bits in 16-bit files. A uint16 picture whose brightest
    sample is not above 4095 is taken for one of those.
    """
    if grey.dtype == np.uint8:
        return 255
    return 4095 if int(grey.max(initial=0)) <= 4095 else 65535


def eight_bits(pixels: Samples) -> npt.NDArray[np.uint8]:
    """The same picture with 8 bits: the high byte of what `white_of` calls white."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    return (pixels >> (8 if white_of(pixels) > 4095 else 4)).astype(np.uint8)


def lightness(grey: Samples) -> Plane:
    """CIE L* (0-100, D65) of sRGB-coded grey."""
    white = white_of(grey)
    codes = np.arange(white + 1, dtype=np.float64) / white
    linear = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    cube = np.cbrt(linear)
    curve = np.where(linear > 216 / 24389, 116 * cube - 16, linear * 24389 / 27)
    return np.take(curve.astype(np.float32), grey)


def tone_of(pixels: Samples) -> Tone:
    """Whether a scan is grey, toned (sepia, cyanotype, yellowed) or in colour.

    The scan is averaged down first, so that noise and JPEG artefacts do not count.
    It is grey where almost no chroma is left. It is toned where chroma follows from
    lightness: one colour for the shadows, one for the lights, whatever they are, and
    little deviation from that curve. Anything else is in colour.
    """
    if pixels.ndim == 2:
        return Tone.GREY
    chroma, grey = _small_chroma(pixels)
    strength = np.hypot(chroma[..., 0], chroma[..., 1])
    if np.percentile(strength, 95) < _GREY_CHROMA:
        return Tone.GREY
    deviation = _deviation_from_curve(grey.ravel(), chroma.reshape(-1, 2))
    allowed = np.clip(_TONED_SHARE * strength.mean(), *_TONED_DEVIATION)
    return Tone.TONED if deviation < allowed else Tone.COLOUR


_GREY_CHROMA = 3.0
_TONED_DEVIATION = (2.5, 4.0)  # at least and at most
_TONED_SHARE = 0.25
_TONE_SIZE = 96
_CURVE_BINS = 12


def _small_chroma(pixels: Samples) -> tuple[Plane, Plane]:
    """(h, w, 2) Cb and Cr, and (h, w) luma, of a picture of at most 96 pixels."""
    pixels = eight_bits(pixels)
    height, width = pixels.shape[:2]
    scale = min(1.0, _TONE_SIZE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image = Image.fromarray(pixels).resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    small = np.asarray(image)
    chroma = Chroma.from_rgb(small)
    return np.stack([chroma.cb, chroma.cr], axis=-1), small @ _WEIGHTS


def _deviation_from_curve(grey: Plane, chroma: Plane) -> float:
    """Root mean square distance of chroma from its mean at the same lightness."""
    bins = np.minimum(grey * (_CURVE_BINS / 256), _CURVE_BINS - 1).astype(np.intp)
    counts = np.maximum(np.bincount(bins, minlength=_CURVE_BINS), 1)
    squares = 0.0
    for axis in (0, 1):
        values = chroma[:, axis]
        means = np.bincount(bins, values, minlength=_CURVE_BINS) / counts
        squares += float(np.mean((values - means[bins]) ** 2))
    return float(squares**0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Chroma:
    """The colours of a whole picture at a small size.

    Attributes:
        cb: (h, w) float32, BT.601 Cb at the scale of 8 bits.
        cr: (h, w) float32, BT.601 Cr at the scale of 8 bits.
    """

    cb: Plane
    cr: Plane

    def __post_init__(self) -> None:
        """Refuse planes that differ in shape, are empty or are not finite."""
        if self.cb.shape != self.cr.shape or self.cb.ndim != 2 or not self.cb.size:
            raise ValueError("Cb and Cr must be two planes of one size.")
        if not (np.isfinite(self.cb).all() and np.isfinite(self.cr).all()):
            raise ValueError("Cb and Cr must be finite.")

    @classmethod
    def from_lab(cls, lightness: Plane, ab: Plane) -> "Chroma":
        """The chroma of CIE Lab colours.

        Args:
            lightness: (h, w) L*, 0-100.
            ab: (h, w, 2) a* and b*, D65.

        Negative light is cut off; colours brighter than white are kept, since the
        merge brings every pixel into gamut.
        """
        f_y = (lightness.astype(np.float32) + 16) / 116
        f = np.stack([f_y + ab[..., 0] / 500, f_y, f_y - ab[..., 1] / 200], axis=-1)
        xyz = np.where(f > 6 / 29, f**3, (f - 4 / 29) * (108 / 841)) * _D65
        linear = np.maximum(xyz @ _RGB_FROM_XYZ.T, 0.0)
        coded = np.where(
            linear <= 0.0031308,
            linear * 12.92,
            1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055,
        )
        return cls.from_rgb((coded * 255).astype(np.float32))

    @classmethod
    def from_rgb(cls, pixels: npt.NDArray[Any]) -> "Chroma":
        """The chroma of an (h, w, 3) sRGB picture at the scale of 8 bits."""
        rgb = pixels.astype(np.float32)
        grey: Plane = rgb @ _WEIGHTS
        return cls(
            cb=(rgb[..., 2] - grey) * np.float32(1 / BLUE_FROM_CB),
            cr=(rgb[..., 0] - grey) * np.float32(1 / RED_FROM_CR),
        )

    def to_png(self) -> bytes:
        """A 16-bit grey PNG with Cb above Cr, in steps of 1/256."""
        stacked = np.concatenate([self.cb, self.cr]) * 256 + 32768
        codes = np.clip(np.rint(stacked), 0, 65535).astype(np.uint16)
        file = BytesIO()
        Image.fromarray(codes).save(file, format="PNG")
        return file.getvalue()

    @classmethod
    def from_png(cls, content: bytes) -> "Chroma":
        """Read what `to_png` wrote.

        Raises:
            ChromaUnreadable: For anything else.
        """
        try:
            with Image.open(BytesIO(content), formats=("PNG",)) as image:
                if image.mode != "I;16" or image.height % 2:
                    raise ChromaUnreadable
                codes = np.asarray(image)
        except (
            OSError,
            SyntaxError,
            ValueError,
            Image.DecompressionBombError,
        ) as error:
            raise ChromaUnreadable from error
        planes = (codes.astype(np.float32) - np.float32(32768)) / np.float32(256)
        half = planes.shape[0] // 2
        return cls(cb=planes[:half], cr=planes[half:])

    def statistics(self) -> dict[str, float]:
        """Figures about the colours, at the scale of 8 bits.

        Mean, 95th percentile and largest chroma (the length of Cb, Cr), the mean Cb
        and Cr, and the colourfulness of Hasler and Süsstrunk 2003, which depends on
        differences of channels only and so needs no lightness.
        """
        length = np.hypot(self.cb, self.cr)
        red, blue = self.cr * RED_FROM_CR, self.cb * BLUE_FROM_CB
        green = -(RED * red + BLUE * blue) / GREEN
        red_green, yellow_blue = red - green, (red + green) / 2 - blue
        spread = np.hypot(red_green.std(), yellow_blue.std())
        offset = np.hypot(red_green.mean(), yellow_blue.mean())
        return {
            "mean_chroma": float(length.mean()),
            "chroma_95th": float(np.percentile(length, 95)),
            "largest_chroma": float(length.max()),
            "mean_cb": float(self.cb.mean()),
            "mean_cr": float(self.cr.mean()),
            "colourfulness": float(spread + 0.3 * offset),
        }


_D65 = np.asarray([0.95047, 1.0, 1.08883], np.float32)
_RGB_FROM_XYZ = np.asarray(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ],
    np.float32,
)
