"""One scan on its way into the archive."""

import hashlib
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, OperationalError
from PIL import Image

from archive import derivatives, ingest
from archive.errors import (
    ArchiveError,
    DuplicateFile,
    InvalidDescription,
    NotInThisState,
    SourceUnreadable,
    StoreFull,
    UnreadablePicture,
)
from archive.identifiers import ReferenceCodes
from archive.ingest import files
from archive.models import Collection, Derivative, Event, MasterFile, Photograph
from archive.vocabularies import EventOutcome, EventType, Purpose, Rights, Side
from tests import catalogue
from tests.archive import scans

pytestmark = pytest.mark.django_db


@pytest.fixture
def within(data_dir: Path) -> Collection:
    return catalogue.collection("GB1")


def shown(photograph: Photograph, purpose: Purpose) -> Image.Image:
    copy = Derivative.objects.get(master__photograph=photograph, purpose=purpose)
    picture = Image.open(copy.path)
    assert picture.size == (copy.width, copy.height)
    assert copy.path.stat().st_size == copy.size_bytes
    return picture


def test_a_scan_becomes_a_photograph(
    tmp_path: Path, within: Collection, cataloguer: User
) -> None:
    path = scans.profiled(tmp_path / "Täfel 1.JPG")
    photograph = ingest.ingest_file(path, within, by=cataloguer)
    content = path.read_bytes()
    master = MasterFile.objects.get(photograph=photograph)
    assert photograph.reference_code == "GB1/0001"
    assert photograph.collection == within
    assert master.path.read_bytes() == content
    assert master.sha256 == hashlib.sha256(content).hexdigest()
    assert (master.size_bytes, master.width, master.height) == (len(content), 48, 32)
    assert (master.bit_depth, master.mode, master.pages) == (8, "RGB", 1)
    assert (master.media_type, master.extension) == ("image/jpeg", ".jpg")
    assert master.original_name == "Täfel 1.JPG"
    assert "sRGB" in master.icc_profile
    assert len(master.perceptual_hash) == 16
    assert shown(photograph, Purpose.DISPLAY).size == (48, 32)
    assert shown(photograph, Purpose.THUMBNAIL).size == (48, 32)


def test_what_happened_is_recorded(
    tmp_path: Path, within: Collection, cataloguer: User
) -> None:
    path = scans.grey(tmp_path / "x.tif")
    photograph = ingest.ingest_file(
        path, within, by=cataloguer, described={"title": "Quay"}
    )
    events = Event.objects.filter(photograph=photograph)
    assert sorted(events.values_list("type", "action")) == [
        (EventType.CREATION, "derived"),
        (EventType.CREATION, "derived"),
        (EventType.INGESTION, "ingested"),
        (EventType.METADATA_MODIFICATION, "described"),
        (EventType.MESSAGE_DIGEST, "digested"),
    ]
    assert set(events.values_list("agent", "outcome")) == {
        (cataloguer.pk, EventOutcome.SUCCESS)
    }
    described = events.get(action="described")
    assert described.changes == {"title": ["", "Quay"]}


@pytest.mark.parametrize(
    "name", ["x.png", "x.webp", "x.tif", "x.jpg"], ids=lambda name: name[2:]
)
def test_every_format_is_taken(tmp_path: Path, within: Collection, name: str) -> None:
    photograph = ingest.ingest_file(scans.grey(tmp_path / name), within, by=None)
    master = MasterFile.objects.get(photograph=photograph)
    assert master.path.read_bytes() == (tmp_path / name).read_bytes()


def test_the_content_decides_and_not_the_name(
    tmp_path: Path, within: Collection
) -> None:
    path = scans.grey(tmp_path / "x.png").rename(tmp_path / "x.html")
    ingest.ingest_file(path, within, by=None)
    assert MasterFile.objects.get().extension == ".png"


def test_sixteen_bits_keep_their_tone_on_screen(
    tmp_path: Path, within: Collection
) -> None:
    photograph = ingest.ingest_file(
        scans.wide_grey(tmp_path / "x.tif"), within, by=None
    )
    row = np.asarray(shown(photograph, Purpose.DISPLAY).convert("L"))[16].astype(int)
    assert MasterFile.objects.get().bit_depth == 16
    assert row[0] < 8
    assert row[-1] > 247
    assert abs(row[32] - 129) < 8


