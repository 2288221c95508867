"""Defining terms."""

import pytest

from archive import terms
from archive.errors import InvalidDescription
from archive.models import Event, Term
from tests import catalogue

pytestmark = pytest.mark.django_db


def test_a_new_term_is_stored_with_its_synonyms_and_recorded(cataloguer):
    made = terms.define(
        Term(), {"label": " stone  bridge "}, synonyms=["viaduct"], by=cataloguer
    )
    assert made.label == "stone bridge"
    assert [synonym.label for synonym in made.synonyms.all()] == ["viaduct"]
    event = Event.objects.get()
    assert (event.term, event.subject, event.agent) == (
        made,
        "stone bridge",
        cataloguer,
    )


def test_a_synonym_keeps_its_row_and_may_change_its_case(cataloguer):
    term = catalogue.term("bridge", "viaduct", "span")
    kept = term.synonyms.get(label="span")
    terms.define(term, {}, synonyms=["Viaduct", "span"], by=cataloguer)
    assert {synonym.label for synonym in term.synonyms.all()} == {"Viaduct", "span"}
    assert term.synonyms.get(label="span") == kept


@pytest.mark.parametrize(
    ("values", "field"),
    [({"label": ""}, "label"), ({"uri": "no address"}, "uri")],
)
def test_what_cannot_be_meant_is_refused(cataloguer, values, field):
    term = catalogue.term("bridge")
    with pytest.raises(InvalidDescription) as refused:
        terms.define(term, values, synonyms=[], by=cataloguer)
    assert field in refused.value.fields
    assert Term.objects.get().label == "bridge"
    assert not Event.objects.exists()


def test_a_taken_label_is_refused_whatever_its_case(cataloguer):
    catalogue.term("bridge")
    with pytest.raises(InvalidDescription):
        terms.define(Term(), {"label": "BRIDGE"}, synonyms=[], by=cataloguer)
