"""Files that a browser sends."""

from io import BytesIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from PIL import Image

from archive import ingest
from archive.errors import SourceUnreadable
from archive.ingest import incoming
from archive.models import Collection, MasterFile, Photograph
from archive.vocabularies import ItemOutcome, Side
from tests import catalogue
from tests.archive import scans

pytestmark = pytest.mark.django_db


@pytest.fixture
def within(data_dir: Path) -> Collection:
    return catalogue.collection("GB1")


def sent(name: str, seed: int = 0) -> SimpleUploadedFile:
    content = BytesIO()
    Image.fromarray(scans.grain(seed)).save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue())


def left(data_dir: Path) -> list[Path]:
    return [path for path in (data_dir / "incoming").rglob("*") if path.is_file()]


def test_uploads_become_photographs_and_leave_nothing_behind(
    within: Collection, data_dir: Path, cataloguer: User
) -> None:
    files = [sent("x.png", 1), sent("y.png", 2)]
    accession = ingest.receive_uploads(files, within, by=cataloguer)
    assert (accession.uploaded, accession.source) == (True, "Upload of 2 files")
    assert len(left(data_dir)) == 2
    ingest.examine_accession(accession)
    ingest.ingest(accession)
    assert Photograph.objects.count() == 2
    assert set(MasterFile.objects.values_list("original_name", flat=True)) == {
        "x.png",
        "y.png",
    }
    assert not (data_dir / "incoming" / str(accession.pk)).exists()


def test_a_file_that_lies_on_the_disk_already_is_streamed(
    within: Collection, data_dir: Path
) -> None:
    content = sent("x").read()
    upload = TemporaryUploadedFile("x.png", "image/png", len(content), None)
    upload.write(content)
    upload.seek(0)
    accession = ingest.receive_uploads([upload], within, by=None)
    assert incoming.file_of(accession.items.get()).read_bytes() == content


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Scans\\x.tif", "x.tif"),
        ("/x.tif", "x.tif"),
        ("a\x00b\r\n.tif", "ab .tif"),
        ("..", "unnamed"),
        ("", "unnamed"),
        (None, "unnamed"),
        ("\u202egnp.exe", "gnp.exe"),
        ("x" * 900 + ".tiff", "x" * 195 + ".tiff"),
    ],
    ids=repr,
)
def test_client_names_are_only_text(name: str | None, kept: str) -> None:
    assert incoming.client_name(name) == kept


def test_a_hostile_name_never_becomes_a_path(
    within: Collection, data_dir: Path
) -> None:
    upload = sent("x.png")
    upload._name = "../../../escaped.png"
    accession = ingest.receive_uploads([upload], within, by=None)
    item = accession.items.get()
    assert item.path == "escaped.png"
    assert left(data_dir) == [
        data_dir / "incoming" / str(accession.pk) / f"{item.pk}.upload"
    ]


def test_two_files_of_one_name_are_both_kept(within: Collection) -> None:
    files = [sent("x.png", 1), sent("X.png", 2), sent("x.png", 3)]
    accession = ingest.receive_uploads(files, within, by=None)
    assert sorted(accession.items.values_list("path", flat=True)) == [
        "X (2).png",
        "x (3).png",
        "x.png",
    ]


def test_too_large_a_file_is_told_and_the_others_kept(
    within: Collection, data_dir: Path, settings
) -> None:
    files = [sent("x.png", 1), SimpleUploadedFile("big.tif", b"x" * 5000)]
    settings.UPLOAD_MAX_BYTES = 4000
    accession = ingest.receive_uploads(files, within, by=None)
    big = accession.items.get(path="big.tif")
    assert (big.outcome, big.code) == (ItemOutcome.UNREADABLE, "too_many_bytes")
    assert len(left(data_dir)) == 1


def test_too_many_files_are_refused(
    within: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "MOST_FILES", 1)
    with pytest.raises(SourceUnreadable, match="at most 1"):
        ingest.receive_uploads([sent("x.png"), sent("y.png")], within, by=None)


def test_no_file_is_refused(within: Collection) -> None:
    with pytest.raises(SourceUnreadable, match="Choose"):
        ingest.receive_uploads([], within, by=None)


def test_a_table_among_the_uploads_describes_the_others(within: Collection) -> None:
    table = SimpleUploadedFile("list.csv", b"file,title\nx.png,Quay\n")
    accession = ingest.receive_uploads([sent("x.png"), table], within, by=None)
    ingest.examine_accession(accession)
    ingest.ingest(accession)
    assert accession.items.count() == 1
    assert Photograph.objects.get().title == "Quay"


def test_an_uploaded_back_joins_its_front(within: Collection) -> None:
    files = [sent("x_verso.png", 2), sent("x.png", 1)]
    accession = ingest.receive_uploads(files, within, by=None)
    ingest.examine_accession(accession)
    ingest.ingest(accession)
    sides = dict(MasterFile.objects.values_list("original_name", "side"))
    assert sides == {"x.png": Side.RECTO, "x_verso.png": Side.VERSO}
    assert Photograph.objects.count() == 1


def test_what_is_no_picture_is_told_and_thrown_away(
    within: Collection, data_dir: Path
) -> None:
    page = SimpleUploadedFile("x.jpg", b"<html><script>alert(1)</script>")
    accession = ingest.receive_uploads([page], within, by=None)
    ingest.examine_accession(accession)
    assert accession.items.get().outcome == ItemOutcome.UNREADABLE
    assert left(data_dir) == []


def test_cancelling_throws_the_uploads_away(within: Collection, data_dir: Path) -> None:
    accession = ingest.receive_uploads([sent("x.png")], within, by=None)
    ingest.cancel(accession)
    assert left(data_dir) == []


def test_a_full_disk_is_told_and_leaves_no_part(
    within: Collection, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = sent("x.png")

    def chunks():
        yield b"some"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(full, "chunks", chunks)
    accession = ingest.receive_uploads([full, sent("y.png")], within, by=None)
    item = accession.items.get(path="x.png")
    assert (item.outcome, item.code) == (ItemOutcome.FAILED, "disk_full")
    assert len(left(data_dir)) == 1