def test_cmyk_is_shown_as_it_would_print(tmp_path: Path, within: Collection) -> None:
    photograph = ingest.ingest_file(scans.cmyk(tmp_path / "x.tif"), within, by=None)
    picture = shown(photograph, Purpose.DISPLAY)
    grey = np.asarray(picture.convert("L"))
    assert picture.mode in ("L", "RGB")
    assert MasterFile.objects.get().mode == "CMYK"
    assert grey[:, :20].min() > 240
    assert grey[:, 28:].max() < 60


def test_exif_orientation_is_shown_and_the_master_untouched(
    tmp_path: Path, within: Collection
) -> None:
    path = scans.turned(tmp_path / "x.jpg")
    photograph = ingest.ingest_file(path, within, by=None)
    master = MasterFile.objects.get()
    assert (master.width, master.height, master.orientation) == (32, 48, 6)
    assert master.path.read_bytes() == path.read_bytes()
    assert shown(photograph, Purpose.DISPLAY).size == (32, 48)


def test_screen_copies_are_no_larger_than_they_say(
    tmp_path: Path, within: Collection
) -> None:
    path = tmp_path / "x.png"
    Image.fromarray(scans.grain(0, 2000, 500)).save(path)
    photograph = ingest.ingest_file(path, within, by=None)
    assert shown(photograph, Purpose.THUMBNAIL).size == (320, 80)
    assert shown(photograph, Purpose.DISPLAY).size == (1600, 400)


def test_the_same_bytes_are_refused_with_the_photograph_that_has_them(
    tmp_path: Path, within: Collection
) -> None:
    path = scans.grey(tmp_path / "x.tif")
    photograph = ingest.ingest_file(path, within, by=None)
    again = Path(shutil.copy(path, tmp_path / "other name.tif"))
    with pytest.raises(DuplicateFile, match="GB1/0001") as refused:
        ingest.ingest_file(again, within, by=None)
    assert refused.value.existing_photograph == photograph.pk
    assert Photograph.objects.count() == MasterFile.objects.count() == 1


def test_given_values_go_before_embedded_ones(
    tmp_path: Path, within: Collection
) -> None:
    exif = Image.Exif()
    exif[0x013B], exif[0x010E] = "Scanner operator", "Boats at a quay"
    path = scans.grey(tmp_path / "x.jpg", exif=exif)
    photograph = ingest.ingest_file(
        path,
        within,
        by=None,
        described={"creator": "Ana", "date_edtf": "1923~", "rights": Rights.CC0},
    )
    assert photograph.creator == "Ana"
    assert photograph.description == "Boats at a quay"
    assert str(photograph.date_earliest) == "1923-01-01"
    master = MasterFile.objects.get()
    assert master.embedded["exif"]["Artist"] == "Scanner operator"


@pytest.mark.parametrize(
    ("described", "field"),
    [
        ({"date_edtf": "soon"}, "date_edtf"),
        ({"rights": "mine"}, "rights"),
        ({"colour": "red"}, "colour"),
        ({"title": "x" * 501}, "title"),
    ],
    ids=["date", "rights", "unknown", "length"],
)
def test_a_value_that_cannot_be_meant_is_refused(
    tmp_path: Path, within: Collection, described: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidDescription) as refused:
        ingest.ingest_file(
            scans.grey(tmp_path / "x.tif"), within, by=None, described=described
        )
    assert field in refused.value.fields
    assert not Photograph.objects.exists()


def test_a_reference_code_may_be_given_but_not_twice(
    tmp_path: Path, within: Collection
) -> None:
    given = {"reference_code": "GB1/A 7"}
    first = ingest.ingest_file(
        scans.grey(tmp_path / "x.tif", 1), within, by=None, described=given
    )
    assert first.reference_code == "GB1/A 7"
    with pytest.raises(InvalidDescription, match="another photograph"):
        ingest.ingest_file(
            scans.grey(tmp_path / "y.tif", 2), within, by=None, described=given
        )


def test_a_back_joins_its_photograph(tmp_path: Path, within: Collection) -> None:
    photograph = ingest.ingest_file(scans.grey(tmp_path / "x.tif", 1), within, by=None)
    back = scans.grey(tmp_path / "y.tif", 2)
    joined = ingest.ingest_file(
        back, within, by=None, side=Side.VERSO, photograph=photograph
    )
    assert joined == photograph
    sides = MasterFile.objects.filter(photograph=photograph).values_list("side")
    assert sorted(sides) == [(Side.RECTO,), (Side.VERSO,)]


def test_a_side_is_never_replaced(tmp_path: Path, within: Collection) -> None:
    photograph = ingest.ingest_file(scans.grey(tmp_path / "x.tif", 1), within, by=None)
    with pytest.raises(NotInThisState, match="already"):
        ingest.ingest_file(
            scans.grey(tmp_path / "y.tif", 2), within, by=None, photograph=photograph
        )
    assert MasterFile.objects.count() == 1


