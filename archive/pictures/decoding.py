"""Decoding a scan into upright pixels, and making pictures for screens from it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import imagehash
import numpy as np
from PIL import Image, UnidentifiedImageError

from archive.pictures import wide
from archive.pictures.facts import PictureFacts, facts_of, facts_of_page
from archive.pictures.profiles import to_srgb, wide_grey_to_srgb
from archive.pictures.refusals import PictureRefused
from archive.pictures.sniffing import MAX_PIXELS, decoding, opened, read_head
from archive.pictures.wide import Samples

#: A 16-bit file whose brightest sample is not above this holds a 12-bit scan.
TWELVE_BIT_WHITE: Final = 4095

_PHOTOMETRIC = 262
_STRIP = 1 << 22  # pixels copied at a time


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded scan, upright.

    Attributes:
        facts: What the header said.
        pixels: (H, W) grey or (H, W, 3) RGB; uint8, or uint16 where the file has 12
            or 16 bits. In sRGB, but for 16-bit RGB with a profile of its own, which
            stays as encoded (converting it would cost precision; see `rendition`).
        alpha: (H, W) of the same depth, full where opaque; None without one.
    """

    facts: PictureFacts
    pixels: Samples
    alpha: Samples | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """What one reading of a file yields for ingest.

    Attributes:
        facts: What the header said.
        renditions: A picture for screens for each length asked for.
        perceptual_hash: 16 hexadecimal digits; near-duplicates differ in few bits.
    """

    facts: PictureFacts
    renditions: dict[int, Image.Image]
    perceptual_hash: str


def open_picture(
    path: Path, *, max_pixels: int = MAX_PIXELS, max_bytes: int | None = None
) -> Picture:
    """Decode the first page of a file at full size.

    CMYK and Lab become sRGB (through the file's profile where it has one), palettes
    and bilevel pictures become 8 bits, white is always the high value, EXIF
    orientation is applied. CMYK with 16 bits is read with 8.

    Raises:
        PictureRefused: As `identify`, and `truncated` where pixels are missing.
    """
    return _open(path, None, max_pixels, max_bytes)


def open_reduced(
    path: Path,
    longest: int,
    *,
    max_pixels: int = MAX_PIXELS,
    max_bytes: int | None = None,
) -> Picture:
    """Decode no more than is needed for a rendition of `longest`.

    A JPEG is decoded at 1/2, 1/4 or 1/8 of its size where that still reaches
    `longest`; the whole file is read all the same, so a truncated one is noticed.
    Other formats are decoded in full. `facts` always tell the full size.
    """
    return _open(path, longest, max_pixels, max_bytes)


def examine(
    path: Path,
    lengths: Collection[int],
    *,
    max_pixels: int = MAX_PIXELS,
    max_bytes: int | None = None,
) -> Examination:
    """Decode a file once for everything that ingest wants to know.

    Args:
        path: The file. It is only read.
        lengths: The longest sides of the renditions.
        max_pixels: As for `identify`.
        max_bytes: As for `identify`.

    Raises:
        PictureRefused: As `open_picture`.
    """
    largest = max(lengths)
    picture = open_reduced(path, largest, max_pixels=max_pixels, max_bytes=max_bytes)
    shown = rendition(picture, largest)
    width, height = picture.facts.displayed_width, picture.facts.displayed_height
    renditions = {
        length: _resized(shown, fitted_size(width, height, length))
        for length in lengths
    }
    smallest = renditions[min(lengths)]
    return Examination(picture.facts, renditions, perceptual_hash(smallest))


def rendition(picture: Picture, longest: int) -> Image.Image:
    """An 8-bit sRGB picture for screens, L or RGB, at most `longest` on a side.

    Tone: 16-bit samples keep their high byte, so black and white stay black and
    white. Many scanners store 12 bits in 16-bit files: where no sample is above
    4095, that is taken as white; a true 16-bit scan whose brightest pixel is below
    one sixteenth of white would be brightened too, and none is known. Transparent
    parts are shown on white paper. It is never enlarged.
    """
    pixels, facts = picture.pixels, picture.facts
    size = fitted_size(facts.displayed_width, facts.displayed_height, longest)
    if pixels.dtype == np.uint16:
        shift = 8 if brightest_white(pixels) > TWELVE_BIT_WHITE else 4
        narrowed = np.empty(pixels.shape, np.uint8)
        pixels = np.right_shift(pixels, shift, out=narrowed, casting="unsafe")
        if pixels.ndim == 3:
            image = _resized(Image.fromarray(pixels), size)
            image = to_srgb(image, facts.icc_profile)
            return on_paper(image, picture.alpha)
    return on_paper(_resized(Image.fromarray(pixels), size), picture.alpha)


