"""Printed contact sheets: what is on the paper, how it is made, who gets it."""

import zipfile
from pathlib import Path

import pytest
from django.urls import reverse

from archive import describing, policy, review
from archive.batches import Selection
from archive.contact_sheets import Layout, making, request_sheet
from archive.contact_sheets.layout import COLUMNS, FOOT, MARGIN, PAPERS
from archive.contact_sheets.writing import _content, _fitted
from archive.errors import InvalidDescription
from archive.models import ContactSheet, Derivative, Photograph
from archive.vocabularies import Policy, Rights
from tests import catalogue
from tests.web import drawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(data_dir, tmp_path, curator):
    within = catalogue.collection("F", title="Łódź, Αθήνα, Київ")
    found = [drawn.photograph(tmp_path, n, within=within) for n in (1, 2, 3)]
    describing.describe(
        found[0], {"title": "Żółw — Ωδή — щука", "rights": Rights.CC0.value}, by=curator
    )
    return found


def of(photographs):
    return Selection(keys=tuple(one.pk for one in photographs))


def pages(file: Path):
    """Return the text of each page as the PDF says it."""
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(file).pages]


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("colours", [False, True])
def test_every_cell_is_on_the_paper(paper, columns, colours):
    layout = Layout(paper, columns, colours)
    assert layout.a_page == layout.rows * columns
    left, top = layout.place(layout.a_page - 1)
    assert left + layout.cell_width <= layout.size[0] - MARGIN + 0.01
    assert top - layout.cell_height >= MARGIN + FOOT - 0.01
    assert layout.pages(layout.a_page) == 1
    assert layout.pages(layout.a_page + 1) == 2


def test_it_is_a_pdf_with_its_font_captions_and_page_numbers(shelf, curator):
    made = request_sheet(of(shelf), Layout(), by=curator)
    assert made.state == ContactSheet.State.READY
    content = made.path.read_bytes()
    assert content.startswith(b"%PDF")
    assert b"DejaVu" in content
    assert b"FontFile2" in content
    assert content.count(b"/DCTDecode") == 3
    (text,) = pages(made.path)
    assert "Żółw — Ωδή — щука" in text
    assert "CC0 1.0" in text
    assert "Untitled" in text
    assert "Page 1 of 1" in text
    assert "machine" not in text


def test_colours_are_printed_only_where_accepted_and_are_labelled(shelf, curator):
    review.accept_colorization(drawn.colours(shelf[0]), by=curator)
    drawn.colours(shelf[1])
    review.accept_colorization(drawn.colours(shelf[2]), by=curator)
    policy.restrict(
        Photograph.objects.filter(pk=shelf[2].pk),
        Policy.DO_NOT_COLORIZE,
        True,
        by=curator,
    )
    made = request_sheet(of(shelf), Layout(colours=True, columns=2), by=curator)
    text = "\n".join(pages(made.path))
    assert text.count("Colours: a machine") == 1
    assert "drawn-colorizer 1" in text
    assert "not a record" in text


def test_what_has_no_picture_is_said(shelf, curator):
    bare = catalogue.photograph("F/x", within=shelf[0].collection)
    for copy in Derivative.objects.filter(master__photograph=shelf[1]):
        copy.path.unlink(missing_ok=True)
    made = request_sheet(of([*shelf, bare]), Layout(), by=curator)
    assert pages(made.path)[0].count("no screen copy") == 2


