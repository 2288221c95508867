"""All photographs as a contact sheet, with filters, orders and pages."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from archive import describing, preferences, publishing, sheet, sheet_filter
from archive.models import Photograph
from archive.vocabularies import Purpose, ReviewState, Rights
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    return reverse("archive:search")


@pytest.fixture
def looking(client, viewer, address):
    """Return a function that gives the codes shown for a query."""
    client.force_login(viewer)

    def look(**query):
        page = client.get(address, query).context["page"]
        return [cell.photograph.reference_code for cell in page.cells]

    return look


@pytest.fixture
def photographs(db):
    held = catalogue.collection("S", sensitive=True)
    free = catalogue.collection("F")
    return {
        "bridge": catalogue.photograph(
            "F/1",
            within=free,
            title="A bridge",
            creator="Johann Kessler",
            place="Brücken",
            date_edtf="1911",
            date_earliest=dt.date(1911, 1, 1),
            date_latest=dt.date(1911, 12, 31),
        ),
        "bare": catalogue.photograph("F/2", within=free),
        "held": catalogue.photograph(
            "S/1",
            within=held,
            title="A ward",
            date_earliest=dt.date(1890, 1, 1),
            date_latest=dt.date(1899, 12, 31),
        ),
    }


def test_words_must_all_be_there(looking, photographs):
    assert looking(words="bridge kessler") == ["F/1"]
    assert looking(words="bridge ward") == []


def test_a_term_is_found_by_its_synonym(looking, photographs, curator):
    term = catalogue.term("bridge", "viaduct")
    describing.assign_term(photographs["bridge"], term, by=curator)
    assert looking(term="Viaduct") == ["F/1"]
    assert looking(words="viaduct") == ["F/1"]
    assert looking(term="via") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"since": "1900"}, ["F/1"]),
        ({"until": "1900"}, ["S/1"]),
        ({"since": "1890", "until": "1911-06"}, ["F/1", "S/1"]),
        ({"since": "1950"}, []),
        ({"creator": "kessler"}, ["F/1"]),
        ({"place": "brück"}, ["F/1"]),
        ({"state": "undescribed"}, ["F/2"]),
        ({"state": "described"}, ["F/1", "S/1"]),
        ({"restriction": "sensitive"}, ["S/1"]),
        ({"restriction": "none"}, ["F/1", "F/2"]),
        ({"order": "oldest"}, ["S/1", "F/1", "F/2"]),
        ({"order": "latest"}, ["F/1", "S/1", "F/2"]),
        ({"order": "newest"}, ["S/1", "F/2", "F/1"]),
        ({"order": "title"}, ["F/2", "F/1", "S/1"]),
    ],
)
def test_each_filter_and_order(looking, photographs, query, found):
    assert looking(**query) == found


@pytest.mark.parametrize("field", ["state", "order", "restriction", "since"])
def test_what_cannot_be_understood_is_left_out_and_said(
    looking, client, photographs, address, field
):
    assert len(looking(**{field: "nonsense"})) == 3
    filters = client.get(address, {field: "nonsense"}).context["filters"]
    assert field in filters.errors


def test_states_that_machines_and_people_bring(looking, photographs, curator):
    bridge, bare = photographs["bridge"], photographs["bare"]
    now = timezone.now()
    Photograph.objects.filter(pk=bare.pk).update(tagged_at=now)
    Photograph.objects.filter(pk=bridge.pk).update(
        colorized_at=now, rights=Rights.NO_KNOWN
    )
    catalogue.colorization(catalogue.master(bridge))
    assert looking(state="colorized") == looking(state="awaiting") == ["F/1"]
    assert looking(state="uncolorized") == ["F/2", "S/1"]
    assert looking(state="tagged") == ["F/2"]
    assert looking(state="untagged") == ["F/1", "S/1"]
    bridge.refresh_from_db()
    publishing.publish(bridge, by=curator)
    assert looking(state="published") == ["F/1"]
    assert looking(state="unpublished") == ["F/2", "S/1"]


def test_the_page_is_bounded_and_the_nearest_is_shown(looking, client, address):
    within = catalogue.collection("P")
    Photograph.objects.bulk_create(
        Photograph(collection=within, reference_code=f"P/{number:03}")
        for number in range(sheet.PAGE_SIZE + 5)
    )
    assert len(looking()) == sheet.PAGE_SIZE
    assert looking(page="2") == [f"P/{n:03}" for n in range(60, 65)]
    assert looking(page="99999") == looking(page="2")
    assert looking(page="x") == looking(page="1")


def test_each_cell_shows_the_step_it_has_reached(photographs, curator):
    bridge, bare = photographs["bridge"], photographs["bare"]
    keys = [bridge.pk, bare.pk]

    def steps():
        return [cell.step for cell in sheet.cells(keys)]

    assert steps() == [sheet.DESCRIBED, sheet.UNDESCRIBED]
    now = timezone.now()
    Photograph.objects.filter(pk=bare.pk).update(tagged_at=now)
    assert steps()[1] == sheet.TAGGED
    Photograph.objects.filter(pk=bare.pk).update(colorized_at=now)
    assert steps()[1] == sheet.COLORIZED
    waiting = catalogue.colorization(catalogue.master(bare))
    assert steps()[1] == sheet.WAITING
    waiting.review_state = ReviewState.ACCEPTED
    waiting.save()
    bare.title, bare.rights = "A bridge", Rights.NO_KNOWN
    bare.save()
    publishing.publish(bare, by=curator)
    assert steps()[1] == sheet.PUBLISHED


def test_colours_are_shown_on_demand_and_say_whose_they_are(
    client, viewer, photographs, address
):
    master = catalogue.master(photographs["bridge"])
    grey = catalogue.colorization(
        master,
        purpose=Purpose.THUMBNAIL,
        machine_interpretation=False,
        review_state=ReviewState.NOT_NEEDED,
    )
    waiting = catalogue.colorization(master)
    shown = {"purpose": Purpose.COLOUR_THUMBNAIL}
    colour = catalogue.colorization(master, source=waiting, **shown)
    rejected = catalogue.colorization(master, review_state=ReviewState.REJECTED)
    catalogue.colorization(master, source=rejected, **shown)
    client.force_login(viewer)
    assert client.get(address).context["page"].cells[0].copy == grey
    preferences.remember(viewer, {"show": "colour"})
    response = client.get(address)
    assert response.context["page"].cells[0].copy == colour
    page = response.content.decode()
    assert 'alt="A bridge, in a machine’s colours"' in page
    assert 'class="machine"' in page
    accepted = catalogue.colorization(master, review_state=ReviewState.ACCEPTED)
    chosen = catalogue.colorization(master, source=accepted, **shown)
    assert client.get(address).context["page"].cells[0].copy == chosen


def test_the_table_shows_the_same(client, viewer, photographs, address):
    client.force_login(viewer)
    preferences.remember(viewer, {"view": "table"})
    page = client.get(address).content.decode()
    assert "sheet-table" in page
    assert "Johann Kessler" in page


def test_a_person_chooses_the_columns_of_the_table(
    client, viewer, curator, photographs, address
):
    catalogue.master(photographs["bridge"], media_type="image/tiff", width=400)
    describing.assign_term(photographs["bridge"], catalogue.term("viaduct"), by=curator)
    client.force_login(viewer)
    client.post(reverse("archive:appearance"), {"view": "table"})
    client.post(
        reverse("archive:appearance"), {"columns": ["file", "terms", "nonsense"]}
    )
    response = client.get(address)
    assert [column.name for column in response.context["columns"]] == ["terms", "file"]
    page = response.content.decode()
    assert "<td>viaduct</td>" in page
    assert "<td>TIFF, 400 × 30</td>" in page
    client.force_login(curator)  # has chosen nothing
    assert client.get(address).context["view"] == "sheet"


def test_the_best_match_comes_first_unless_an_order_is_chosen(looking, photographs):
    within = photographs["bare"].collection
    catalogue.photograph("A/1", within=within, description="Near the bridge there.")
    assert looking(words="bridge") == ["F/1", "A/1"]
    assert looking(words="bridge", order="code") == ["A/1", "F/1"]


def test_more_than_anyone_reads_are_not_ranked(looking, photographs, monkeypatch):
    within = photographs["bare"].collection
    catalogue.photograph("A/1", within=within, description="Near the bridge there.")
    monkeypatch.setattr(sheet_filter, "RANKED_AT_MOST", 1)
    assert looking(words="bridge") == ["A/1", "F/1"]


def test_no_word_is_said_to_be_none(client, viewer, photographs, address):
    client.force_login(viewer)
    page = client.get(address, {"words": "“-”"}).content.decode()
    assert "Write at least one word to look for." in page


def test_a_search_without_result_offers_a_wider_one(
    client, viewer, photographs, address
):
    client.force_login(viewer)
    page = client.get(address, {"words": "brid"}).content.decode()
    assert "Nothing matches" in page
    assert "?words=brid%2A" in page


def test_three_kinds_of_nothing(client, curator, address):
    client.force_login(curator)
    assert "There is nothing in the archive" in client.get(address).content.decode()
    catalogue.photograph()
    page = client.get(address, {"words": "zeppelin"}).content.decode()
    assert "Nothing matches" in page


def test_titles_are_never_markup(client, viewer, address):
    catalogue.photograph(title='"><script>alert(1)</script>')
    client.force_login(viewer)
    assert "<script>alert" not in client.get(address).content.decode()


def test_every_picture_has_its_size(client, viewer, address):
    master = catalogue.master(catalogue.photograph(title="A bridge"))
    catalogue.colorization(master, purpose=Purpose.THUMBNAIL, width=320, height=200)
    client.force_login(viewer)
    page = client.get(address).content.decode()
    assert 'width="320"' in page
    assert 'height="200"' in page
    assert 'alt="A bridge"' in page


def test_a_picture_without_a_copy_never_blanks_the_page(client, viewer, address):
    catalogue.photograph(title="A bridge")
    client.force_login(viewer)
    assert "no screen copy yet" in client.get(address).content.decode()


def test_it_rejects_post(client, viewer, address):
    client.force_login(viewer)
    assert client.post(address).status_code == 405


def test_it_needs_a_role(client, stranger, address):
    client.force_login(stranger)
    assert client.get(address).status_code == 403
