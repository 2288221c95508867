"""Describing a photograph: saving, conflicts, dates and terms."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from archive import describing
from archive.models import Term, TermSynonym
from archive.views.description_form import DescriptionForm
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def photograph():
    return catalogue.photograph(title="Harbour", notes="two\nlines")


def opened(photograph):
    """Return what a browser would send back from the form as it stands."""
    form = DescriptionForm(photograph)
    words = {"revision": str(photograph.revision)}
    for name in photograph.DESCRIPTIVE_FIELDS:
        value = str(form.initial[name]).replace("\n", "\r\n")
        words[name] = words[f"initial-{name}"] = value
    return words


def save(client, photograph, words, **headers):
    address = reverse("archive:photograph_describe", args=[photograph.pk])
    return client.post(address, words, headers=headers)


def test_it_saves_only_what_was_changed(client, cataloguer, photograph):
    client.force_login(cataloguer)
    assert save(client, photograph, opened(photograph) | {"title": "Quay"}).url
    photograph.refresh_from_db()
    assert (photograph.title, photograph.revision) == ("Quay", 2)
    event = photograph.events.get(action="described")
    assert event.changes == {"title": ["Harbour", "Quay"]}
    assert event.agent == cataloguer


def test_saving_without_a_change_records_nothing(client, cataloguer, photograph):
    client.force_login(cataloguer)
    save(client, photograph, opened(photograph))
    assert not photograph.events.filter(action="described").exists()


def test_saving_the_same_twice_changes_it_once(client, cataloguer, photograph):
    client.force_login(cataloguer)
    words = opened(photograph) | {"title": "Quay"}
    save(client, photograph, words)
    assert save(client, photograph, words).status_code == 302
    assert photograph.events.filter(action="described").count() == 1


def test_a_conflict_keeps_what_was_typed_and_shows_theirs(
    client, cataloguer, curator, photograph
):
    words = opened(photograph) | {"title": "Mine", "place": "Bergen"}
    describing.describe(photograph, {"title": "Theirs", "creator": "A. N."}, by=curator)
    client.force_login(cataloguer)
    response = save(client, photograph, words)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Someone else saved this description" in page
    assert 'value="Mine"' in page
    assert "Theirs" in page
    photograph.refresh_from_db()
    assert photograph.title == "Theirs"
    form = response.context["form"]
    again = {name: form[name].value() for name in form.fields}
    again |= {
        f"initial-{name}": form.data[f"initial-{name}"]
        for name in photograph.DESCRIPTIVE_FIELDS
    }
    assert save(client, photograph, again).status_code == 302
    photograph.refresh_from_db()
    assert (photograph.title, photograph.place) == ("Mine", "Bergen")
    assert photograph.creator == "A. N."


@pytest.mark.parametrize(
    ("field", "value"), [("date_edtf", "sometime"), ("reference_code", "")]
)
def test_what_cannot_be_meant_stays_in_the_form(
    client, cataloguer, photograph, field, value
):
    client.force_login(cataloguer)
    response = save(
        client, photograph, opened(photograph) | {field: value, "place": "Bergen"}
    )
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert "Bergen" in response.content.decode()
    photograph.refresh_from_db()
    assert photograph.revision == 1


def test_a_reference_code_that_is_taken_is_refused(client, cataloguer, photograph):
    catalogue.photograph("GB1/2")
    client.force_login(cataloguer)
    words = opened(photograph) | {"reference_code": "GB1/2"}
    assert save(client, photograph, words).status_code == 422


def test_describing_needs_the_right_and_a_post(client, viewer, cataloguer, photograph):
    client.force_login(viewer)
    assert save(client, photograph, opened(photograph)).status_code == 403
    assert b"data-description" not in client.get(photograph.get_absolute_url()).content
    client.force_login(cataloguer)
    address = reverse("archive:photograph_describe", args=[photograph.pk])
    assert client.get(address).status_code == 405
    assert (
        client.post(reverse("archive:photograph_describe", args=[999])).status_code
        == 404
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("about 1923", "1923~"),
        ("probably 1925", "uncertain, 1 January 1925 to 31 December 1925"),
        ("1910 oder 1911", "hold a doubt"),
        ("before the war", "Not understood"),
        ("", "Write the date"),
        ("x" * 5000, "Not understood"),
    ],
)
def test_a_date_is_read_while_it_is_written(client, viewer, text, said):
    client.force_login(viewer)
    response = client.get(reverse("archive:date_reading"), {"date_text": text})
    assert said in response.content.decode()


def test_a_reading_that_stands_in_the_form_is_confirmed(client, viewer):
    client.force_login(viewer)
    response = client.get(
        reverse("archive:date_reading"),
        {"date_text": "about 1923", "date_edtf": "1923~"},
    )
    assert "Understood as" in response.content.decode()


def assign(client, photograph, label, **words):
    address = reverse("archive:term_assign", args=[photograph.pk])
    words = {"label": label, **words}
    return client.post(address, words, follow=True).content.decode()


def test_a_term_is_assigned_by_label_or_synonym(client, cataloguer, photograph):
    boat = Term.objects.create(label="Boat")
    TermSynonym.objects.create(term=boat, label="vessel")
    client.force_login(cataloguer)
    assign(client, photograph, "VESSEL")
    assign(client, photograph, " boat ")
    assert [each.term for each in photograph.assignments.all()] == [boat]


def test_a_new_term_joins_the_vocabulary_only_by_choice(client, cataloguer, photograph):
    client.force_login(cataloguer)
    page = assign(client, photograph, "fishing  smack")
    assert "“fishing smack” is not in the vocabulary" in page
    assert "Create the term “fishing smack”" in page
    assert not Term.objects.exists()
    assign(client, photograph, "fishing  smack", create="on")
    assert photograph.assignments.get().term.label == "fishing smack"
    assign(client, photograph, "Fishing Smack", create="on")
    assert Term.objects.count() == 1


def test_who_may_not_add_terms_is_told_so(client, cataloguer, photograph):
    cataloguer.groups.clear()
    permissions = Permission.objects.filter(
        codename__in=["view_photograph", "add_assignment", "view_term"]
    )
    cataloguer.user_permissions.set(permissions)
    client.force_login(cataloguer)
    page = assign(client, photograph, "smack")
    assert "not in the vocabulary" in page
    assert "Create the term" not in page
    assert "may not add terms" in assign(client, photograph, "smack", create="on")
    choices = client.get(reverse("archive:term_choices"), {"label": "smack"})
    assert b"option" not in choices.content


@pytest.mark.parametrize("label", ["", "   ", "x" * 300])
def test_a_term_that_is_none_is_refused(client, cataloguer, photograph, label):
    client.force_login(cataloguer)
    assert "Not done" in assign(client, photograph, label, create="on")
    assert not photograph.assignments.exists()


def test_a_term_is_taken_off_once(client, cataloguer, photograph):
    term = Term.objects.create(label="Boat")
    describing.assign_term(photograph, term, by=cataloguer)
    client.force_login(cataloguer)
    address = reverse("archive:term_remove", args=[photograph.pk, term.pk])
    client.post(address)
    assert not photograph.assignments.exists()
    again = client.post(address, follow=True).content.decode()
    assert "taken off already" in again


def test_terms_need_the_right_a_post_and_a_photograph(
    client, viewer, cataloguer, photograph
):
    term = Term.objects.create(label="Boat")
    places = [
        ("term_assign", [photograph.pk], [999]),
        ("term_remove", [photograph.pk, term.pk], [photograph.pk, 999]),
    ]
    for name, here, missing in places:
        client.force_login(viewer)
        assert client.post(reverse(f"archive:{name}", args=here)).status_code == 403
        client.force_login(cataloguer)
        assert client.get(reverse(f"archive:{name}", args=here)).status_code == 405
        assert client.post(reverse(f"archive:{name}", args=missing)).status_code == 404


def test_terms_are_offered_by_their_words_and_synonyms(client, cataloguer):
    Term.objects.bulk_create(Term(label=f"steamboat {n}") for n in range(30))
    ship = Term.objects.create(label="Ship")
    TermSynonym.objects.create(term=ship, label="Boat of size")
    Term.objects.create(label="Boat")
    client.force_login(cataloguer)

    def offered(words):
        address = reverse("archive:term_choices")
        return client.get(address, {"label": words}).content.decode()

    assert offered("boat").count('role="option"') == 12
    assert offered("boat").index("Boat") < offered("boat").index("steamboat")
    assert "data-create" not in offered("BOAT")
    assert "for “Boat of size”" in offered("of size")
    assert 'data-label="Ship"' in offered("of size")
    assert "data-create" in offered("of size, red")
    assert "option" not in offered(" ")


def test_the_vocabulary_is_asked_as_often_however_large_it_is(
    client, viewer, django_assert_num_queries
):
    client.force_login(viewer)
    address = reverse("archive:term_choices")
    for number in range(9):
        term = Term.objects.create(label=f"boat {number}")
        TermSynonym.objects.create(term=term, label=f"vessel {number}")
        client.get(address, {"label": "o"})
        if number in (3, 8):
            with django_assert_num_queries(6):
                client.get(address, {"label": "o"})
