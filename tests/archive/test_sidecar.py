"""Descriptions from a CSV beside the scans."""

from pathlib import Path

import pytest

from archive import sidecar
from archive.sidecar import Descriptions, read
from archive.vocabularies import Rights


def table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def rows(path: Path, text: str, encoding: str = "utf-8") -> list[dict[str, str]]:
    return [row.values for row in read(table(path, text, encoding), "d.csv").rows]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "descriptions.csv"


def test_headings_are_understood_however_they_are_written(path: Path) -> None:
    headings = "File Name,TITLE,Photographer,Scope and content,Date"
    text = f"{headings}\nx.tif,Quay,Ana,Boats,1931\n"
    assert rows(path, text) == [
        {
            "title": "Quay",
            "creator": "Ana",
            "description": "Boats",
            "date_text": "1931",
            "date_edtf": "1931",
        }
    ]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"], ids=str
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=repr)
def test_encodings_and_delimiters_are_found(
    path: Path, encoding: str, delimiter: str
) -> None:
    text = f"name{delimiter}title\nx.tif{delimiter}Café Müller – hall\n"
    assert rows(path, text, encoding) == [{"title": "Café Müller – hall"}]


def test_cells_may_hold_delimiters_quotes_and_lines(path: Path) -> None:
    text = 'file,title,notes\nx.tif,"Boats, and ""men""","one\ntwo"\n'
    assert rows(path, text) == [{"title": 'Boats, and "men"', "notes": "one\ntwo"}]


def test_empty_cells_say_nothing(path: Path) -> None:
    assert rows(path, "file,title,creator\nx.tif, ,Ana\n\n") == [{"creator": "Ana"}]


def test_a_doubtful_date_stays_words(path: Path) -> None:
    found = rows(path, "file,date\na.tif,about 1923 or 1925\nb.tif,about 1923\n")
    assert found == [
        {"date_text": "about 1923 or 1925"},
        {"date_text": "about 1923", "date_edtf": "1923~"},
    ]


def test_rights_are_taken_by_uri_or_by_name(path: Path) -> None:
    text = (
        "file,rights\na.tif,CC0\nb.tif,https://rightsstatements.org/vocab/InC/1.0\n"
        "c.tif,In copyright\nd.tif,ask Joe\n"
    )
    found = read(table(path, text), "d.csv").rows
    assert [row.values.get("rights") for row in found] == [
        Rights.CC0,
        Rights.IN_COPYRIGHT,
        Rights.IN_COPYRIGHT,
        None,
    ]
    assert found[3].problems == ("“ask Joe” is no known rights statement.",)


def test_a_wrong_edtf_date_is_left_out_with_a_reason(path: Path) -> None:
    (row,) = read(table(path, "file,edtf,title\nx.tif,soon,Quay\n"), "d.csv").rows
    assert row.values == {"title": "Quay"}
    assert "not an EDTF date" in row.problems[0]


def test_too_long_a_title_is_cut_with_a_note(path: Path) -> None:
    (row,) = read(table(path, f"file,title\nx.tif,{'y' * 600}\n"), "d.csv").rows
    assert len(row.values["title"]) == 500
    assert "was cut" in row.problems[0]


def test_unknown_columns_are_named(path: Path) -> None:
    found = read(table(path, "file,title,Box\nx.tif,Quay,7\n"), "d.csv")
    assert found.problems == ("Unknown columns were left out: “Box”.",)


def test_a_table_without_file_names_is_left_unused(path: Path) -> None:
    found = read(table(path, "title,creator\nQuay,Ana\n"), "d.csv")
    assert found.rows == ()
    assert "no column “filename”" in found.problems[0]


def test_rows_without_a_file_are_counted(path: Path) -> None:
    found = read(table(path, "file,title\n,Quay\nx.tif,Pier\n,Dock\n"), "d.csv")
    assert len(found.rows) == 1
    assert found.problems == ("No file is named in rows 2, 4.",)


def test_a_file_named_twice_is_not_guessed(path: Path) -> None:
    sheet = read(table(path, "file,title\nx.tif,Quay\nX.TIF,Pier\n"), "d.csv")
    assert "named twice: rows 2, 3" in sheet.problems[0]
    assert Descriptions((sheet,)).of("x.tif") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b'file,title\n"x.tif,Quay',
        b"\xff\xfe\x00",
        bytes(range(256)),
    ],
)
def test_rubbish_is_never_fatal(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    found = read(path, "d.csv")
    assert found.problems or found.rows


def test_a_huge_cell_is_told(path: Path) -> None:
    found = read(table(path, f"file,notes\nx.tif,{'y' * 200_000}\n"), "d.csv")
    assert "not a sound CSV file" in found.problems[0]


def test_a_huge_table_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sidecar, "LARGEST_BYTES", 1024)
    found = read(table(path, "file,title\n" + "x.tif,Quay\n" * 200), "d.csv")
    assert found.rows == ()
    assert "was not read" in found.problems[0]


def test_a_missing_table_is_told(path: Path) -> None:
    assert "cannot be read" in read(path, "d.csv").problems[0]


def described(path: Path, text: str, folder: str = "") -> Descriptions:
    return Descriptions((read(table(path, text), path.name, folder),))


@pytest.mark.parametrize("name", ["box/x.tif", "BOX\\X.TIF", "x.tif", "box/x", "x"])
def test_files_are_found_by_path_name_or_stem(path: Path, name: str) -> None:
    match = described(path, f"file,title\n{name},Quay\n").of("box/x.tif")
    assert match is not None
    assert match.row.values == {"title": "Quay"}


def test_the_nearest_table_describes(tmp_path: Path) -> None:
    above = read(table(tmp_path / "a.csv", "file,title\nx.tif,Above\n"), "a.csv")
    beside = read(
        table(tmp_path / "b.csv", "file,title\nx.tif,Beside\n"), "box/b.csv", "box"
    )
    both = Descriptions((above, beside))
    match = both.of("box/x.tif")
    assert match is not None
    assert match.row.values["title"] == "Beside"


def test_rows_for_files_that_are_not_there_are_told(path: Path) -> None:
    found = described(path, "file,title\nx.tif,Quay\ngone.tif,Pier\n")
    assert found.problems(["x.tif"]) == ["descriptions.csv: no file for row 3."]
