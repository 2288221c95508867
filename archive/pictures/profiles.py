"""Colour profiles: from what a scan is encoded in to sRGB."""

from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

_SRGB = ImageCms.createProfile("sRGB")
_LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}


def to_srgb(image: Image.Image, icc_profile: bytes | None) -> Image.Image:
    """An 8-bit L or RGB picture in sRGB from one in L, RGB, CMYK or LAB.

    The embedded profile is followed (relative colorimetric with black-point
    compensation). It is ignored where it is damaged, belongs to another colour model
    or is sRGB itself: those pixels are returned unchanged. CMYK without a profile is
    converted by the plain complement, for want of anything better.
    """
    if image.mode == "LAB":  # absolute already: Lab under D50
        profile: ImageCms.ImageCmsProfile | None = _LAB
    else:
        profile = _usable(icc_profile, image.mode)
    if profile is None:
        return image if image.mode in ("L", "RGB") else image.convert("RGB")
    if image.mode == "L":
        curve = _grey_curve(profile)
        return (
            image if curve is None else image.point(curve.round().astype(int).tolist())
        )
    try:
        converted = ImageCms.profileToProfile(
            image,
            profile,
            _SRGB,
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, ValueError):
        converted = None
    return converted or image.convert("RGB")


def wide_grey_to_srgb(
    grey: npt.NDArray[np.uint16], icc_profile: bytes | None
) -> npt.NDArray[np.uint16]:
    """16-bit grey in the tone curve of sRGB.

    The profile's curve is sampled at 256 levels, as precisely as the colour engine
    is reached here, and interpolated between them.
    """
    profile = _usable(icc_profile, "L")
    curve = None if profile is None else _grey_curve(profile)
    if curve is None:
        return grey
    table = np.interp(np.arange(65536), np.arange(256) * 257, curve * 257)
    return np.take(table.round().astype(np.uint16), grey)


def is_srgb(icc_name: str) -> bool:
    """Whether a profile of this description is sRGB itself."""
    name = icc_name.lower()
    return "srgb" in name and "linear" not in name


def _usable(icc_profile: bytes | None, mode: str) -> ImageCms.ImageCmsProfile | None:
    """The profile, where it is sound, meant for this colour model and not sRGB."""
    if not icc_profile:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(icc_profile))
        space = profile.profile.xcolor_space.strip()
        name = ImageCms.getProfileDescription(profile)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return profile if space == _SPACES[mode] and not is_srgb(name) else None


def _grey_curve(
    profile: ImageCms.ImageCmsProfile,
) -> npt.NDArray[np.float64] | None:
    """What each of the 256 grey levels becomes in sRGB; None for a broken profile."""
    ramp = Image.frombytes("L", (256, 1), bytes(range(256)))
    try:
        converted = ImageCms.profileToProfile(
            ramp,
            profile,
            _SRGB,
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, ValueError):
        return None
    if converted is None:
        return None
    curve: npt.NDArray[np.float64] = np.asarray(converted)[0].mean(axis=1)
    return curve