def test_many_are_made_in_parts_by_a_worker_and_go_on(shelf, curator, monkeypatch):
    monkeypatch.setattr(making, "AT_ONCE", 0)
    monkeypatch.setattr(making, "PART", 1)
    monkeypatch.setattr(making, "CHUNK", 2)
    layout = Layout(columns=2)
    more = [
        catalogue.photograph(f"G/{n}", within=shelf[0].collection)
        for n in range(layout.a_page)
    ]
    written, write = [], making.write

    def killed(place, *rest):
        if written:
            raise KeyboardInterrupt
        written.append(place)
        write(place, *rest)

    monkeypatch.setattr(making, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        request_sheet(of([*shelf, *more]), layout, by=curator)
    made = ContactSheet.objects.get()
    assert (made.state, made.done) == (ContactSheet.State.MAKING, layout.a_page)
    monkeypatch.setattr(making, "write", write)
    first = written[0].stat().st_mtime_ns
    making.make(made.pk)
    assert written[0].exists() is False  # in the bundle
    made.refresh_from_db()
    assert first
    assert made.state == ContactSheet.State.READY
    assert made.pages == 2
    with zipfile.ZipFile(made.path) as bundle:
        assert bundle.namelist() == ["contact-sheet-001.pdf", "contact-sheet-002.pdf"]
        bundle.extractall(made.folder)
    (second,) = pages(made.folder / "contact-sheet-002.pdf")
    assert "Page 2 of 2" in second


def test_what_goes_wrong_is_said(shelf, curator, monkeypatch):
    def full(*_rest):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "write", full)
    made = request_sheet(of(shelf), Layout(), by=curator)
    assert made.state == ContactSheet.State.FAILED
    assert "No space left" in made.reason
    assert not made.folder.exists()
    with pytest.raises(InvalidDescription):
        request_sheet(Selection(), Layout(), by=curator)


def test_old_ones_go_with_their_files(shelf, curator):
    old = request_sheet(of(shelf), Layout(), by=curator)
    ContactSheet.objects.update(started_at=old.started_at - 2 * making.KEPT)
    request_sheet(of(shelf), Layout(), by=curator)
    assert ContactSheet.objects.count() == 1
    assert not old.folder.exists()


def test_long_words_are_cut_and_large_pictures_made_smaller(tmp_path):
    from archive.contact_sheets import writing

    for name, file in ((writing._PLAIN, writing.PLAIN), (writing._BOLD, writing.BOLD)):
        writing.registerFont(writing.TTFont(name, file))
    assert _fitted("a" * 900, writing._PLAIN, 8, 100).endswith("…")
    place = tmp_path / "large.jpg"
    drawn.scene(1, (2000, 900)).save(place, "JPEG")
    from PIL import Image

    assert Image.open(_content(place, 400)).size == (400, 180)
    place.write_bytes(b"no picture")
    assert _content(place, 400) is None


def test_the_page_asks_makes_and_hands_out(client, viewer, curator, shelf):
    client.force_login(viewer)
    given = {"photographs": ",".join(str(one.pk) for one in shelf)}
    asked = client.post(reverse("archive:print"), given)
    assert "Contact sheet of 3 photographs" in asked.content.decode()
    wrong = given | {"make": "1", "paper": "a4", "columns": "9"}
    assert client.post(reverse("archive:print"), wrong).status_code == 422
    answer = client.post(reverse("archive:print"), wrong | {"columns": "3"})
    made = ContactSheet.objects.get()
    assert answer.url == made.get_absolute_url()
    page = client.get(answer.url)
    assert "1 page," in page.content.decode()
    address = reverse("archive:contact_sheet_file", args=[made.pk])
    file = client.get(address)
    assert file["Content-Type"] == "application/pdf"
    assert b"".join(file.streaming_content).startswith(b"%PDF")
    made.path.unlink()
    assert client.get(address).status_code == 404
    client.force_login(curator)  # another's
    assert client.get(answer.url).status_code == 404
    assert client.post(reverse("archive:print"), {}).status_code == 302
    gone = {"everything": "1", "collection": "404", "make": "1"}
    assert client.post(reverse("archive:print"), gone).status_code == 404


def test_a_stranger_prints_nothing(client, stranger):
    client.force_login(stranger)
    assert client.post(reverse("archive:print"), {}).status_code == 403


def test_the_title_is_the_collections(shelf, curator):
    selection = Selection(everything=True, collection=shelf[0].collection_id)
    made = request_sheet(selection, Layout("letter", 5), by=curator)
    assert made.title == "F Łódź, Αθήνα, Київ"
    assert "Łódź, Αθήνα, Київ" in pages(made.path)[0]
