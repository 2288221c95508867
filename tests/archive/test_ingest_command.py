"""`manage.py ingest`, `ingest_sample`, `reconcile` and `fixity`."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from archive.models import (
    Accession,
    Collection,
    Derivative,
    Event,
    MasterFile,
    Photograph,
)
from archive.vocabularies import Rights
from tests import catalogue
from tests.archive import scans

pytestmark = pytest.mark.django_db


def run(*words: object) -> tuple[str, str]:
    """What the command said, and why it ended badly ("" where it ended well)."""
    out = StringIO()
    try:
        call_command(*map(str, words), stdout=out)
    except CommandError as problem:
        return out.getvalue(), str(problem)
    return out.getvalue(), ""


@pytest.fixture
def folder(tmp_path: Path, data_dir: Path) -> Path:
    scans.grey(tmp_path / "scans" / "a.tif", 1)
    scans.grey(tmp_path / "scans" / "b.jpg", 2)
    return tmp_path / "scans"


def test_it_ingests_a_folder_and_reports(folder: Path, cataloguer: User) -> None:
    said, problem = run(
        "ingest", folder, "--collection", "GB1", "--create", "Box 1", "--by", cataloguer
    )
    assert problem == ""
    assert said.splitlines() == [
        "a.tif: ingested GB1/0001",
        "b.jpg: ingested GB1/0002",
        "GB1: 2 ingested.",
    ]
    assert Collection.objects.get().title == "Box 1"
    assert Accession.objects.get().started_by == cataloguer


def test_a_dry_run_only_tells(folder: Path) -> None:
    catalogue.collection("GB1")
    said, problem = run("ingest", folder, "--collection", "GB1", "--dry-run")
    assert (problem, said.splitlines()[-1]) == ("", "GB1: 2 new.")
    assert not Photograph.objects.exists()


def test_again_everything_is_there_already(folder: Path) -> None:
    catalogue.collection("GB1")
    run("ingest", folder, "--collection", "GB1")
    said, problem = run("ingest", folder, "--collection", "GB1")
    assert (problem, said.splitlines()[-1]) == ("", "GB1: 2 already in the archive.")


def test_a_bad_file_shows_in_the_report_and_in_the_status(folder: Path) -> None:
    catalogue.collection("GB1")
    (folder / "c.jpg").write_text("no picture")
    said, problem = run("ingest", folder, "--collection", "GB1")
    assert "c.jpg: unreadable The content is not a picture" in said
    assert said.splitlines()[-1] == "GB1: 2 ingested, 1 unreadable."
    assert "see above" in problem


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--collection", "GB9"], "There is no collection GB9. There are: GB1."),
        (["--collection", "GB1", "--by", "nobody"], "no user called nobody"),
    ],
)
def test_what_is_not_there_is_named(
    folder: Path, words: list[str], sentence: str
) -> None:
    catalogue.collection("GB1")
    assert sentence in run("ingest", folder, *words)[1]


def test_a_missing_folder_is_named(folder: Path) -> None:
    catalogue.collection("GB1")
    assert "no folder" in run("ingest", folder / "gone", "--collection", "GB1")[1]


def test_the_sample_comes_in_with_its_descriptions(data_dir: Path) -> None:
    said, problem = run("ingest_sample")
    assert (problem, said) == (
        "",
        "9 prints of the sample collection are in the archive.\n",
    )
    assert list(Collection.objects.values_list("reference_code", "level")) == [
        ("SAMPLE", "fonds"),
        ("SAMPLE/1", "series"),
        ("SAMPLE/2", "series"),
    ]
    for photograph in Photograph.objects.all():
        assert photograph.title
        assert photograph.creator
        assert photograph.date_earliest
        assert photograph.description
        assert photograph.extent_and_medium
        assert photograph.rights == Rights.CC0
        assert "Getty" in photograph.notes
    accession = Accession.objects.get()
    assert accession.source == "sample"
    assert accession.reason == ""
    assert not accession.items.filter(note__contains="known").exists()


def test_the_sample_comes_in_once(data_dir: Path) -> None:
    run("ingest_sample")
    counted = [model.objects.count() for model in (Photograph, MasterFile, Event)]
    said, problem = run("ingest_sample")
    assert (problem, said) == ("", "The sample collection is in the archive already.\n")
    assert counted == [
        model.objects.count() for model in (Photograph, MasterFile, Event)
    ]


def test_the_sample_has_a_row_for_each_print() -> None:
    folder = Path(django_settings.BASE_DIR) / "sample"
    table = (folder / "descriptions.csv").read_text(encoding="utf-8")
    assert len(list(folder.glob("*.jpg"))) == 9
    for path in folder.glob("*.jpg"):
        assert path.name in table
        assert path.name in (folder / "README.md").read_text(encoding="utf-8")


def test_reconcile_tells_what_it_did(folder: Path) -> None:
    catalogue.collection("GB1")
    run("ingest", folder, "--collection", "GB1")
    assert run("reconcile") == ("0 unneeded files removed (0 bytes).\n", "")
    for copy in Derivative.objects.all():
        copy.path.unlink(missing_ok=True)
    assert "missing" in run("reconcile", "--dry-run")[1]
    said, problem = run("reconcile")
    assert "screen copies were made again" in said
    assert problem == ""
    MasterFile.objects.first().path.unlink()
    said, problem = run("reconcile")
    assert "The master of GB1/0001 is missing. Restore masters/" in said
    assert "missing" in problem


def test_fixity_checks_a_collection_or_all(folder: Path) -> None:
    catalogue.collection("GB1")
    catalogue.collection("GB2")
    run("ingest", folder, "--collection", "GB1")
    assert run("fixity") == ("2 masters checked, 2 intact.\n", "")
    assert run("fixity", "--collection", "GB2")[0] == "0 masters checked, 0 intact.\n"
    MasterFile.objects.first().path.unlink()
    said, problem = run("fixity", "--collection", "GB1")
    assert "2 masters checked, 1 intact." in said
    assert "The master of GB1/0001 (a.tif) is missing." in said
    assert problem.startswith("1 masters are not intact")
