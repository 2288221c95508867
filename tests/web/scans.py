"""Scans drawn for the tests of ingest."""

import io
from pathlib import Path

from PIL import Image


def png(shade: int = 40) -> bytes:
    """Return a small grey picture that differs with the shade."""
    picture = (
        Image.linear_gradient("L").resize((48, 32)).point(lambda v: (v + shade) % 256)
    )
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def folder(place: Path, **files: bytes) -> Path:
    """Return a folder with the scans given; their names get the extension .png."""
    place.mkdir()
    for name, content in files.items():
        (place / f"{name}.png").write_bytes(content)
    return place
