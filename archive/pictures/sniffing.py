"""What a file is by its first bytes, and the opening of it with limits.

Names and extensions are never looked at. Everything that Pillow, libtiff or libheif
can raise on a hostile or damaged file leaves here as a `PictureRefused`.
"""

import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, TiffImagePlugin, UnidentifiedImageError

from archive.pictures.refusals import PictureRefused, Refusal, gettext_noop

try:
    from pillow_heif import register_heif_opener
except ImportError:  # the wheel does not exist on every platform
    HEIF_READABLE = False
else:
    register_heif_opener()
    HEIF_READABLE = True

MAX_PIXELS = 200_000_000

# Pillow's own guard is a module-wide number. It is set once, here, to the size that
# the archive takes by default, and never touched again: a web server has threads.
# Pillow then warns above it and raises above twice as much, both before decoding.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS

ACCEPTED = ("TIFF", "PNG", "JPEG", "WEBP", *(["HEIF"] if HEIF_READABLE else []))

#: What decoders raise on bytes that they cannot make sense of.
DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    zlib.error,
)

_BITS_PER_SAMPLE = 258
_PLANAR_CONFIGURATION = 284
_SEPARATE = 2
_WIDE_MODES = ("RGB", "RGBA", "CMYK")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_TEXT_BOMBS = ("Decompressed data too large", "Too much memory used in text chunks")
_REFUSED_SIGNATURES = (
    (b"GIF8", gettext_noop("a GIF")),
    (b"BM", gettext_noop("a Windows bitmap")),
    (b"%PDF", gettext_noop("a PDF")),
    (b"%!PS", gettext_noop("a PostScript file")),
    (b"\xc5\xd0\xd3\xc6", gettext_noop("a PostScript file")),
    (b"8BPS", gettext_noop("a Photoshop file")),
    (b"\x00\x00\x00\x0cjP  ", gettext_noop("a JPEG 2000 file")),
    (b"\xff\x4f\xff\x51", gettext_noop("a JPEG 2000 file")),
    (b"\x00\x00\x00\x0cJXL ", gettext_noop("a JPEG XL file")),
    (b"\xff\x0a", gettext_noop("a JPEG XL file")),
    (b"SIMPLE  =", gettext_noop("a FITS file")),
    (b"\x76\x2f\x31\x01", gettext_noop("an OpenEXR file")),
    (b"DDS ", gettext_noop("a DDS texture")),
    (b"FUJIFILMCCD-RAW", gettext_noop("a camera raw file")),
)


def accepted_signature(head: bytes) -> str | None:
    """The accepted format that the first 16 bytes announce, or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "TIFF"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "HEIF"
    return None


def read_head(path: Path, max_bytes: int | None) -> bytes:
    """The first 64 bytes of a regular, non-empty file that is not too long.

    Raises:
        PictureRefused: unreadable, empty_file or too_many_bytes.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            said = (
                gettext_noop("This is a folder; give the picture file itself.")
                if stat.S_ISDIR(status.st_mode)
                else gettext_noop(
                    "This is not a regular file; give the picture file itself."
                )
            )
            raise PictureRefused(Refusal.UNREADABLE, said)
        with path.open("rb") as file:
            head = file.read(64)
    except FileNotFoundError as error:
        raise PictureRefused(
            Refusal.UNREADABLE, gettext_noop("There is no such file; check the path.")
        ) from error
    except PermissionError as error:
        raise PictureRefused(
            Refusal.UNREADABLE,
            gettext_noop(
                "The file may not be read by this account; change its permissions."
            ),
        ) from error
    except (OSError, ValueError) as error:
        raise PictureRefused(
            Refusal.UNREADABLE,
            gettext_noop("The file could not be read (%(why)s); check the disk.")
            % {"why": _reason(error)},
        ) from error
    if not head:
        raise PictureRefused(
            Refusal.EMPTY_FILE,
            gettext_noop("The file is empty (0 bytes); scan or copy it again."),
        )
    if max_bytes is not None and status.st_size > max_bytes:
        raise PictureRefused(
            Refusal.TOO_MANY_BYTES,
            gettext_noop("The file has %(size)s bytes; the limit is %(most)s.")
            % {"size": f"{status.st_size:,}", "most": f"{max_bytes:,}"},
        )
    return head


