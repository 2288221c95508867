"""Decoding any scan: what is taken, how it comes out, and what is refused."""

import os
import pickle
import struct
import threading
import warnings
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from archive import pictures
from archive.pictures import PictureRefused, identify, open_picture

ORIENTATION = 0x0112


def ramp(height: int = 24, width: int = 40) -> np.ndarray:
    """A colour picture whose every row and column differs."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 6, y * 10, (x + y) * 3], axis=-1).astype(np.uint8)


def ramp16(channels: int) -> np.ndarray:
    return np.random.default_rng(7).integers(
        0, 65536, (13, 17, channels), dtype=np.uint16
    )


def saved(path: Path, pixels: np.ndarray, **options: object) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


def png16(pixels: np.ndarray, *chunks: tuple[bytes, bytes]) -> bytes:
    """A 16-bit PNG, whose every row uses another of the filters None, Sub and Up."""
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    rows = pixels.astype(">u2").tobytes()
    stride = width * channels * 2
    table = np.frombuffer(rows, np.uint8).reshape(height, stride)
    lines = []
    for y, line in enumerate(table):
        if y % 3 == 1:
            left = np.concatenate([np.zeros(channels * 2, np.uint8), line])[:stride]
            lines.append(b"\1" + (line - left).tobytes())
        elif y % 3 == 2:
            lines.append(b"\2" + (line - table[y - 1]).tobytes())
        else:
            lines.append(b"\0" + line.tobytes())
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    return png(header, *chunks, (b"IDAT", zlib.compress(b"".join(lines))))


def png(header: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + check

    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(*each) for each in ((b"IHDR", header), *chunks, (b"IEND", b""))
    )


def refusal(path: Path, **limits: int) -> PictureRefused:
    """The refusal of a file; identify and open_picture must agree on it."""
    with pytest.raises(PictureRefused) as refused:
        identify(path, **limits)
    with pytest.raises(PictureRefused) as again:
        open_picture(path, **limits)
    assert refused.value.code == again.value.code
    assert refused.value.sentence.endswith(".")
    assert str(path) not in refused.value.sentence
    return refused.value


# What is taken


@pytest.mark.parametrize(
    ("name", "options", "media_type"),
    [
        ("a.png", {}, "image/png"),
        ("a.tif", {}, "image/tiff"),
        ("a.tif", {"compression": "tiff_lzw"}, "image/tiff"),
        ("a.tif", {"compression": "tiff_adobe_deflate"}, "image/tiff"),
        ("a.tif", {"compression": "packbits"}, "image/tiff"),
        ("a.webp", {"lossless": True}, "image/webp"),
    ],
)
def test_it_keeps_every_pixel_of_lossless_files(
    tmp_path: Path, name: str, options: dict, media_type: str
) -> None:
    path = saved(tmp_path / name, ramp(), **options)
    picture = open_picture(path)
    assert (picture.pixels == ramp()).all()
    assert picture.alpha is None
    assert picture.facts == identify(path)
    facts = picture.facts
    assert (facts.media_type, facts.width, facts.height) == (media_type, 40, 24)
    assert (facts.mode, facts.bit_depth, facts.pages) == ("RGB", 8, 1)


@pytest.mark.parametrize(
    "options", [{"quality": 95}, {"quality": 95, "subsampling": 0}]
)
def test_it_decodes_a_jpeg_as_pillow_does(tmp_path: Path, options: dict) -> None:
    path = saved(tmp_path / "a.jpg", ramp(), **options)
    assert (open_picture(path).pixels == np.asarray(Image.open(path))).all()


def test_it_decodes_jpeg_compressed_tiff(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.tif", ramp(), compression="jpeg", quality=95)
    error = open_picture(path).pixels.astype(int) - ramp()
    assert np.abs(error).mean() < 8


def test_it_decodes_heif(tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    path = tmp_path / "a.bin"
    pillow_heif.from_pillow(Image.fromarray(ramp(64, 64))).save(path, quality=95)
    picture = open_picture(path)
    assert (picture.facts.format, picture.facts.extension) == ("HEIF", ".heic")
    assert np.abs(picture.pixels.astype(int) - ramp(64, 64)).mean() < 12


def test_it_goes_by_content_and_never_by_name(tmp_path: Path) -> None:
    path = tmp_path / "holiday.jpg"
    Image.fromarray(ramp()).save(path, format="PNG")
    assert identify(path).format == "PNG"
    assert identify(path).extension == ".png"


def test_a_grey_scan_stays_grey(tmp_path: Path) -> None:
    grey = ramp()[..., 0]
    for name in ("a.png", "a.tif"):
        picture = open_picture(saved(tmp_path / name, grey))
        assert picture.pixels.ndim == 2
        assert (picture.pixels == grey).all()


def test_bilevel_becomes_black_and_white(tmp_path: Path) -> None:
    bits = ramp()[..., 0] > 100
    for name, options in (
        ("a.png", {}),
        ("a.tif", {"compression": "group4"}),
        ("b.tif", {}),
    ):
        Image.fromarray(bits).save(tmp_path / name, **options)
        picture = open_picture(tmp_path / name)
        assert picture.facts.bit_depth == 1
        assert (picture.pixels == np.where(bits, 255, 0)).all()


def test_min_is_white_is_turned(tmp_path: Path) -> None:
    for dtype in (np.uint8, np.uint16):
        for order in "<>":
            grey = (np.arange(12, dtype=dtype) * 20).reshape(3, 4)
            path = tmp_path / "a.tif"
            tifffile.imwrite(path, grey, photometric="miniswhite", byteorder=order)
            assert (open_picture(path).pixels == np.invert(grey)).all(), (dtype, order)


def test_a_palette_becomes_colour_or_grey(tmp_path: Path) -> None:
    colours = Image.fromarray(ramp()).quantize(16)
    colours.save(tmp_path / "colour.png")
    colours.save(tmp_path / "colour.tif")
    for name in ("colour.png", "colour.tif"):
        picture = open_picture(tmp_path / name)
        assert picture.facts.mode == "P"
        assert (picture.pixels == np.asarray(colours.convert("RGB"))).all()
    greys = Image.fromarray(ramp()[..., 0]).quantize(8)
    greys.save(tmp_path / "grey.png")
    assert open_picture(tmp_path / "grey.png").pixels.ndim == 2


def test_the_first_of_many_pages_is_taken(tmp_path: Path) -> None:
    first, second = Image.fromarray(ramp()), Image.new("RGB", (5, 5))
    first.save(tmp_path / "a.tif", save_all=True, append_images=[second, second])
    picture = open_picture(tmp_path / "a.tif")
    assert picture.facts.pages == 3
    assert (picture.pixels == ramp()).all()


def test_a_later_page_of_an_unknown_kind_does_no_harm(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(ramp())
        file.write(np.zeros((4, 4), np.complex64))
    picture = open_picture(tmp_path / "a.tif")
    assert picture.facts.pages == 2
    assert (picture.pixels == ramp()).all()


# Sixteen bits


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_16_bit_png_keeps_every_bit(tmp_path: Path, channels: int) -> None:
    samples = ramp16(channels)
    path = tmp_path / "a.png"
    path.write_bytes(png16(samples))
    picture = open_picture(path)
    assert picture.facts.bit_depth == 16
    assert picture.pixels.dtype == np.uint16
    if channels in (2, 4):
        assert picture.alpha is not None
        assert (picture.alpha == samples[..., -1]).all()
        samples = samples[..., :-1]
    assert (picture.pixels == np.squeeze(samples)).all()


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_16_bit_tiff_keeps_every_bit(
    tmp_path: Path, compression: str | None, order: str, planar: str, channels: int
) -> None:
    samples = ramp16(channels)
    stored = np.moveaxis(samples, -1, 0) if planar == "separate" else samples
    stored = stored[0] if planar == "separate" and channels == 1 else stored
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path,
        stored,
        byteorder=order,
        compression=compression,
        photometric="rgb" if channels > 2 else "minisblack",
        planarconfig=planar if channels > 1 else None,
        extrasamples=["unassalpha"] if channels in (2, 4) else None,
    )
    if compression and channels > 1 and (planar == "separate" or channels == 2):
        refused = refusal(path)
        assert refused.code == "unsupported_format"
        assert "ADOBE_DEFLATE compression" in refused.sentence
        return
    picture = open_picture(path)
    assert (picture.facts.width, picture.facts.height) == (17, 13)
    assert picture.facts.bit_depth == 16
    expected = samples[..., :-1] if channels in (2, 4) else samples
    assert (picture.pixels == np.squeeze(expected)).all()
    if channels in (2, 4):
        assert picture.alpha is not None
        assert (picture.alpha == samples[..., -1]).all()


def test_premultiplied_16_bit_colour_is_divided_by_its_alpha(tmp_path: Path) -> None:
    samples = ramp16(4)
    samples[..., 3] = 32768
    samples[..., :3] //= 2
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, samples, photometric="rgb", extrasamples=["assocalpha"])
    pixels = open_picture(path).pixels.astype(int)
    assert np.abs(pixels - samples[..., :3] * (65535 / 32768)).max() <= 1


def test_a_transparent_colour_of_a_16_bit_png_becomes_alpha(tmp_path: Path) -> None:
    samples = ramp16(3)
    path = tmp_path / "a.png"
    key = struct.pack(">HHH", *samples[2, 3])
    path.write_bytes(png16(samples, (b"tRNS", key)))
    alpha = open_picture(path).alpha
    assert alpha is not None
    assert alpha[2, 3] == 0
    assert (alpha == 0).sum() == 1


def test_16_bits_are_shown_from_black_to_white(tmp_path: Path) -> None:
    grey = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, 0)
    path = saved(tmp_path / "a.png", grey)
    shown = np.asarray(pictures.rendition(open_picture(path), 256))
    assert shown.dtype == np.uint8
    assert (shown[0] == np.arange(256)).all()


def test_12_bits_in_a_16_bit_file_do_not_come_out_black(tmp_path: Path) -> None:
    grey = np.linspace(0, 4095, 256).astype(np.uint16)[None].repeat(4, 0)
    picture = open_picture(saved(tmp_path / "a.tif", grey))
    assert (picture.pixels == grey).all()
    shown = np.asarray(pictures.rendition(picture, 256))
    assert (shown[0] == np.arange(256)).all()


# Colour


def test_cmyk_is_turned_into_rgb(tmp_path: Path) -> None:
    inks = np.zeros((8, 8, 4), np.uint8)
    inks[:, :4, 1:3] = 255  # magenta and yellow: red
    for name in ("a.tif", "a.jpg"):
        Image.fromarray(inks, mode="CMYK").save(tmp_path / name)
        picture = open_picture(tmp_path / name)
        assert picture.facts.mode == "CMYK"
        assert np.abs(picture.pixels[4, 1].astype(int) - (255, 0, 0)).max() < 6
        assert np.abs(picture.pixels[4, 6].astype(int) - 255).max() < 6


def test_lab_is_turned_into_srgb(tmp_path: Path) -> None:
    transform = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    original = np.full((6, 6, 3), (180, 90, 60), np.uint8)
    ImageCms.applyTransform(Image.fromarray(original), transform).save(
        tmp_path / "a.tif"
    )
    picture = open_picture(tmp_path / "a.tif")
    assert picture.facts.mode == "LAB"
    assert np.abs(picture.pixels.astype(int) - original).max() <= 3


def linear_rgb_profile() -> bytes:
    """An RGB profile with the primaries of sRGB and no gamma."""
    profile = bytearray(
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    )
    count = struct.unpack(">I", profile[128:132])[0]
    for entry in range(132, 132 + 12 * count, 12):
        name, offset, _ = struct.unpack(">4sII", profile[entry : entry + 12])
        if name in (b"rTRC", b"gTRC", b"bTRC"):
            profile[offset : offset + 16] = b"curv" + struct.pack(">III", 0, 0, 0)
        if name == b"desc":
            at = profile.find("sRGB".encode("utf-16-be"), offset)
            profile[at : at + 8] = "Test".encode("utf-16-be")
    return bytes(profile)


def test_an_embedded_profile_is_followed(tmp_path: Path) -> None:
    profile = linear_rgb_profile()
    pixels = np.full((5, 5, 3), 55, np.uint8)  # 0.2157 in linear light
    for name in ("a.png", "a.tif", "a.jpg", "a.webp"):
        Image.fromarray(pixels).save(tmp_path / name, icc_profile=profile)
        picture = open_picture(tmp_path / name)
        assert "Test" in picture.facts.icc_name
        assert picture.facts.icc_profile == profile
        assert np.abs(picture.pixels.astype(int) - 128).max() <= 2


def test_16_bit_colour_keeps_its_encoding_and_is_shown_in_srgb(tmp_path: Path) -> None:
    pixels = np.full((5, 5, 3), 55 * 257, np.uint16)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, pixels, photometric="rgb", iccprofile=linear_rgb_profile())
    picture = open_picture(path)
    assert (picture.pixels == pixels).all()
    shown = np.asarray(pictures.rendition(picture, 5)).astype(int)
    assert np.abs(shown - 128).max() <= 2


def grey_profile(gamma: float) -> bytes:
    """A minimal grey ICC profile."""
    tags = {
        b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">iii", 63190, 65536, 54061),
        b"kTRC": b"curv\0\0\0\0" + struct.pack(">IHxx", 1, round(gamma * 256)),
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 5) + b"Grey\0" + bytes(79),
    }
    table, body, offset = b"", b"", 132 + 12 * len(tags)
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, offset + len(body), len(tag))
        body += tag + bytes(-len(tag) % 4)
    head = bytearray(128)
    head[8:12] = b"\x02\x10\0\0"
    head[12:24] = b"mntrGRAYXYZ "
    head[36:40] = b"acsp"
    head[68:80] = struct.pack(">iii", 63190, 65536, 54061)
    profile = head + struct.pack(">I", len(tags)) + table + body
    profile[0:4] = struct.pack(">I", len(profile))
    return bytes(profile)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_grey_profile_bends_the_tone(tmp_path: Path, dtype: type) -> None:
    scale = 257 if dtype == np.uint16 else 1
    grey = np.full((5, 5), 55 * scale, dtype)
    Image.fromarray(grey).save(tmp_path / "a.png", icc_profile=grey_profile(1.0))
    picture = open_picture(tmp_path / "a.png")
    assert picture.pixels.dtype == dtype
    assert np.abs(picture.pixels / scale - 128).max() <= 2


@pytest.mark.parametrize("profile", [b"rubbish", grey_profile(1.0)])
def test_a_useless_profile_changes_nothing(tmp_path: Path, profile: bytes) -> None:
    Image.fromarray(ramp()).save(tmp_path / "a.png", icc_profile=profile)
    assert (open_picture(tmp_path / "a.png").pixels == ramp()).all()


def test_an_srgb_profile_changes_no_pixel(tmp_path: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(ramp()).save(tmp_path / "a.png", icc_profile=srgb)
    assert (open_picture(tmp_path / "a.png").pixels == ramp()).all()


# Orientation and alpha


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.webp", "a16.png", "a16.tif"])
def test_the_orientation_is_honoured(
    tmp_path: Path, orientation: int, name: str
) -> None:
    path = tmp_path / name
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored = ramp()
    image = Image.fromarray(stored)
    upright = image.copy()
    upright.getexif()[ORIENTATION] = orientation
    expected = np.asarray(_transposed(image, orientation)).astype(int)
    if name == "a16.png":
        path.write_bytes(
            png16(stored.astype(np.uint16) * 257, (b"eXIf", exif.tobytes()[6:]))
        )
    elif name == "a16.tif":
        wide = stored.astype(np.uint16) * 257
        tag = (ORIENTATION, "H", 1, orientation, True)
        tifffile.imwrite(path, wide, photometric="rgb", extratags=[tag])
    else:
        image.save(path, exif=exif, **({"lossless": True} if "webp" in name else {}))
    picture = open_picture(path)
    scale = 257 if picture.pixels.dtype == np.uint16 else 1
    assert (picture.pixels == expected * scale).all()
    facts = picture.facts
    assert (facts.width, facts.height, facts.orientation) == (40, 24, orientation)
    assert (facts.displayed_height, facts.displayed_width) == expected.shape[:2]


def _transposed(image: Image.Image, orientation: int) -> Image.Image:
    turn = Image.Transpose
    steps = {
        2: turn.FLIP_LEFT_RIGHT,
        3: turn.ROTATE_180,
        4: turn.FLIP_TOP_BOTTOM,
        5: turn.TRANSPOSE,
        6: turn.ROTATE_270,
        7: turn.TRANSVERSE,
        8: turn.ROTATE_90,
    }
    return image.transpose(steps[orientation]) if orientation > 1 else image


def test_an_impossible_orientation_is_ignored(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 99
    Image.fromarray(ramp()).save(tmp_path / "a.png", exif=exif)
    assert identify(tmp_path / "a.png").orientation == 1


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.webp"])
def test_alpha_is_kept_apart(tmp_path: Path, name: str) -> None:
    alpha = ramp()[..., 0]
    pixels = np.dstack([ramp(), alpha])
    options = {"lossless": True, "exact": True} if "webp" in name else {}
    picture = open_picture(saved(tmp_path / name, pixels, **options))
    assert picture.alpha is not None
    assert (picture.alpha == alpha).all()
    assert (picture.pixels == ramp()).all()


def test_grey_with_alpha_stays_grey(tmp_path: Path) -> None:
    pixels = ramp()[..., :2]
    Image.fromarray(pixels, mode="LA").save(tmp_path / "a.png")
    picture = open_picture(tmp_path / "a.png")
    assert (picture.pixels == pixels[..., 0]).all()
    assert picture.alpha is not None
    assert (picture.alpha == pixels[..., 1]).all()


def test_transparent_parts_are_shown_on_white_paper(tmp_path: Path) -> None:
    pixels = np.zeros((10, 10, 4), np.uint8)
    pixels[:5, :, 3] = 255
    picture = open_picture(saved(tmp_path / "a.png", pixels))
    shown = np.asarray(pictures.rendition(picture, 10))
    assert (shown[:5] == 0).all()
    assert (shown[5:] == 255).all()


# Renditions


@pytest.mark.parametrize(
    ("size", "longest", "expected"),
    [
        ((40, 24), 20, (20, 12)),
        ((40, 24), 400, (40, 24)),
        ((3000, 1), 30, (30, 1)),
        ((1, 3000), 30, (1, 30)),
        ((1, 1), 30, (1, 1)),
    ],
)
def test_a_rendition_fits_and_is_never_enlarged(
    tmp_path: Path, size: tuple, longest: int, expected: tuple
) -> None:
    Image.new("RGB", size, "teal").save(tmp_path / "a.png")
    shown = pictures.rendition(open_picture(tmp_path / "a.png"), longest)
    assert shown.size == expected
    assert shown.getpixel((0, 0)) == (0, 128, 128)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif"])
def test_one_reading_gives_all_that_ingest_wants(tmp_path: Path, name: str) -> None:
    y, x = np.mgrid[0:600, 0:900]
    smooth = np.stack([x / 4, y / 3, (x + y) / 8], axis=-1).astype(np.uint8)
    path = saved(tmp_path / name, smooth)
    examination = pictures.examine(path, (320, 100))
    assert examination.facts == identify(path)
    assert examination.renditions[320].size == (320, 213)
    assert examination.renditions[100].size == (100, 67)
    whole = pictures.rendition(open_picture(path), 320)
    drift = np.asarray(examination.renditions[320]).astype(int) - np.asarray(whole)
    assert np.abs(drift).mean() < 2
    assert pictures.fitted_size(900, 600, 100) == (100, 67)
    assert len(examination.perceptual_hash) == 16
    assert int(examination.perceptual_hash, 16) >= 0


def test_a_reduced_jpeg_still_tells_its_full_size(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", ramp(600, 900))
    picture = pictures.open_reduced(path, 100)
    assert (picture.facts.width, picture.facts.height) == (900, 600)
    assert picture.pixels.shape == (67, 100, 3)


def test_a_near_duplicate_has_a_near_hash(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 1, (12, 12)).cumsum(0).cumsum(1)
    image = Image.fromarray(
        np.interp(noise, (noise.min(), noise.max()), (0, 255)).astype(np.uint8)
    ).resize((300, 300), Image.Resampling.BICUBIC)
    image.save(tmp_path / "a.png")
    image.resize((150, 150)).save(tmp_path / "b.jpg", quality=60)
    image.rotate(90).save(tmp_path / "c.png")
    a, b, c = (
        int(pictures.examine(tmp_path / name, (200,)).perceptual_hash, 16)
        for name in ("a.png", "b.jpg", "c.png")
    )
    assert (a ^ b).bit_count() <= 6
    assert (a ^ c).bit_count() > 12


# What is refused


def test_a_missing_file_a_folder_and_a_pipe_are_unreadable(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "none.png").code == "unreadable"
    assert refusal(tmp_path).code == "unreadable"
    assert refusal(tmp_path / "pipe").code == "unreadable"
    assert refusal(Path("a\0b")).code == "unreadable"


def test_a_forbidden_file_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "a.png", ramp())

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)  # root may read everything
    assert "permissions" in refusal(path).sentence


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    assert refusal(tmp_path / "a.png").code == "empty_file"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"hello, this is a letter", "not_a_picture"),
        (b"\0" * 100, "not_a_picture"),
        (b"GIF89a" + bytes(40), "unsupported_format"),
        (b"BM" + bytes(60), "unsupported_format"),
        (b"%PDF-1.7 " + bytes(60), "unsupported_format"),
        (b"8BPS" + bytes(60), "unsupported_format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_format"),
        (b"\n<?xml version='1.0'?><svg/>", "unsupported_format"),
        (b"\0\0\0\x1cftypavif" + bytes(60), "unsupported_format"),
        (b"\xff\xd8\xff\xe0" + bytes(60), "truncated"),
        (b"\x89PNG\r\n\x1a\n" + bytes(60), "truncated"),
        (b"II*\0" + bytes(60), "truncated"),
        (b"RIFF\0\0\0\0WEBP" + bytes(60), "truncated"),
        (b"\0\0\0\x18ftypheic" + bytes(60), "truncated"),
    ],
)
def test_what_is_no_picture_is_refused(
    tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    assert refusal(path).code == code


def test_a_real_gif_and_bitmap_are_not_taken(tmp_path: Path) -> None:
    for name in ("a.gif", "a.bmp"):
        assert refusal(saved(tmp_path / name, ramp())).code == "unsupported_format"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.jpg", {}),
        ("a.png", {}),
        ("a.tif", {}),
        ("a.tif", {"compression": "tiff_lzw"}),
        ("a.webp", {}),
    ],
)
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_file_cut_off_is_refused(
    tmp_path: Path, name: str, options: dict, share: float
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (90, 90, 3), dtype=np.uint8)
    path = saved(tmp_path / name, noise, **options)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    for attempt in (open_picture, lambda each: pictures.examine(each, (20,))):
        with pytest.raises(PictureRefused) as refused:
            attempt(path)
        assert refused.value.code == "truncated"


def test_a_16_bit_file_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    whole = png16(ramp16(3))
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PictureRefused) as refused:
        open_picture(path)
    assert refused.value.code == "truncated"
    tifffile.imwrite(path, ramp16(3), photometric="rgb", planarconfig="contig")
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(PictureRefused) as refused:
        open_picture(path)
    assert refused.value.code == "truncated"


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_damage_anywhere_is_a_refusal_or_a_picture(
    tmp_path: Path, format_: str
) -> None:
    whole = BytesIO()
    Image.fromarray(ramp()).save(whole, format=format_, exif=Image.Exif())
    chance = np.random.default_rng(3)
    for _ in range(150):
        damaged = bytearray(whole.getvalue())
        for at in chance.integers(0, len(damaged), 3):
            damaged[at] = chance.integers(256)
        (tmp_path / "a").write_bytes(damaged)
        try:
            picture = open_picture(tmp_path / "a", max_pixels=1_000_000)
        except PictureRefused:
            continue  # anything else that is raised fails the test
        facts = picture.facts
        assert picture.pixels.shape[:2] == (
            facts.displayed_height,
            facts.displayed_width,
        )


@pytest.mark.parametrize("dtype", [np.float32, np.int32, np.uint32, np.float64])
def test_numbers_without_a_black_and_white_are_refused(
    tmp_path: Path, dtype: type
) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.ones((6, 6), dtype))
    refused = refusal(tmp_path / "a.tif")
    assert refused.code == "unsupported_format"
    assert "8 or 16 bits" in refused.sentence


def test_a_camera_raw_file_is_refused(tmp_path: Path) -> None:
    tag = (50706, "B", 4, b"\1\4\0\0", True)
    tifffile.imwrite(tmp_path / "a.tif", ramp(), extratags=[tag])
    assert "raw" in refusal(tmp_path / "a.tif").sentence


def test_too_many_bytes_are_refused_before_decoding(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", ramp())
    size = path.stat().st_size
    assert refusal(path, max_bytes=size - 1).code == "too_many_bytes"
    assert identify(path, max_bytes=size).width == 40


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.jpg", "a.webp"])
def test_too_many_pixels_are_refused_before_decoding(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path / name, ramp())
    refused = refusal(path, max_pixels=40 * 24 - 1)
    assert refused.code == "too_many_pixels"
    assert "40 × 24" in refused.sentence
    assert identify(path, max_pixels=40 * 24).width == 40


def test_too_many_pixels_of_an_unusual_tiff_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, ramp16(2), extrasamples=["unassalpha"])
    assert refusal(path, max_pixels=200).code == "too_many_pixels"


def test_a_decompression_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    path.write_bytes(png(header, (b"IDAT", zlib.compress(bytes(1000)))))
    assert refusal(path).code == "decompression_bomb"


def test_a_bomb_in_a_text_chunk_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    text = b"Comment\0\0" + zlib.compress(bytes(50_000_000))
    pixel = (b"IDAT", zlib.compress(b"\0\0"))
    path.write_bytes(png(header, (b"zTXt", text), pixel))
    assert refusal(path).code == "decompression_bomb"


def test_pillows_warning_is_a_refusal_where_warnings_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    header = struct.pack(">IIBBBBB", 15000, 15000, 8, 2, 0, 0, 0)
    path.write_bytes(png(header, (b"IDAT", zlib.compress(bytes(1000)))))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert refusal(path).code == "decompression_bomb"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert refusal(path).code == "too_many_pixels"


def test_threads_do_not_share_their_limits(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", ramp())
    outcomes: dict[int, str] = {}

    def attempt(limit: int) -> None:
        for _ in range(20):
            try:
                outcomes[limit] = f"{open_picture(path, max_pixels=limit).pixels.shape}"
            except PictureRefused as refused:
                outcomes[limit] = refused.code

    threads = [threading.Thread(target=attempt, args=(n,)) for n in (100, 1000, 500)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {
        100: "too_many_pixels",
        500: "too_many_pixels",
        1000: "(24, 40, 3)",
    }


def test_a_refusal_crosses_processes(tmp_path: Path) -> None:
    refused = refusal(tmp_path / "none.png")
    again = pickle.loads(pickle.dumps(refused))  # noqa: S301
    assert (again.code, again.sentence) == (refused.code, refused.sentence)


def test_the_file_is_never_written(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.tif", ramp())
    path.chmod(0o444)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    pictures.examine(path, (10,))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
