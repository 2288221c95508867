"""Scans drawn for the tests of ingest: real files of every kind, a few pixels large."""

from io import BytesIO
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image
from PIL.ImageCms import ImageCmsProfile, createProfile


def grain(seed: int = 0, width: int = 48, height: int = 32) -> np.ndarray:
    """Grey shapes that no other seed has, and that look like no other seed's."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (8, 8), np.uint8)
    shapes = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(shapes)


def grey(path: Path, seed: int = 0, **options: object) -> Path:
    """An 8-bit grey picture in the format of the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(grain(seed)).save(path, **options)
    return path


def large(path: Path, seed: int = 0, rows: int = 1000) -> Path:
    """A grey TIFF, 1200 columns wide, that does not compress."""
    noise = np.random.default_rng(seed).integers(0, 256, (rows, 1200), np.uint8)
    Image.fromarray(noise).save(path)
    return path


def wide_grey(path: Path) -> Path:
    """A 16-bit grey TIFF, dark to light from left to right."""
    row = np.linspace(0, 65535, 64).astype(np.uint16)
    tifffile.imwrite(path, np.tile(row, (32, 1)))
    return path


def cmyk(path: Path) -> Path:
    """A CMYK TIFF: its left half is bare paper, its right half black ink."""
    ink = np.zeros((32, 48, 4), np.uint8)
    ink[:, 24:, 3] = 255
    Image.fromarray(ink, "CMYK").save(path)
    return path


def paged(path: Path) -> Path:
    """A TIFF of three pages."""
    pages = [Image.fromarray(grain(seed)) for seed in (11, 12, 13)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return path


def turned(path: Path) -> Path:
    """A JPEG stored lying (48 × 32) whose EXIF says that it stands (32 × 48)."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(grain(5)).save(path, exif=exif)
    return path


def profiled(path: Path) -> Path:
    """A colour JPEG with an sRGB profile."""
    colour = np.stack([grain(21), grain(22), grain(23)], axis=-1)
    profile = ImageCmsProfile(createProfile("sRGB")).tobytes()
    Image.fromarray(colour).save(path, icc_profile=profile)
    return path


def truncated(path: Path) -> Path:
    """The first two thirds of a JPEG."""
    content = BytesIO()
    noise = np.random.default_rng(9).integers(0, 256, (64, 64), np.uint8)
    Image.fromarray(noise).save(content, "JPEG")
    path.write_bytes(content.getvalue()[: content.tell() * 2 // 3])
    return path