def refuse_unidentified(head: bytes) -> PictureRefused:
    """The refusal for a file that no accepted decoder recognised."""
    known = accepted_signature(head)
    if known == "HEIF" and not HEIF_READABLE:
        return PictureRefused(
            Refusal.UNSUPPORTED_FORMAT,
            gettext_noop(
                "This is a HEIF picture, which is not readable here; "
                "install pillow-heif or save it as TIFF or PNG."
            ),
        )
    if known:
        return PictureRefused(
            Refusal.TRUNCATED,
            gettext_noop(
                "The file begins like a %(kind)s picture but its header is incomplete, "
                "damaged or of an unknown kind; save it again as a plain TIFF or PNG."
            )
            % {"kind": known},
        )
    if head[4:8] == b"ftyp":
        return _unsupported(
            gettext_noop("a video or a picture of an unsupported kind (AVIF, …)")
        )
    for signature, what in _REFUSED_SIGNATURES:
        if head.startswith(signature):
            return _unsupported(what)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<svg", b"<?xml")):
        return _unsupported(gettext_noop("an SVG or XML file"))
    return PictureRefused(
        Refusal.NOT_A_PICTURE,
        gettext_noop(
            "The content is not a picture of a known format; "
            "TIFF, PNG, JPEG, WebP and HEIF are taken."
        ),
    )


def _unsupported(what: str) -> PictureRefused:
    return PictureRefused(
        Refusal.UNSUPPORTED_FORMAT,
        gettext_noop(
            "This is %(why)s, which the archive does not take; save it as TIFF or PNG."
        )
        % {"why": what},
    )


def too_many_pixels(width: int, height: int, max_pixels: int) -> PictureRefused:
    """The refusal for a picture that is larger than the limit."""
    return PictureRefused(
        Refusal.TOO_MANY_PIXELS,
        gettext_noop(
            "The picture has %(width)s × %(height)s pixels; the limit is %(most)s "
            "pixels. Scan or save it smaller."
        )
        % {
            "width": f"{width:,}",
            "height": f"{height:,}",
            "most": f"{max_pixels:,}",
        },
    )


def decompression_bomb() -> PictureRefused:
    """The refusal for a file that would unpack to far more than it may."""
    return PictureRefused(
        Refusal.DECOMPRESSION_BOMB,
        gettext_noop(
            "The file would unpack to far more than a photograph needs, as hostile "
            "files do; it was not opened. Save it again from its source if you trust "
            "it."
        ),
    )


def truncated(error: BaseException) -> PictureRefused:
    """The refusal for a file whose pixels cannot all be decoded."""
    return PictureRefused(
        Refusal.TRUNCATED,
        gettext_noop(
            "The file ends too early or is damaged inside (%(why)s); copy or scan it "
            "again."
        )
        % {"why": _reason(error)},
    )


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())[:120] or type(error).__name__


@contextmanager
def decoding() -> Iterator[None]:
    """Turn everything that a decoder raises into a `PictureRefused`."""
    try:
        yield
    except PictureRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise decompression_bomb() from error
    except DECODER_ERRORS as error:
        if any(sign in str(error) for sign in _TEXT_BOMBS):
            raise decompression_bomb() from error
        raise truncated(error) from error


def _refuse_wide_planes(image: Image.Image) -> None:
    """Leave 16-bit TIFFs with a plane a channel alone: Pillow would misread them."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        tags = image.tag_v2
        if tags.get(_PLANAR_CONFIGURATION) == _SEPARATE and image.mode in _WIDE_MODES:
            bits = tags.get(_BITS_PER_SAMPLE, (8,))
            if max(bits) > 8:
                image.close()
                raise UnidentifiedImageError("16-bit planes")


@contextmanager
def opened(path: Path, head: bytes, max_pixels: int) -> Iterator[Image.Image]:
    """Open an accepted picture lazily and within the limit of pixels.

    Nothing is decoded yet; wrap what decodes in `decoding()`.

    Raises:
        PictureRefused: Not a picture, unsupported, too many pixels, a bomb, or a
            header that cannot be read (then from UnidentifiedImageError).
    """
    with decoding():
        try:
            image = Image.open(path, formats=ACCEPTED)
            _refuse_wide_planes(image)
        except UnidentifiedImageError as error:
            raise refuse_unidentified(head) from error
    with image:
        width, height = image.size
        if width * height > max_pixels:
            raise too_many_pixels(width, height, max_pixels)
        yield image
