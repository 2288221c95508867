"""A folder: examined first, then ingested, whatever happens in between."""

import hashlib
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from PIL import Image

from archive import ingest
from archive.errors import NotInThisState, SourceUnreadable, StoreFull
from archive.ingest import accessions, steps
from archive.ingest.accessions import continue_examination, continue_ingest
from archive.models import Accession, Collection, Event, MasterFile, Photograph
from archive.vocabularies import AccessionState, ItemOutcome, Level, Side
from tests import catalogue
from tests.archive import scans

pytestmark = pytest.mark.django_db


@pytest.fixture
def within(data_dir: Path) -> Collection:
    return catalogue.collection("GB1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good scans, one of them twice, and four that are none."""
    path = tmp_path / "scans"
    scans.grey(path / "a.tif", 1)
    scans.grey(path / "box" / "b.jpg", 2)
    (path / "box" / "c.jpg").write_bytes((path / "box" / "b.jpg").read_bytes())
    scans.truncated(path / "cut.jpg")
    (path / "text.jpg").write_text("Dear Sir")
    (path / "zero.tif").touch()
    (path / "link.tif").symlink_to(path / "a.tif")
    return path


def outcomes(accession: Accession) -> dict[str, tuple[str, str]]:
    rows = accession.items.values_list("path", "outcome", "code")
    return {path: (outcome, code) for path, outcome, code in rows}


def snapshot(folder: Path) -> dict[str, tuple[int, int, str]]:
    return {
        str(path): (
            path.stat().st_mtime_ns,
            path.stat().st_mode,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


REPORT = {
    "a.tif": (ItemOutcome.NEW, ""),
    "box/b.jpg": (ItemOutcome.NEW, ""),
    "box/c.jpg": (ItemOutcome.DUPLICATE, "duplicate"),
    "cut.jpg": (ItemOutcome.UNREADABLE, "truncated"),
    "link.tif": (ItemOutcome.UNREADABLE, "link"),
    "text.jpg": (ItemOutcome.UNREADABLE, "not_a_picture"),
    "zero.tif": (ItemOutcome.UNREADABLE, "empty_file"),
}


def test_an_examination_reports_and_changes_nothing(
    folder: Path, within: Collection, data_dir: Path, cataloguer: User
) -> None:
    accession = ingest.examine(folder, within, by=cataloguer)
    assert accession.state == AccessionState.EXAMINED
    assert accession.started_by == cataloguer
    assert outcomes(accession) == REPORT
    assert all(item.reason for item in accession.items.exclude(outcome="new"))
    assert not Photograph.objects.exists()
    assert not [path for path in data_dir.rglob("*") if path.is_file()]


def test_what_was_examined_is_ingested(folder: Path, within: Collection) -> None:
    accession = ingest.ingest(ingest.examine(folder, within, by=None))
    assert accession.state == AccessionState.FINISHED
    assert accession.finished_at is not None
    assert outcomes(accession) == REPORT | {
        "a.tif": (ItemOutcome.INGESTED, ""),
        "box/b.jpg": (ItemOutcome.INGESTED, ""),
    }
    assert sorted(Photograph.objects.values_list("reference_code", flat=True)) == [
        "GB1/0001",
        "GB1/0002",
    ]


def test_a_twin_in_the_folder_is_linked_to_the_photograph(
    folder: Path, within: Collection
) -> None:
    accession = ingest.ingest(ingest.examine(folder, within, by=None))
    twin = accession.items.get(path="box/c.jpg")
    assert twin.photograph == accession.items.get(path="box/b.jpg").photograph


def test_the_source_is_never_written(folder: Path, within: Collection) -> None:
    before = snapshot(folder)
    ingest.ingest(ingest.examine(folder, within, by=None))
    assert snapshot(folder) == before


def test_without_an_examination_the_outcome_is_the_same(
    folder: Path, within: Collection
) -> None:
    accession = ingest.ingest_folder(folder, within, by=None)
    assert outcomes(accession) == REPORT | {
        "a.tif": (ItemOutcome.INGESTED, ""),
        "box/b.jpg": (ItemOutcome.INGESTED, ""),
    }


def test_run_again_nothing_is_doubled(folder: Path, within: Collection) -> None:
    first = ingest.ingest_folder(folder, within, by=None)
    events = Event.objects.count()
    again = ingest.ingest_folder(folder, within, by=None)
    assert again != first
    assert again.items.filter(outcome=ItemOutcome.DUPLICATE).count() == 3
    linked = again.items.get(path="a.tif").photograph
    assert linked == first.items.get(path="a.tif").photograph
    assert Photograph.objects.count() == 2
    assert Event.objects.count() == events


def test_a_new_examination_names_what_is_there(
    folder: Path, within: Collection
) -> None:
    ingest.ingest_folder(folder, within, by=None)
    accession = ingest.examine(folder, within, by=None)
    item = accession.items.get(path="a.tif")
    assert item.outcome == ItemOutcome.DUPLICATE
    assert item.photograph is not None
    assert item.photograph.reference_code in item.reason


def test_an_interrupted_ingest_is_gone_on_with(
    folder: Path, within: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    catalogue_file = steps.catalogue
    entered: list[str] = []

    def killed_at_the_second(received, *args, **kwargs):
        if entered:
            raise Killed
        entered.append(received.original_name)
        return catalogue_file(received, *args, **kwargs)

    monkeypatch.setattr(steps, "catalogue", killed_at_the_second)
    with pytest.raises(Killed):
        ingest.ingest_folder(folder, within, by=None)
    monkeypatch.setattr(steps, "catalogue", catalogue_file)
    assert Photograph.objects.count() == 1
    accession = Accession.objects.get()
    assert accession.state == AccessionState.INGESTING
    gone_on = ingest.ingest_folder(folder, within, by=None)
    assert gone_on == accession
    assert gone_on.state == AccessionState.FINISHED
    assert Photograph.objects.count() == 2
    assert MasterFile.objects.count() == 2


def test_two_runs_of_one_accession_at_once_make_no_double(
    folder: Path, within: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    accession = ingest.examine(folder, within, by=None)
    nested: list[int] = []

    def other_run_first(self, item, received, photograph):
        if not nested:
            nested.append(1)
            ingest.ingest(Accession.objects.get(pk=accession.pk))
        return enter(self, item, received, photograph)

    enter = steps.Run._enter
    monkeypatch.setattr(steps.Run, "_enter", other_run_first)
    ingest.ingest(accession)
    assert Photograph.objects.count() == 2
    assert accession.items.filter(outcome=ItemOutcome.INGESTED).count() == 2
    assert accession.state == AccessionState.FINISHED


def test_a_full_disk_fails_the_file_and_not_the_others(
    folder: Path, within: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    accession = ingest.examine(folder, within, by=None)
    keep = steps.keep

    def full_for_tiff(path, *args):
        if path.suffix == ".tif":
            raise StoreFull("There is no room. Make room.")
        return keep(path, *args)

    with monkeypatch.context() as patch:
        patch.setattr(steps, "keep", full_for_tiff)
        ingest.ingest(accession)
    item = accession.items.get(path="a.tif")
    assert (item.outcome, item.code) == (ItemOutcome.FAILED, "disk_full")
    assert "Make room" in item.reason
    assert Photograph.objects.count() == 1
    again = ingest.ingest(accession)  # room has been made
    assert again.state == AccessionState.FINISHED
    assert Photograph.objects.count() == 2


@pytest.mark.parametrize("problem", [OSError(5, "Input/output error"), MemoryError()])
def test_a_refusing_system_is_told(
    folder: Path,
    within: Collection,
    monkeypatch: pytest.MonkeyPatch,
    problem: Exception,
) -> None:
    def refuse(*args: object) -> None:
        raise problem

    monkeypatch.setattr(steps, "keep", refuse)
    accession = ingest.ingest_folder(folder, within, by=None)
    item = accession.items.get(path="a.tif")
    assert (item.outcome, item.code) == (ItemOutcome.FAILED, "system")


def test_a_finished_accession_is_not_ingested_again(
    tmp_path: Path, within: Collection
) -> None:
    scans.grey(tmp_path / "scans" / "a.tif")
    accession = ingest.ingest_folder(tmp_path / "scans", within, by=None)
    with pytest.raises(NotInThisState, match="finished"):
        ingest.ingest(accession)


def test_an_accession_can_be_cancelled(folder: Path, within: Collection) -> None:
    accession = ingest.examine(folder, within, by=None)
    ingest.cancel(accession)
    assert accession.state == AccessionState.CANCELLED
    with pytest.raises(NotInThisState):
        ingest.ingest(accession)
    with pytest.raises(NotInThisState):
        ingest.cancel(accession)
    assert not Photograph.objects.exists()


def test_a_cancelled_run_stops_between_files(
    folder: Path, within: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    accession = ingest.examine(folder, within, by=None)
    enter = steps.Run._enter

    def cancelled_after(self, item, *args):
        enter(self, item, *args)
        if not Accession.objects.filter(state=AccessionState.CANCELLED).exists():
            ingest.cancel(Accession.objects.get())

    monkeypatch.setattr(steps.Run, "_enter", cancelled_after)
    monkeypatch.setattr(steps, "AHEAD", 0)
    ingest.ingest(accession)
    assert accession.state == AccessionState.CANCELLED
    assert Photograph.objects.count() == 1


def test_a_worker_examines_and_ingests(folder: Path, within: Collection) -> None:
    accession = ingest.open_folder(folder, within, by=None)
    ingest.start_examination(accession)
    accession.refresh_from_db()
    assert accession.state == AccessionState.EXAMINED
    ingest.start_ingest(accession)
    accession.refresh_from_db()
    assert accession.state == AccessionState.FINISHED


def test_a_worker_makes_way_and_is_called_again(
    folder: Path, within: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(accessions, "SLICE", 0.0)
    monkeypatch.setattr(accessions.background, "enqueue", lambda *a: asked.append(a))
    accession = ingest.open_folder(folder, within, by=None)
    continue_examination(accession.pk)
    assert asked == [("archive.ingest.accessions.continue_examination", accession.pk)]
    ingest.examine_accession(accession)
    ingest.start_ingest(accession)
    continue_ingest(accession.pk)
    wanted = ("archive.ingest.accessions.continue_ingest", accession.pk)
    assert asked[1:] == [wanted, wanted]
    assert not Photograph.objects.exists()


def test_work_delivered_twice_does_no_harm(folder: Path, within: Collection) -> None:
    accession = ingest.examine(folder, within, by=None)
    ingest.start_ingest(accession)
    continue_ingest(accession.pk)
    continue_examination(accession.pk)
    accession.refresh_from_db()
    assert accession.state == AccessionState.FINISHED
    assert Photograph.objects.count() == 2


def test_a_folder_that_vanishes_fails_the_accession(
    tmp_path: Path, within: Collection
) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    accession = ingest.open_folder(folder, within, by=None)
    folder.rmdir()
    continue_examination(accession.pk)
    accession.refresh_from_db()
    assert accession.state == AccessionState.FAILED
    assert "cannot be read" in accession.reason


def test_an_empty_folder_says_so(tmp_path: Path, within: Collection) -> None:
    accession = ingest.ingest_folder(tmp_path, within, by=None)
    assert accession.state == AccessionState.FINISHED
    assert accession.reason == "There is no picture in this folder."


def test_a_missing_folder_is_refused(tmp_path: Path, within: Collection) -> None:
    with pytest.raises(SourceUnreadable, match="no folder"):
        ingest.examine(tmp_path / "gone", within, by=None)
    assert not Accession.objects.exists()


def test_the_archives_own_folder_is_refused(data_dir: Path, within: Collection) -> None:
    with pytest.raises(SourceUnreadable, match="belongs to the archive"):
        ingest.examine(data_dir / "masters", within, by=None)


def test_a_back_joins_its_front(tmp_path: Path, within: Collection) -> None:
    scans.grey(tmp_path / "x.tif", 1)
    scans.grey(tmp_path / "x_verso.tif", 2)
    accession = ingest.ingest(ingest.examine(tmp_path, within, by=None))
    photograph = Photograph.objects.get()
    sides = dict(MasterFile.objects.values_list("original_name", "side"))
    assert sides == {"x.tif": Side.RECTO, "x_verso.tif": Side.VERSO}
    back = accession.items.get(path="x_verso.tif")
    assert back.photograph == photograph
    assert back.note == "The back of x.tif."


def test_a_back_that_comes_later_joins_too(tmp_path: Path, within: Collection) -> None:
    scans.grey(tmp_path / "x.tif", 1)
    ingest.ingest_folder(tmp_path, within, by=None)
    scans.grey(tmp_path / "x_verso.tif", 2)
    ingest.ingest_folder(tmp_path, within, by=None)
    assert Photograph.objects.count() == 1
    assert MasterFile.objects.count() == 2


def test_a_back_without_its_front_waits(
    tmp_path: Path, within: Collection, data_dir: Path
) -> None:
    folder = tmp_path / "scans"
    scans.grey(folder / "x_verso.tif", 2)
    (folder / "x.tif").touch()
    accession = ingest.ingest_folder(folder, within, by=None)
    back = accession.items.get(path="x_verso.tif")
    assert (back.outcome, back.code) == (ItemOutcome.FAILED, "front_missing")
    assert not Photograph.objects.exists()
    assert list((data_dir / "masters").iterdir()) == []


def test_pages_are_noted(tmp_path: Path, within: Collection) -> None:
    scans.paged(tmp_path / "x.tif")
    accession = ingest.examine(tmp_path, within, by=None)
    assert accession.items.get().note == "It has 3 pages; the first is shown."


def test_what_looks_alike_is_only_noted(tmp_path: Path, within: Collection) -> None:
    scans.grey(tmp_path / "one" / "x.png", 1)
    ingest.ingest_folder(tmp_path / "one", within, by=None)
    scans.grey(tmp_path / "two" / "x.jpg", 1, quality=80)
    scans.grey(tmp_path / "two" / "other.jpg", 2)
    accession = ingest.ingest_folder(tmp_path / "two", within, by=None)
    assert accession.items.get(path="x.jpg").note == "It looks like GB1/0001."
    assert accession.items.get(path="other.jpg").note == ""
    assert Photograph.objects.count() == 3


def test_blank_sheets_are_not_taken_for_each_other(
    tmp_path: Path, within: Collection
) -> None:
    for number, grey in enumerate((250, 252)):
        Image.new("L", (60, 40), grey).save(tmp_path / f"{number}.png")
    accession = ingest.ingest_folder(tmp_path, within, by=None)
    assert set(accession.items.values_list("note", flat=True)) == {""}


def test_a_table_beside_the_scans_describes_them(
    tmp_path: Path, within: Collection, cataloguer: User
) -> None:
    scans.grey(tmp_path / "x.tif", 1)
    scans.grey(tmp_path / "y.tif", 2)
    (tmp_path / "list.csv").write_text(
        "file,title,date,rights,Box\n"
        "x.tif,Quay,about 1923,ask Joe,7\n"
        "gone.tif,Pier,,,\n"
    )
    accession = ingest.ingest_folder(tmp_path, within, by=cataloguer)
    photograph = accession.items.get(path="x.tif").photograph
    assert photograph is not None
    assert (photograph.title, photograph.date_edtf) == ("Quay", "1923~")
    assert str(photograph.date_earliest) == "1923-01-01"
    described = Event.objects.get(photograph=photograph, action="described")
    assert described.note == "From list.csv."
    assert described.agent == cataloguer
    note = accession.items.get(path="x.tif").note
    assert note == "list.csv, row 2: “ask Joe” is no known rights statement."
    assert accession.reason == (
        "list.csv: Unknown columns were left out: “Box”. list.csv: no file for row 3."
    )


def test_a_table_places_photographs_in_the_series_below(
    tmp_path: Path, within: Collection
) -> None:
    below = catalogue.collection("GB1/2", within, level=Level.SERIES)
    catalogue.collection("GB9")
    scans.grey(tmp_path / "x.tif", 1)
    scans.grey(tmp_path / "y.tif", 2)
    (tmp_path / "list.csv").write_text("file,series\nx.tif,GB1/2\ny.tif,GB9\n")
    accession = ingest.ingest_folder(tmp_path, within, by=None)
    placed = accession.items.get(path="x.tif").photograph
    elsewhere = accession.items.get(path="y.tif")
    assert placed is not None
    assert (placed.collection, placed.reference_code) == (below, "GB1/2/0001")
    assert elsewhere.photograph is not None
    assert elsewhere.photograph.collection == within
    assert "GB9 is no collection at or below GB1" in elsewhere.note


def test_a_code_of_another_photograph_is_replaced_and_noted(
    tmp_path: Path, within: Collection
) -> None:
    catalogue.photograph("GB1/A", within)
    scans.grey(tmp_path / "x.tif", 1)
    scans.grey(tmp_path / "y.tif", 2)
    (tmp_path / "list.csv").write_text("file,reference code\nx,GB1/A\ny,GB1/B\n")
    accession = ingest.ingest_folder(tmp_path, within, by=None)
    codes = {i.path: i.photograph.reference_code for i in accession.items.all()}
    assert codes == {"x.tif": "GB1/0001", "y.tif": "GB1/B"}
    assert "another photograph's code" in accession.items.get(path="x.tif").note


@pytest.mark.parametrize(
    "name", ["ёлки.tif", "a b’c.tif", "x" * 240 + ".tif", "~$.tif"]
)
def test_unusual_names_are_kept_as_text(
    tmp_path: Path, within: Collection, name: str
) -> None:
    scans.grey(tmp_path / name)
    ingest.ingest_folder(tmp_path, within, by=None)
    assert MasterFile.objects.get().original_name == name
