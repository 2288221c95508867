"""What a scan is, read from its header alone."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import tifffile
from PIL import ExifTags, Image, ImageCms, TiffImagePlugin, UnidentifiedImageError

from archive.pictures import wide
from archive.pictures.refusals import PictureRefused, Refusal, gettext_noop
from archive.pictures.sniffing import (
    DECODER_ERRORS,
    MAX_PIXELS,
    decoding,
    opened,
    read_head,
)

MEDIA_TYPES: Final = {
    "TIFF": ("image/tiff", ".tif"),
    "PNG": ("image/png", ".png"),
    "JPEG": ("image/jpeg", ".jpg"),
    "WEBP": ("image/webp", ".webp"),
    "HEIF": ("image/heif", ".heic"),
}

_BITS_PER_SAMPLE = 258
_NEW_SUBFILE_TYPE = 254
_SUB_IFDS = 330
_DNG_VERSION = 50706
_REDUCED_COPY = 1


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What the header of a picture says.

    Attributes:
        format: TIFF, PNG, JPEG, WEBP or HEIF.
        media_type: For example `image/tiff`.
        extension: The extension for a copy of the file, with its dot.
        width: Columns as stored.
        height: Rows as stored.
        displayed_width: Columns after the EXIF orientation.
        displayed_height: Rows after the EXIF orientation.
        mode: Pillow's mode as stored (`L`, `RGB`, `CMYK`, `I;16`, `P`, `1`, …).
        bit_depth: Bits a sample, as stored.
        pages: Pictures in the file; only the first is ever decoded.
        orientation: EXIF orientation 1-8 that decoding applies (1 for HEIF, whose
            decoder turns the picture itself).
        icc_profile: The embedded profile, or None.
        icc_name: The profile's own description, or "".
    """

    format: str
    media_type: str
    extension: str
    width: int
    height: int
    displayed_width: int
    displayed_height: int
    mode: str
    bit_depth: int
    pages: int
    orientation: int
    icc_profile: bytes | None
    icc_name: str


def identify(
    path: Path, *, max_pixels: int = MAX_PIXELS, max_bytes: int | None = None
) -> PictureFacts:
    """Read what a file is from its header; by its content, never by its name.

    Args:
        path: The file. It is only read.
        max_pixels: The most pixels (width × height) that are taken.
        max_bytes: The most bytes that are taken; None for no limit.

    Raises:
        PictureRefused: For everything that is not a readable picture of an accepted
            format within the limits.
    """
    head = read_head(path, max_bytes)
    try:
        with opened(path, head, max_pixels) as image:
            return facts_of(image, path, head)
    except PictureRefused as refusal:
        if isinstance(refusal.__cause__, UnidentifiedImageError):
            page = wide.tiff_page(path, head, max_pixels)
            if page is not None:
                return facts_of_page(page, path)
        raise


def facts_of(image: Image.Image, path: Path, head: bytes) -> PictureFacts:
    """The facts of a picture that Pillow has opened and not yet loaded."""
    format_ = "JPEG" if image.format == "MPO" else str(image.format)
    width, height = image.size
    with decoding():
        # PngImageFile.getexif would decode everything for a chunk behind the pixels.
        exif = Image.Image.getexif(image)
        orientation = exif.get(ExifTags.Base.Orientation, 1)
        bit_depth = _bit_depth(image, head)
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            _refuse_camera_raw(image)
            width, height = image.tag_v2[256], image.tag_v2[257]
            pages = page_count(path)
        else:
            pages = getattr(image, "n_frames", 1)
    if orientation not in range(1, 9):
        orientation = 1
    if image.mode in ("F", "I"):
        kind = "floating-point" if image.mode == "F" else f"{bit_depth}-bit whole"
        raise PictureRefused(
            Refusal.UNSUPPORTED_FORMAT,
            gettext_noop(
                "The picture holds %(kind)s numbers, which have no agreed black and "
                "white; save it with 8 or 16 bits a channel."
            )
            % {"kind": kind},
        )
    return _facts(
        format_,
        (width, height),
        mode=image.mode,
        bit_depth=bit_depth,
        pages=pages,
        orientation=orientation,
        icc_profile=image.info.get("icc_profile"),
    )


def facts_of_page(page: tifffile.TiffPage, path: Path) -> PictureFacts:
    """The facts of a TIFF that only tifffile can read."""
    orientation = page.tags.valueof(274, default=1)
    bits = page.bitspersample
    samples = "RGB" if page.samplesperpixel > wide.GREY_AND_ALPHA else "L"
    return _facts(
        "TIFF",
        (page.imagewidth, page.imagelength),
        mode=f"{samples};{bits}",
        bit_depth=int(bits),
        pages=page_count(path),
        orientation=orientation if orientation in range(1, 9) else 1,
        icc_profile=page.tags.valueof(34675),
    )


def page_count(path: Path) -> int:
    """The number of pages of a TIFF; 1 where the chain of pages is broken."""
    try:
        with tifffile.TiffFile(path) as file:
            return max(1, len(file.pages))
    except (*DECODER_ERRORS, tifffile.TiffFileError):
        return 1


def profile_name(icc_profile: bytes | None) -> str:
    """The description inside an ICC profile, or "" where there is none."""
    if not icc_profile:
        return ""
    try:
        return ImageCms.getProfileDescription(BytesIO(icc_profile)).strip()
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return ""


def _facts(
    format_: str,
    stored: tuple[int, int],
    *,
    orientation: int,
    icc_profile: bytes | None,
    **facts: Any,
) -> PictureFacts:
    width, height = stored
    turned = orientation in (5, 6, 7, 8)
    media_type, extension = MEDIA_TYPES[format_]
    return PictureFacts(
        format=format_,
        media_type=media_type,
        extension=extension,
        width=width,
        height=height,
        displayed_width=height if turned else width,
        displayed_height=width if turned else height,
        orientation=orientation,
        icc_profile=icc_profile or None,
        icc_name=profile_name(icc_profile),
        **facts,
    )


def _bit_depth(image: Image.Image, head: bytes) -> int:
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return int(max(image.tag_v2.get(_BITS_PER_SAMPLE, (1,))))
    if image.format == "PNG":
        return head[24]  # the ninth byte of IHDR, which is always the first chunk
    if image.format == "HEIF":
        return int(image.info.get("bit_depth", 8))
    return 8


def _refuse_camera_raw(image: TiffImagePlugin.TiffImageFile) -> None:
    """Refuse camera raw files: TIFFs whose first page is only a thumbnail."""
    tags = image.tag_v2
    thumbnail_first = tags.get(_NEW_SUBFILE_TYPE, 0) & _REDUCED_COPY
    if _DNG_VERSION in tags or (thumbnail_first and _SUB_IFDS in tags):
        raise PictureRefused(
            Refusal.UNSUPPORTED_FORMAT,
            gettext_noop(
                "This is a camera raw file, whose picture has yet to be developed; "
                "develop it and save it as TIFF."
            ),
        )
