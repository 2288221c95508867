"""Spreadsheets: what is written is read back, and what is read is examined first."""

import csv
import io
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from archive import batches, describing
from archive.models import Batch, Event, Photograph
from archive.spreadsheets import Dialect, lines, propose_import
from archive.spreadsheets.cells import joined, read, split, written
from archive.vocabularies import BatchState, Rights
from tests import catalogue

pytestmark = pytest.mark.django_db

HARD = {
    "title": '=HYPERLINK("http://x")',
    "creator": "'=not quite",
    "place": "Ćmielów; Ἀθῆναι, Київ",
    "description": 'First line\n\nsecond, with “quotes” and "others"\n- a list',
    "notes": "[clear]",
    "inscriptions": "+43 1 234",
    "rights": Rights.CC0.value,
    "date_text": "about 1923",
    "date_edtf": "1923~",
    "do_not_tag": True,
}


@pytest.fixture(autouse=True)
def folder(data_dir):
    return data_dir


@pytest.fixture
def shelf(db, curator):
    within = catalogue.collection("F", title="Kessler")
    one = catalogue.photograph("F/1", within=within, **HARD)
    two = catalogue.photograph("F/2", within=within, title="Plate 2")
    for label in ("pier|head", "back\\slash", "harbour"):
        describing.assign_term(one, catalogue.term(label), by=curator)
    return [one, two]


def text(photographs, dialect=None):
    return "".join(lines([p.pk for p in photographs], dialect))


def imported(content, by, create=True, encoding="utf-8"):
    data = content if isinstance(content, bytes) else content.encode(encoding)
    return propose_import(io.BytesIO(data), "list.csv", create=create, by=by)


def said(batch):
    return {item.row: item.reason for item in batch.items.all()}


@given(st.text())
def test_a_cell_is_read_as_it_was_written(value):
    cell = written(value)
    assert read(cell) == value
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)))
def test_terms_are_read_as_they_were_written(labels):
    once = list({label.casefold(): label for label in labels}.values())
    assert split(joined(once)) == once


