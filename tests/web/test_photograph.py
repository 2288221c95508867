"""The page of a photograph, and the verbs for it as a whole."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from archive import policy, publishing, review
from archive.models import Photograph
from archive.vocabularies import Policy, Rights
from tests.web import drawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def photograph(data_dir, tmp_path, curator):
    found = drawn.photograph(tmp_path, by=curator)
    Photograph.objects.filter(pk=found.pk).update(
        title="A harbour", rights=Rights.CC0, date_text="about 1923"
    )
    found.refresh_from_db()
    return found


def look(client, photograph, **query):
    return client.get(photograph.get_absolute_url(), query)


def act(client, photograph, verb, **words):
    address = reverse(f"archive:photograph_{verb}", args=[photograph.pk])
    return client.post(address, words, follow=True)


def test_it_shows_the_picture_the_description_and_the_story(client, viewer, photograph):
    client.force_login(viewer)
    page = look(client, photograph).content.decode()
    assert "A harbour" in page
    assert 'width="60"' in page
    assert photograph.masters.get().sha256 in page
    assert "brought the scan into the archive" in page
    assert "machine's interpretation" not in page


def test_colours_are_named_as_a_machines_with_model_and_state(
    client, viewer, curator, photograph
):
    colorization = drawn.colours(photograph)
    client.force_login(viewer)
    page = look(client, photograph).content.decode()
    assert "colours are a machine's interpretation" in page
    assert "drawn-colorizer 1" in page
    assert "Not confirmed by a person" in page
    review.accept_colorization(colorization, by=curator)
    assert "Confirmed by a person" in look(client, photograph).content.decode()


def test_rejected_colours_are_shown_only_on_request(
    client, viewer, curator, photograph
):
    colorization = drawn.colours(photograph)
    review.reject_colorization(colorization, by=curator)
    client.force_login(viewer)
    assert look(client, photograph).context["plate"].colour is None
    chosen = look(client, photograph, colour=colorization.pk).context["plate"]
    assert chosen.colour.source_id == colorization.pk


def test_one_of_several_colorizations_can_be_chosen(client, viewer, photograph):
    first, second = drawn.colours(photograph), drawn.colours(photograph, "other 2")
    client.force_login(viewer)
    assert look(client, photograph).context["plate"].chosen.colorization == second
    chosen = look(client, photograph, colour=first.pk).context["plate"].chosen
    assert chosen.colorization == first
    assert look(client, photograph, colour="x" * 30).status_code == 200


def test_the_back_can_be_looked_at(client, viewer, photograph, tmp_path):
    back = drawn.verso(tmp_path, photograph)
    client.force_login(viewer)
    assert look(client, photograph, side="verso").context["plate"].master == back
    assert look(client, photograph).context["plate"].master != back


def test_neighbours_are_those_of_the_collection(client, viewer, photograph, tmp_path):
    second = drawn.photograph(tmp_path, 2)
    client.force_login(viewer)
    near = look(client, photograph).context["neighbours"]
    assert (near["previous"], near["next"]) == (None, second)
    assert (near["place"], near["count"]) == (1, 2)


def test_a_photograph_without_a_scan_says_what_to_do(client, viewer, photograph):
    bare = Photograph.objects.create(
        collection=photograph.collection, reference_code="bare"
    )
    client.force_login(viewer)
    assert "No scan of this photograph" in look(client, bare).content.decode()


def test_the_machines_words_cannot_become_markup(client, viewer, photograph):
    Photograph.objects.filter(pk=photograph.pk).update(title="<script>x</script>")
    client.force_login(viewer)
    assert b"<script>x" not in look(client, photograph).content


def test_it_rejects_what_is_not_allowed(client, viewer, stranger, photograph):
    assert look(client, photograph).status_code == 302
    client.force_login(stranger)
    assert look(client, photograph).status_code == 403
    client.force_login(viewer)
    assert client.post(photograph.get_absolute_url()).status_code == 405
    assert client.get(reverse("archive:photograph", args=[999])).status_code == 404


@pytest.mark.parametrize("verb", ["restrict", "publish", "withdraw"])
def test_verbs_are_for_curators_and_by_post(
    client, cataloguer, curator, photograph, verb
):
    address = reverse(f"archive:photograph_{verb}", args=[photograph.pk])
    client.force_login(cataloguer)
    assert client.post(address).status_code == 403
    client.force_login(curator)
    assert client.get(address).status_code == 405
    missing = reverse(f"archive:photograph_{verb}", args=[999])
    assert client.post(missing).status_code == 404


def test_a_restriction_is_set_and_lifted(client, curator, photograph):
    client.force_login(curator)
    page = act(client, photograph, "restrict", policy="sensitive", value="on")
    assert "the photograph itself" in page.content.decode()
    photograph.refresh_from_db()
    assert photograph.sensitive
    act(client, photograph, "restrict", policy="sensitive", value="on")
    act(client, photograph, "restrict", policy="sensitive")
    photograph.refresh_from_db()
    assert not photograph.sensitive
    assert photograph.events.filter(action="restricted").count() == 1


def test_an_unknown_restriction_changes_nothing(client, curator, photograph):
    client.force_login(curator)
    page = act(client, photograph, "restrict", policy="title", value="on")
    assert "Choose one of the restrictions" in page.content.decode()


def test_an_inherited_restriction_names_its_carrier(client, curator, photograph):
    policy.restrict_collection(
        photograph.collection, Policy.DO_NOT_TAG, True, by=curator
    )
    client.force_login(curator)
    held = look(client, photograph).context["restrictions"]
    assert [each.above for each in held if each.holds] == [[photograph.collection]]


def test_it_publishes_withdraws_and_says_why_not(client, curator, photograph):
    client.force_login(curator)
    assert "Published" in act(client, photograph, "publish").content.decode()
    assert photograph.publication.record["title"] == "A harbour"
    act(client, photograph, "withdraw")
    again = act(client, photograph, "withdraw").content.decode()
    assert "is not published" in again
    Photograph.objects.filter(pk=photograph.pk).update(title="")
    assert "needs a title" in act(client, photograph, "publish").content.decode()


def test_a_record_changed_since_publication_says_so(client, curator, photograph):
    publishing.publish(photograph, by=curator)
    photograph.save()
    client.force_login(curator)
    assert "changed since" in look(client, photograph).content.decode()


def test_its_queries_do_not_grow_with_what_is_on_it(
    client, curator, photograph, django_assert_num_queries
):
    drawn.colours(photograph)
    drawn.suggestions(photograph, boat=0.9)
    client.force_login(curator)
    look(client, photograph)
    with CaptureQueriesContext(connection) as few:
        look(client, photograph)
    for number in range(4):
        drawn.colours(photograph, f"model {number}")
    found = drawn.suggestions(photograph, boat=0.9, sea=0.8, dog=0.7, car=0.6)
    for suggestion in found:
        review.accept_suggestion(suggestion, by=curator)
    with django_assert_num_queries(len(few)):
        look(client, photograph)
