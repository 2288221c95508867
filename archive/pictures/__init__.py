"""Decode any scan safely, without Django.

TIFF, PNG, JPEG, WebP and (where pillow-heif is installed) HEIF are taken, by content
and never by name; everything else is a `PictureRefused` with a code and a sentence.
"""

from archive.pictures.decoding import (
    Examination,
    Picture,
    examine,
    fitted_size,
    open_picture,
    open_reduced,
    perceptual_hash,
    rendition,
)
from archive.pictures.facts import PictureFacts, identify
from archive.pictures.palette import main_colours
from archive.pictures.pyramid import Tile, cut
from archive.pictures.refusals import PictureRefused, Refusal
from archive.pictures.sniffing import HEIF_READABLE, MAX_PIXELS

__all__ = [
    "HEIF_READABLE",
    "MAX_PIXELS",
    "Examination",
    "Picture",
    "PictureFacts",
    "PictureRefused",
    "Refusal",
    "Tile",
    "cut",
    "examine",
    "fitted_size",
    "identify",
    "main_colours",
    "open_picture",
    "open_reduced",
    "perceptual_hash",
    "rendition",
]
