"""Sixteen bits a channel, where Pillow alone would keep only eight.

Pillow stores colour with 8 bits a channel. Two exact ways round it are used:

* Pillow's decoders unpack 16-bit colour by keeping one byte of each sample; asking
  once for the big-endian and once for the little-endian reading yields both bytes.
  It works for PNG and for every compression of TIFF that libtiff knows. A PNG of
  16-bit grey with alpha has four bytes a pixel and is read as if it were RGBA.
* Layouts of TIFF that Pillow does not know (channels stored one after the other,
  inverted 16-bit grey on big-endian files, grey with alpha) are read by tifffile
  where they are not compressed, and refused where they are.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tifffile
from PIL import Image
from PIL.ImageFile import ImageFile

from archive.pictures.refusals import PictureRefused, Refusal, gettext_noop
from archive.pictures.sniffing import (
    DECODER_ERRORS,
    accepted_signature,
    decoding,
    opened,
    too_many_pixels,
)

#: Samples as files store them: uint8 or uint16.
Samples = npt.NDArray[np.unsignedinteger[Any]]

GREY_AND_ALPHA = 2
_WIDE = 16


def is_wide_colour(image: Image.Image) -> bool:
    """Whether the opened file has 16-bit samples that Pillow would halve."""
    return any(";16" in _rawmode(tile) for tile in _tiles(image)) and (
        image.mode in ("RGB", "RGBA")
    )


def read_wide_colour(
    image: Image.Image, path: Path, head: bytes, max_pixels: int
) -> npt.NDArray[np.uint16]:
    """All 16 bits of a colour picture, (H, W, C) with C 2, 3 or 4.

    A TIFF comes out upright (Pillow turns it), a PNG as stored.
    """
    with decoding():
        if _rawmode(_tiles(image)[0]) == "LA;16B":
            _read_as(image, "RGBA")
            pairs = np.asarray(image).reshape(image.height, image.width * 4)
            return pairs.view(">u2").reshape(image.height, image.width, 2).astype("=u2")
        order = _byte_order(image)
        premultiplied = "a" in _rawmode(_tiles(image)[0])
        _read_as(image, _unassociated(image, order))
        wide = np.asarray(image).astype(np.uint16)
    wide <<= 8
    with opened(path, head, max_pixels) as again, decoding():
        _read_as(again, _unassociated(again, "L" if order == "B" else "B"))
        wide |= np.asarray(again)
    if premultiplied:
        opacity = np.maximum(wide[..., 3:], 1) / np.float32(65535)
        wide[..., :3] = np.minimum(wide[..., :3] / opacity, 65535).round()
    return wide


def _tiles(image: Image.Image) -> list[Any]:
    return image.tile if isinstance(image, ImageFile) else []


def _rawmode(tile: Any) -> str:
    return str(tile.args if isinstance(tile.args, str) else (tile.args or [""])[0])


def _byte_order(image: Image.Image) -> str:
    """The order, B or L, in which the decoder hands on the samples."""
    last = _rawmode(_tiles(image)[0])[-1]
    return last if last in "BL" else {"big": "B", "little": "L"}[sys.byteorder]


def _unassociated(image: Image.Image, order: str) -> str:
    """The raw mode that keeps the byte that is high in the given order."""
    layout = _rawmode(_tiles(image)[0]).split(";")[0].replace("a", "A")
    return f"{layout};16{order}"


def _read_as(image: Image.Image, rawmode: str) -> None:
    assert isinstance(image, ImageFile)  # noqa: S101  is_wide_colour looked at tiles
    image.tile = [
        tile._replace(
            args=(rawmode, *tile.args[1:]) if isinstance(tile.args, tuple) else rawmode
        )
        for tile in image.tile
    ]
    image.load()


def tiff_page(path: Path, head: bytes, max_pixels: int) -> tifffile.TiffPage | None:
    """The first page of a TIFF that Pillow does not know, if tifffile can read it.

    Raises:
        PictureRefused: unsupported_format with the reason, or too_many_pixels.
    """
    if accepted_signature(head) != "TIFF":
        return None
    try:
        with tifffile.TiffFile(path) as file:
            page = file.pages.first
            page.tags  # noqa: B018  read while the file is open
    except (*DECODER_ERRORS, tifffile.TiffFileError):
        return None
    if not isinstance(page, tifffile.TiffPage) or not page.imagewidth:
        return None
    if page.imagewidth * page.imagelength > max_pixels:
        raise too_many_pixels(page.imagewidth, page.imagelength, max_pixels)
    problem = _page_problem(page)
    if problem:
        raise PictureRefused(
            Refusal.UNSUPPORTED_FORMAT,
            gettext_noop(
                "The TIFF %(why)s; save it again as an uncompressed TIFF with "
                "8 or 16 bits a channel, grey or RGB."
            )
            % {"why": problem},
        )
    return page


def _page_problem(page: tifffile.TiffPage) -> str:
    if page.dtype not in (np.uint8, np.uint16):
        return gettext_noop("holds %(kind)s samples") % {
            "kind": page.dtype or "unknown"
        }
    if page.photometric not in (
        tifffile.PHOTOMETRIC.MINISBLACK,
        tifffile.PHOTOMETRIC.MINISWHITE,
        tifffile.PHOTOMETRIC.RGB,
    ):
        return gettext_noop("has the colour model %(model)s") % {
            "model": _name(page.photometric)
        }
    # tifffile unpacks a strip to whatever size it claims: a small file could fill the
    # memory. What is not packed cannot.
    if page.compression != tifffile.COMPRESSION.NONE:
        return gettext_noop("uses %(kind)s compression in an unusual layout") % {
            "kind": _name(page.compression)
        }
    if page.imagedepth != 1 or page.samplesperpixel not in (1, 2, 3, 4):
        return gettext_noop("has %(count)s channels") % {"count": page.samplesperpixel}
    return ""


def _name(value: object) -> str:
    return str(getattr(value, "name", value))


def read_tiff_page(path: Path) -> Samples:
    """Decode the first page of a TIFF with tifffile.

    Returns:
        (H, W) or (H, W, C), as stored, with white at the top of the range.
    """
    with decoding():
        try:
            with tifffile.TiffFile(path) as file:
                page = file.pages.first
                samples = page.asarray()
                inverted = page.photometric == tifffile.PHOTOMETRIC.MINISWHITE
                apart = page.planarconfig == tifffile.PLANARCONFIG.SEPARATE
                channels, shape = (
                    page.samplesperpixel,
                    (page.imagelength, page.imagewidth),
                )
        except tifffile.TiffFileError as error:
            raise ValueError(str(error)) from error
    if apart and channels > 1:
        samples = np.moveaxis(samples.reshape(channels, *shape), 0, -1)
    else:
        samples = samples.reshape(*shape, channels)
    if inverted:
        samples = np.bitwise_not(samples)
    return samples[..., 0] if channels == 1 else samples
