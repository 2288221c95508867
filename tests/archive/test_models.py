"""What the catalogue's tables hold to, whoever writes."""

import itertools

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from archive import provenance
from archive.errors import Immutable
from archive.models import (
    Accession,
    AccessionItem,
    Event,
    MasterFile,
    Photograph,
    TermSynonym,
)
from archive.vocabularies import EventType, Level
from tests import catalogue

pytestmark = pytest.mark.django_db


def test_a_master_is_never_changed_or_deleted(data_dir):
    master = catalogue.master(catalogue.photograph())
    for change in (
        master.save,
        master.delete,
        MasterFile.objects.all().delete,
        lambda: MasterFile.objects.update(width=1),
    ):
        with pytest.raises(Immutable):
            change()
    assert master.path.is_relative_to(data_dir / "masters")


@pytest.mark.parametrize("table", ["archive_masterfile", "archive_event"])
def test_the_database_itself_refuses_an_update(table):
    photograph = catalogue.photograph()
    catalogue.master(photograph)
    provenance.record(EventType.CREATION, "created", photograph)
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE {table} SET id = id + 1")  # noqa: S608  a constant


def test_an_event_is_never_changed_or_deleted():
    event = provenance.record(EventType.CREATION, "created", catalogue.photograph())
    for change in (
        event.save,
        event.delete,
        Event.objects.all().delete,
        lambda: Event.objects.update(note="x"),
    ):
        with pytest.raises(Immutable):
            change()
    assert EventType(event.type).uri.endswith("/eventType/cre")


def test_an_event_outlives_its_collection():
    box = catalogue.collection("A")
    box.delete()
    assert Event.objects.get().subject == "A"


def test_one_master_a_side_and_each_file_once():
    photograph = catalogue.photograph()
    first = catalogue.master(photograph)
    with pytest.raises(IntegrityError), transaction.atomic():
        catalogue.master(photograph)
    with pytest.raises(IntegrityError), transaction.atomic():
        catalogue.master(catalogue.photograph("B"), sha256=first.sha256)


def test_recto_and_verso_are_told_apart():
    photograph = catalogue.photograph()
    assert photograph.recto is None
    verso = catalogue.master(photograph, side="verso")
    recto = catalogue.master(photograph)
    assert (photograph.recto, photograph.verso) == (recto, verso)


def test_the_database_knows_the_levels():
    with pytest.raises(IntegrityError), transaction.atomic():
        catalogue.collection("A").__class__.objects.update(level="shoebox")
    assert Level.FONDS.depth < Level.FILE.depth


def test_a_level_above_its_parent_is_refused():
    series = catalogue.collection("A", level="series")
    fonds = catalogue.collection("B")
    with pytest.raises(ValidationError):
        fonds.check_level_below(series)


def test_things_are_called_by_their_names():
    photograph = catalogue.photograph("A/1", title="Boat")
    master = catalogue.master(photograph)
    event = provenance.record(EventType.CREATION, "created", master)
    accession = Accession.objects.create(collection=photograph.collection, source="box")
    item = AccessionItem(accession=accession, path="a.tif", outcome="new")
    things = [
        (photograph, "A/1 Boat"),
        (photograph.collection, "GB1"),
        (master, "scan.png (Recto (front))"),
        (catalogue.colorization(master), "Colorization by drawn-colorizer 1"),
        (event, "A/1: created"),
        (accession, "box"),
        (item, "a.tif: New"),
        (TermSynonym(label="ship"), "ship"),
    ]
    assert [str(thing) for thing, _name in things] == [name for _, name in things]


@pytest.mark.parametrize(
    ("words", "found"), [("boats", 1), ("boats kyoto", 0), ("BEATO gb1", 1), ("", 1)]
)
def test_every_word_is_searched_for(words, found):
    catalogue.photograph(title="Boats", creator="Felice Beato")
    assert Photograph.objects.matching(words).count() == found


def test_roles_can_do_all_that_the_role_before_can():
    roles = ["viewer", "cataloguer", "curator", "administrator"]
    granted = [
        set(Group.objects.get(name=role).permissions.values_list("codename", flat=True))
        for role in roles
    ]
    assert granted == sorted(granted, key=len)
    assert all(a < b for a, b in itertools.pairwise(granted))
    assert "view_photograph" in granted[0]
    assert "review_photograph" in granted[2] - granted[1]