def fitted_size(width: int, height: int, longest: int) -> tuple[int, int]:
    """Columns and rows of a rendition of a picture that is width × height.

    Take the displayed size of `PictureFacts`, so that a page knows the size of a
    rendition without opening it.
    """
    scale = min(1.0, longest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture itself, or a smaller one of the given size."""
    if size[0] >= image.width and size[1] >= image.height:
        return image
    return image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)


def perceptual_hash(image: Image.Image) -> str:
    """The 64-bit perceptual hash of a picture as 16 hexadecimal digits.

    Source: the DCT hash of phash.org, as `imagehash.phash` computes it.
    """
    return str(imagehash.phash(image))


def brightest_white(pixels: Samples) -> int:
    """The value of white of 16-bit samples: 65535, or 4095 where none is above it."""
    brightest = int(pixels.max(initial=0))
    return TWELVE_BIT_WHITE if brightest <= TWELVE_BIT_WHITE else 65535


def on_paper(image: Image.Image, alpha: Samples | None) -> Image.Image:
    """The picture on white paper where it is transparent."""
    if alpha is None:
        return image
    opacity = alpha if alpha.dtype == np.uint8 else (alpha >> 8).astype(np.uint8)
    mask = Image.fromarray(opacity).resize(image.size, Image.Resampling.BOX)
    paper = Image.new(image.mode, image.size, "white")
    paper.paste(image, mask=mask)
    return paper


def _open(
    path: Path, longest: int | None, max_pixels: int, max_bytes: int | None
) -> Picture:
    head = read_head(path, max_bytes)
    try:
        with opened(path, head, max_pixels) as image:
            facts = facts_of(image, path, head)
            if not wide.is_wide_colour(image):
                return _narrow(image, facts, longest)
            samples = wide.read_wide_colour(image, path, head, max_pixels)
            key = image.info.get("transparency")
    except PictureRefused as refusal:
        if not isinstance(refusal.__cause__, UnidentifiedImageError):
            raise
        page = wide.tiff_page(path, head, max_pixels)
        if page is None:
            raise
        facts, key = facts_of_page(page, path), None
        return _picture(facts, wide.read_tiff_page(path), None, turn=True)
    return _picture(facts, samples, key, turn=facts.format != "TIFF")


def _narrow(image: Image.Image, facts: PictureFacts, longest: int | None) -> Picture:
    """Decode what Pillow holds without loss: 8 bits a channel, and 16-bit grey."""
    turn = facts.format != "TIFF"  # Pillow turns a TIFF itself
    key = image.info.get("transparency")
    size = image.size
    if longest is not None:
        size = fitted_size(*size, longest)
    with decoding():
        if facts.format == "JPEG" and size != image.size:
            image.draft(image.mode, size)
        inverted = facts.format == "TIFF" and image.getexif().get(_PHOTOMETRIC) == 0
        image.load()
        if image.mode.startswith("I;16"):
            grey = np.asarray(image).astype(np.uint16)
            return _picture(facts, np.invert(grey) if inverted else grey, key, turn)
        image = _resized(_in_plain_mode(image), size)
        alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
        if alpha is not None:
            image = image.convert(image.mode[:-1])
        image = to_srgb(image, facts.icc_profile)
    pixels = upright(_array(image), facts.orientation if turn else 1)
    if alpha is None:
        return Picture(facts, pixels)
    opacity = upright(_array(alpha), facts.orientation if turn else 1)
    return Picture(facts, pixels, opacity)


def _array(image: Image.Image) -> Samples:
    """The samples of an L or RGB picture, copied in strips.

    `np.asarray` of a whole picture holds it three times over for a moment.
    """
    bands = len(image.getbands())
    shape = (
        (image.height, image.width) if bands == 1 else (image.height, image.width, 3)
    )
    samples = np.empty(shape, np.uint8)
    rows = max(1, _STRIP // image.width)
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        samples[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return samples


def _in_plain_mode(image: Image.Image) -> Image.Image:
    """The same picture in one of L, LA, RGB, RGBA, CMYK and LAB."""
    if image.mode in ("CMYK", "LAB") or (
        image.mode in ("L", "RGB") and not image.has_transparency_data
    ):
        return image
    grey = image.mode in ("1", "L", "LA", "La") or _has_grey_palette(image)
    if image.has_transparency_data:
        if image.mode == "La":
            image = image.convert("LA")
        return image.convert("RGBA").convert("LA") if grey else image.convert("RGBA")
    return image.convert("L" if grey else "RGB")


def _has_grey_palette(image: Image.Image) -> bool:
    if image.mode not in ("P", "PA"):
        return False
    colours = np.reshape(image.getpalette("RGB") or [], (-1, 3))
    return bool((colours == colours[:, :1]).all())


def _picture(
    facts: PictureFacts, samples: Samples, key: int | Sequence[int] | None, turn: bool
) -> Picture:
    """Part the channels that a 16-bit reader returned into pixels and alpha.

    Args:
        facts: What the header said.
        samples: (H, W) or (H, W, C).
        key: The one colour that a PNG declares transparent.
        turn: Whether the orientation is still to be applied.
    """
    alpha = None
    samples = upright(samples, facts.orientation if turn else 1)
    if samples.ndim == 3 and samples.shape[2] in (2, 4):
        alpha = np.ascontiguousarray(samples[..., -1])
        samples = samples[..., :-1]
        samples = samples[..., 0] if samples.shape[2] == 1 else samples
    elif key is not None:
        shown = samples != np.asarray(key, samples.dtype)
        shown = shown.any(axis=-1) if samples.ndim == 3 else shown
        alpha = shown * np.asarray(np.iinfo(samples.dtype).max, samples.dtype)
    pixels = np.ascontiguousarray(samples)
    if pixels.ndim == 2 and pixels.dtype == np.uint16:
        pixels = wide_grey_to_srgb(
            pixels.astype(np.uint16, copy=False), facts.icc_profile
        )
    return Picture(facts, pixels, alpha)


def upright(samples: Samples, orientation: int) -> Samples:
    """Turn and mirror an array (H, W, …) as an EXIF orientation 1-8 asks."""
    if orientation in (2, 4, 5, 7):
        samples = samples[:, ::-1]
    turns = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0)
    return np.ascontiguousarray(np.rot90(samples, turns))