@pytest.mark.parametrize("delimiter", ["comma", "semicolon", "tab"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_what_is_exported_changes_nothing_when_imported(
    shelf, curator, delimiter, encoding
):
    content = text(shelf, Dialect(delimiter, byte_order_mark=encoding == "utf-8"))
    batch = imported(content, curator, encoding=encoding)
    assert batch.state == BatchState.PLANNED
    outcomes = batch.items.values_list("outcome", "reason", "changes")
    assert [*outcomes] == [("unchanged", "", {})] * 2


def test_no_cell_is_a_formula(shelf):
    for row in csv.reader(StringIO(text(shelf))):
        assert not any(cell[:1] in {"=", "+", "-", "@"} for cell in row if cell)


def test_what_differs_is_changed_and_undone(shelf, curator):
    content = (
        "reference_code;title;creator;place;terms;sensitive;date\n"
        "F/1;The pier;;[clear];harbour|boat;yes;summer 1944\n"
        "F/2;Plate 2;;;;no;\n"
    )
    batch = imported(content, curator)
    assert batch.items.get(row=2).changes == {
        "title": [HARD["title"], "The pier"],
        "place": [HARD["place"], ""],
        "terms": [["back\\slash", "pier|head"], ["boat"]],
        "sensitive": [False, True],
        "date_text": ["about 1923", "summer 1944"],
        "date_edtf": ["1923~", "1944-22"],
    }
    assert batch.items.get(row=3).outcome == "unchanged"
    batches.apply(batch)
    one = Photograph.objects.get(pk=shelf[0].pk)
    assert (one.title, one.place, one.sensitive) == ("The pier", "", True)
    assert one.creator == HARD["creator"]
    batches.undo(batch, by=curator)
    one.refresh_from_db()
    assert {name: getattr(one, name) for name in HARD} == HARD
    assert text(shelf[:1]) == text([one])


def test_each_wrong_cell_is_said_with_its_row_and_column(shelf, curator):
    content = (
        "Reference code,EDTF,rights,sensitive,collection,colour,title\n"
        "F/1,some day,perhaps,maybe,Z,red,x\n"
        "F/9,,,,,,No place\n"
        ",1911,,,,,\n"
        "F/2,,,,,,ok,too many\n"
        "F/1,,,,,,again\n"
    )
    batch = imported(content, curator)
    reasons = said(batch)
    assert "Row 2, “date_edtf”: “some day” is not an EDTF date" in reasons[2]
    assert "Row 2, “rights”: “perhaps” is no known rights statement" in reasons[2]
    assert "Row 2, “sensitive”: Write yes or no." in reasons[2]
    assert "Row 2, “collection”: There is no collection Z." in reasons[2]
    assert "name its collection" in reasons[3]
    assert "names no photograph" in reasons[4]
    assert "more cells" in reasons[5]
    assert "Row 2 has the same code" in reasons[6]
    assert batch.notes == ["Unknown columns were left out: “colour”."]
    assert not batch.items.filter(outcome="waiting").exists()


def test_new_codes_make_records_that_undo_takes_away(shelf, curator):
    content = (
        "reference_code,collection,title,terms,date_text,do_not_tag\n"
        "F/8,F,Eight,harbour|new one,about 1911,yes\nF/9,F,Nine,,,\n"
    )
    refused = imported(content, curator, create=False)
    assert "no photograph with this code" in said(refused)[2]
    batch = batches.apply(imported(content, curator))
    eight = Photograph.objects.get(reference_code="F/8")
    assert (eight.title, eight.date_edtf, eight.do_not_tag) == ("Eight", "1911~", True)
    assert eight.assignments.count() == 2
    assert Event.objects.filter(batch=batch, action="created").count() == 2
    describing.describe(
        Photograph.objects.get(reference_code="F/9"), {"place": "Graz"}, by=curator
    )
    undoing = batches.undo(batch, by=curator)
    assert not Photograph.objects.filter(reference_code="F/8").exists()
    left = undoing.items.get(outcome="left")
    assert left.code == "F/9"
    assert "worked on it since" in left.reason
    batches.undo(undoing, by=curator)
    assert Photograph.objects.get(reference_code="F/8").assignments.count() == 2


def test_the_role_counts_row_by_row(shelf, cataloguer):
    batch = imported(
        "reference_code,title,sensitive\nF/1,x,yes\nF/2,y,no\n", cataloguer
    )
    assert "role does not allow" in said(batch)[2]
    assert batch.items.get(row=3).outcome == "waiting"


def test_old_excel_writes_windows_1252_with_semicolons(shelf, curator):
    batch = imported(
        "sep=;\nID;Titel;title\nF/2;x;Brücke – Graz\n".encode("cp1252"), curator
    )
    assert batch.items.get().changes == {"title": ["Plate 2", "Brücke – Graz"]}
    assert batch.items.get().row == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no column"),
        (b"title,place\nx,y\n", "no column"),
        (b"\x00\x01\x02", "no column"),
        (b'reference_code,title\nF/1,"' + b"x" * 200_000, "not a sound CSV"),
    ],
)
def test_what_is_no_spreadsheet_fails_with_a_sentence(
    shelf, curator, content, sentence, data_dir
):
    batch = imported(content, curator)
    assert batch.state == BatchState.FAILED
    assert sentence in batch.notes[0]
    assert not batch.items.exists()
    assert not list((data_dir / "incoming" / "spreadsheets").iterdir())


def test_exporting_more_takes_no_more_queries(shelf, django_assert_num_queries):
    more = shelf + [catalogue.photograph(f"F/{n}") for n in range(10, 40)]
    for photographs in (shelf, more):
        with django_assert_num_queries(3):
            text(photographs)


def test_commands_export_import_and_undo(shelf, curator, tmp_path, capsys):
    file = tmp_path / "out.csv"
    call_command("export_csv", str(file), "--collection", "F", "--bom")
    content = file.read_text("utf-8-sig")
    file.write_text(content.replace("Plate 2", "The second"), "utf-8")
    call_command("import_csv", str(file), "--by", "curator", "--dry-run")
    assert "'Plate 2' → 'The second'" in capsys.readouterr().out
    assert not Batch.objects.exists()
    call_command("import_csv", str(file), "--by", "curator")
    assert "1 changed, 1 already so" in capsys.readouterr().out
    assert Photograph.objects.get(pk=shelf[1].pk).title == "The second"
    batch = Batch.objects.get()
    call_command("undo_batch", str(batch.pk), "--by", "curator")
    assert Photograph.objects.get(pk=shelf[1].pk).title == "Plate 2"
    with pytest.raises(CommandError, match="already"):
        call_command("undo_batch", str(batch.pk), "--by", "curator")
    file.write_text("reference_code,rights\nF/1,none\n")
    with pytest.raises(CommandError, match="refused"):
        call_command("import_csv", str(file), "--by", "curator")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_csv", str(tmp_path / "none.csv"), "--by", "curator")
