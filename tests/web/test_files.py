"""Serving of pictures: types, headers, names, parts, and what is not served."""

import pytest
from django.urls import reverse

from archive.models import Derivative
from archive.views.files import attachment
from archive.vocabularies import Purpose
from tests import catalogue
from tests.web import drawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def photograph(data_dir, tmp_path):
    return drawn.photograph(tmp_path)


@pytest.fixture
def display(photograph):
    return Derivative.objects.get(purpose=Purpose.DISPLAY)


@pytest.fixture
def scan(photograph):
    return photograph.masters.get()


def body(response):
    return b"".join(response.streaming_content)


def show(client, derivative, **headers):
    return client.get(reverse("archive:derivative", args=[derivative.pk]), **headers)


def download(client, scan, **headers):
    return client.get(reverse("archive:master", args=[scan.pk]), **headers)


def test_a_screen_copy_is_shown_inline_and_kept_for_ever(client, viewer, display):
    client.force_login(viewer)
    response = show(client, display)
    assert response.status_code == 200
    assert body(response) == display.path.read_bytes()
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Length"] == str(display.size_bytes)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert response["ETag"] == f'"{display.sha256}"'
    assert not response.get("Content-Disposition", "").startswith("attachment")


def test_a_browser_that_has_it_is_told_so(client, viewer, display):
    client.force_login(viewer)
    response = show(client, display, headers={"If-None-Match": f'"{display.sha256}"'})
    assert response.status_code == 304


def test_it_rejects_other_methods(client, viewer, display, scan):
    client.force_login(viewer)
    for name, pk in (("derivative", display.pk), ("master", scan.pk)):
        assert client.post(reverse(f"archive:{name}", args=[pk])).status_code == 405


def test_nobody_sees_a_picture_without_signing_in(client, display, scan):
    assert show(client, display).status_code == 302
    assert download(client, scan).status_code == 302


def test_an_account_without_a_role_sees_nothing(client, stranger, display, scan):
    client.force_login(stranger)
    assert show(client, display).status_code == 403
    assert download(client, scan).status_code == 403


def test_a_picture_that_is_unknown_is_not_found(client, viewer):
    client.force_login(viewer)
    assert client.get(reverse("archive:derivative", args=[99])).status_code == 404
    assert client.get(reverse("archive:master", args=[99])).status_code == 404


def test_a_lost_copy_is_404_with_a_picture_of_the_same_shape(client, viewer, display):
    display.path.unlink()
    client.force_login(viewer)
    response = show(client, display)
    assert response.status_code == 404
    assert response["Content-Type"] == "image/png"
    assert response.content.startswith(b"\x89PNG")
    assert response["Cache-Control"] == "no-store"


def test_a_lost_master_is_404_with_a_sentence(client, viewer, scan):
    scan.path.unlink()
    client.force_login(viewer)
    response = download(client, scan)
    assert response.status_code == 404
    assert "fixity check" in response.content.decode()


@pytest.mark.parametrize("media_type", ["image/svg+xml", "text/html", "image/tiff"])
def test_only_rasters_for_screens_are_shown_inline(client, viewer, display, media_type):
    Derivative.objects.filter(pk=display.pk).update(media_type=media_type)
    client.force_login(viewer)
    response = show(client, display)
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")


def test_a_master_is_always_a_download(client, viewer, scan):
    client.force_login(viewer)
    response = download(client, scan)
    assert body(response) == scan.path.read_bytes()
    assert response["Content-Disposition"].startswith("attachment")
    assert 'filename="scan-1.png"' in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_master_of_a_strange_type_is_mere_bytes(client, viewer, photograph):
    client.force_login(viewer)
    other = catalogue.photograph("GB1/9", photograph.collection)
    strange = catalogue.master(other, media_type="text/html", extension=".html")
    strange.path.parent.mkdir(parents=True, exist_ok=True)
    strange.path.write_bytes(b"<script>alert(1)</script>")
    response = download(client, strange)
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-9", 0, 9), ("bytes=10-", 10, None), ("bytes=-5", -5, None)],
)
def test_a_part_of_a_master_can_be_asked_for(client, viewer, scan, asked, first, last):
    client.force_login(viewer)
    whole = scan.path.read_bytes()
    wanted = whole[first:] if last is None else whole[first : last + 1]
    response = download(client, scan, headers={"Range": asked})
    assert response.status_code == 206
    assert body(response) == wanted
    assert response["Content-Length"] == str(len(wanted))
    assert response["Content-Range"].endswith(f"/{len(whole)}")


def test_a_part_beyond_the_end_is_refused(client, viewer, scan):
    client.force_login(viewer)
    response = download(client, scan, headers={"Range": "bytes=99999999-"})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{scan.size_bytes}"


@pytest.mark.parametrize("asked", ["bytes=-", "lines=1-2", "bytes=1-2,4-5", "bytes=x"])
def test_a_range_that_is_not_understood_gets_the_whole(client, viewer, scan, asked):
    client.force_login(viewer)
    response = download(client, scan, headers={"Range": asked})
    assert (response.status_code, body(response)) == (200, scan.path.read_bytes())


@pytest.mark.parametrize(
    ("name", "plain", "exact"),
    [
        ("scan.tif", "scan.tif", "scan.tif"),
        ("../../etc/passwd", "passwd", "passwd"),
        ("C:\\scans\\a.tif", "a.tif", "a.tif"),
        ("Zürich 1923.jpg", "Zurich 1923.jpg", "Z%C3%BCrich%201923.jpg"),
        ("写真.png", "photograph.png", "%E5%86%99%E7%9C%9F.png"),
        ('a"\r\nSet-Cookie: x.png', "a_Set-Cookie_ x.png", None),
        ("", "photograph", "photograph"),
        ("...", "photograph", "photograph"),
    ],
)
def test_names_are_made_safe_and_given_twice(name, plain, exact):
    header = attachment(name)
    assert header.startswith(f'attachment; filename="{plain}"; ')
    assert "\r" not in header
    assert "\n" not in header
    if exact is not None:
        assert header.endswith(f"filename*=UTF-8''{exact}")
