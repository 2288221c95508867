"""Edits go through the verbs: what changes is recorded, what cannot be is told."""

from typing import Any

from django.test import Client

from archive import describing
from archive.models import Assignment, Collection, Event, Photograph, Term
from tests import catalogue


def save(client: Client, address: str, **changes: Any):
    """Open the form at an address, change fields, and send it."""
    form = client.get(address).context["adminform"].form
    values = {
        name: value
        for name in form.fields
        if (value := form[name].value()) not in (None, False)
    }
    values = {
        name: getattr(value, "pk", value) for name, value in (values | changes).items()
    }
    sent = {name: value for name, value in values.items() if value is not None}
    return client.post(address, sent, follow=True)


def page(thing: Any) -> str:
    return f"/admin/{thing._meta.label_lower.replace('.', '/')}/{thing.pk}/change/"


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_a_description_is_changed_and_recorded(office: Client, photograph) -> None:
    other = catalogue.collection("GB2")
    answer = save(
        office,
        page(photograph),
        title="The old ferry",
        date_edtf="1923",
        sensitive="on",
        collection=other.pk,
    )
    assert "changed successfully" in said(answer)
    stored = Photograph.objects.get()
    assert (stored.title, stored.sensitive) == ("The old ferry", True)
    assert stored.collection == other
    assert stored.date_latest.isoformat() == "1923-12-31"
    actions = set(Event.objects.values_list("action", flat=True))
    assert actions >= {"described", "restricted", "moved"}
    assert Event.objects.get(action="described").agent.username == "administrator"


def test_nothing_changed_is_nothing_recorded(office: Client, photograph) -> None:
    before = Event.objects.count()
    assert "changed successfully" in said(save(office, page(photograph)))
    assert Event.objects.count() == before


def test_what_someone_else_saved_is_not_overwritten(office: Client, photograph) -> None:
    describing.describe(photograph, {"title": "Theirs"}, by=None)
    answer = save(office, page(photograph), title="Mine", seen_revision=1)
    assert "Nothing was overwritten" in answer.content.decode()
    assert Photograph.objects.get().title == "Theirs"


def test_a_date_that_is_none_is_told_at_its_field(office: Client, photograph) -> None:
    answer = save(office, page(photograph), date_edtf="soon")
    assert "is not an EDTF date" in answer.content.decode()


def test_only_curators_restrict(client: Client, photograph, cataloguer: Any) -> None:
    cataloguer.is_staff = True
    cataloguer.save()
    client.force_login(cataloguer)
    save(client, page(photograph), title="Mine", sensitive="on")
    stored = Photograph.objects.get()
    assert (stored.title, stored.sensitive) == ("Mine", False)


def test_a_collection_is_created_changed_moved_and_deleted(
    office: Client, fonds
) -> None:
    save(
        office,
        "/admin/archive/collection/add/",
        reference_code="GB1/2",
        level="series",
        parent=fonds.pk,
        do_not_tag="on",
    )
    series = Collection.objects.get(reference_code="GB1/2")
    assert Collection.objects.get_parent(series) == fonds
    assert series.do_not_tag
    save(office, page(series), title="Crew", parent="")
    series = Collection.objects.get(reference_code="GB1/2")
    assert (series.title, series.depth) == ("Crew", 1)
    office.post(f"/admin/archive/collection/{series.pk}/delete/", {"post": "yes"})
    assert not Collection.objects.filter(reference_code="GB1/2").exists()
    told = Event.objects.filter(subject="GB1/2").values_list("action", flat=True)
    assert set(told) == {"created", "restricted", "described", "moved", "deleted"}


def test_a_collection_that_cannot_stand_there(office: Client, fonds) -> None:
    series = catalogue.collection("GB1/2", parent=fonds, level="series")
    answer = save(office, page(series), level="fonds", parent=series.pk)
    assert Collection.objects.get(pk=series.pk).level == "series"
    assert answer.context["adminform"].form.errors


def test_a_collection_that_is_not_empty_stays(office: Client, photograph) -> None:
    fonds = photograph.collection
    office.post(f"/admin/archive/collection/{fonds.pk}/delete/", {"post": "yes"})
    assert Collection.objects.filter(pk=fonds.pk).exists()


def test_a_collection_with_accessions_says_why_it_stays(office: Client, fonds) -> None:
    catalogue.collection("GB1/2", parent=fonds, level="series")
    answer = office.post(
        f"/admin/archive/collection/{fonds.pk}/delete/", {"post": "yes"}, follow=True
    )
    assert "is not empty" in said(answer)


def test_a_term_is_defined_with_its_synonyms(office: Client, db: None) -> None:
    save(
        office,
        "/admin/archive/term/add/",
        label="boat",
        vocabulary="local",
        synonyms="ship\n\nvessel",
    )
    term = Term.objects.get()
    assert [each.label for each in term.synonyms.all()] == ["ship", "vessel"]
    save(office, page(term), synonyms="ship")
    assert [each.label for each in term.synonyms.all()] == ["ship"]
    assert Event.objects.filter(action="defined").count() == 2
    answer = save(office, page(term), synonyms="x" * 201)
    assert "200 characters" in answer.content.decode()


def test_a_term_that_is_taken_is_told(office: Client, db: None) -> None:
    describing.create_term("boat")
    answer = save(office, "/admin/archive/term/add/", label="boat", vocabulary="local")
    assert answer.context["adminform"].form.errors
    assert Term.objects.count() == 1


def test_terms_are_put_on_and_taken_off(office: Client, photograph) -> None:
    term = describing.create_term("boat")
    save(
        office,
        "/admin/archive/assignment/add/",
        photograph=photograph.pk,
        term=term.pk,
    )
    made = Assignment.objects.get()
    assert made.assigned_by.username == "administrator"
    office.post(f"/admin/archive/assignment/{made.pk}/delete/", {"post": "yes"})
    assert not Assignment.objects.exists()
    told = Event.objects.filter(term=term).values_list("action", flat=True)
    assert set(told) == {"assigned", "unassigned"}