def unreadable(folder: Path) -> dict[str, Path]:
    made = {
        "empty_file": folder / "zero.tif",
        "not_a_picture": folder / "text.jpg",
        "truncated": scans.truncated(folder / "cut.jpg"),
        "unsupported_format": folder / "drawing.svg",
        "unreadable": folder / "nothing.png",
    }
    made["empty_file"].touch()
    made["not_a_picture"].write_text("Dear Sir, the prints are in the post.")
    made["unsupported_format"].write_text("<svg onload='alert(1)'/>")
    return made


@pytest.mark.parametrize(
    "code",
    ["empty_file", "not_a_picture", "truncated", "unsupported_format", "unreadable"],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing(
    tmp_path: Path, within: Collection, data_dir: Path, code: str
) -> None:
    with pytest.raises(ArchiveError) as refused:
        ingest.ingest_file(unreadable(tmp_path)[code], within, by=None)
    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")
    assert not [path for path in data_dir.rglob("*") if path.is_file()]
    assert not Photograph.objects.exists()


def test_too_many_pixels_are_refused(
    tmp_path: Path, within: Collection, settings
) -> None:
    settings.PICTURE_MAX_PIXELS = 1000
    with pytest.raises(UnreadablePicture) as refused:
        ingest.ingest_file(scans.grey(tmp_path / "x.png"), within, by=None)
    assert refused.value.code == "too_many_pixels"


def test_a_link_is_refused(tmp_path: Path, within: Collection) -> None:
    (tmp_path / "link.png").symlink_to(scans.grey(tmp_path / "x.png"))
    with pytest.raises(SourceUnreadable, match="link"):
        ingest.ingest_file(tmp_path / "link.png", within, by=None)


def test_a_failure_in_the_catalogue_leaves_no_row(
    tmp_path: Path, within: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise StoreFull("No room for this.")

    monkeypatch.setattr(files, "attach_first_screen_copies", fail)
    with pytest.raises(StoreFull):
        ingest.ingest_file(scans.grey(tmp_path / "x.png"), within, by=None)
    assert not Photograph.objects.exists()
    assert not MasterFile.objects.exists()
    assert not Event.objects.filter(photograph__isnull=False).exists()


def test_a_code_taken_at_the_same_moment_is_counted_on(
    tmp_path: Path, within: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue.photograph("GB1/0001", within)
    answers = iter(["GB1/0001", "GB1/0002"])
    monkeypatch.setattr(ReferenceCodes, "next", lambda self: next(answers))
    photograph = ingest.ingest_file(scans.grey(tmp_path / "x.png"), within, by=None)
    assert photograph.reference_code == "GB1/0002"


def test_a_conflict_that_does_not_pass_is_not_hidden(
    tmp_path: Path, within: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue.photograph("GB1/0001", within)
    monkeypatch.setattr(ReferenceCodes, "next", lambda self: "GB1/0001")
    with pytest.raises(IntegrityError):
        ingest.ingest_file(scans.grey(tmp_path / "x.png"), within, by=None)


@pytest.mark.django_db(transaction=True)
def test_a_locked_catalogue_is_waited_for(
    tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    within = catalogue.collection("GB1")
    waited: list[float] = []
    # The module's own clock alone: other threads sleep meanwhile.
    monkeypatch.setattr(files, "time", SimpleNamespace(sleep=waited.append))
    enter, attempts = files._enter, iter([True, True, False])

    def locked_at_first(*args: object) -> None:
        if next(attempts):
            raise OperationalError("database is locked")
        enter(*args)

    monkeypatch.setattr(files, "_enter", locked_at_first)
    ingest.ingest_file(scans.grey(tmp_path / "x.png"), within, by=None)
    assert waited == [1, 2]
    assert Photograph.objects.count() == 1


def test_lost_screen_copies_are_made_again(tmp_path: Path, within: Collection) -> None:
    ingest.ingest_file(scans.grey(tmp_path / "x.png"), within, by=None)
    master = MasterFile.objects.get()
    before = {copy.pk: copy.sha256 for copy in master.derivatives.all()}
    for copy in master.derivatives.all():
        copy.path.unlink(missing_ok=True)  # both copies of so small a scan are one file
    made = derivatives.make_screen_copies(master)
    assert {copy.pk: copy.sha256 for copy in made} == before
    assert all(copy.path.exists() for copy in made)
