"""Narrowing a contact sheet: the values of each facet, with what they would leave."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from archive import describing
from archive.models import Photograph
from archive.vocabularies import ReviewState
from tests import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive(curator):
    fonds = catalogue.collection("F", title="Kessler")
    series = catalogue.collection("F/1", parent=fonds, level="series", sensitive=True)
    other = catalogue.collection("G", title="Beato")
    made = [
        catalogue.photograph("F-1", within=fonds, title="Bridge", creator="Kessler"),
        catalogue.photograph("F/1-1", within=series, creator="Kessler & Sons"),
        catalogue.photograph("F/1-2", within=series, place="Kraków", title="Boats"),
        catalogue.photograph("G-1", within=other, title="Bridge", place="Kraków"),
    ]
    for one, years in zip(
        made[:3], [(1911, 1911), (1905, 1923), (1920, 1929)], strict=True
    ):
        Photograph.objects.filter(pk=one.pk).update(
            date_earliest=dt.date(years[0], 1, 1), date_latest=dt.date(years[1], 12, 31)
        )
    for label, bearing in (("bridge", [0, 3]), ("boat", [2, 3])):
        for index in bearing:
            describing.assign_term(
                made[index], describing.create_term(label), by=curator
            )
    catalogue.master(made[0], media_type="image/tiff")
    front = catalogue.master(made[3], media_type="image/jpeg")
    catalogue.colorization(front, review_state=ReviewState.ACCEPTED)
    Photograph.objects.filter(pk=made[3].pk).update(colorized_at=timezone.now())
    return {"fonds": fonds, "series": series, "other": other}


@pytest.fixture
def counts(client, viewer, archive):
    client.force_login(viewer)

    def count(name, **query):
        response = client.get(reverse("archive:facet", args=[name]), query)
        return {
            each["value"].label: each["value"].count
            for each in response.context["values"]
            if each["value"].count
        }

    return count


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("collection", {"F Kessler": 3, "G Beato": 1}),
        ("date", {"1900–1909": 1, "1910–1919": 2, "1920–1929": 2}),
        ("place", {"Kraków": 2, "Not filled in": 2}),
        ("creator", {"Not filled in": 2, "Kessler": 1, "Kessler & Sons": 1}),
        ("term", {"boat": 2, "bridge": 2}),
        (
            "state",
            {
                "Not described": 1,
                "Not dated": 1,
                "Not tagged": 4,
                "Not colorized": 3,
            },
        ),
        ("restriction", {"Sensitive": 2, "No restriction": 2}),
        ("kind", {"TIFF": 1, "JPEG": 1}),
        (
            "colour",
            {
                "With a machine’s colours": 1,
                "With colours that a person accepted": 1,
                "Without colours": 3,
            },
        ),
    ],
)
def test_each_facet_counts_the_archive(counts, name, values):
    assert counts(name) == values


def test_every_value_leaves_as_many_as_it_says(client, counts):
    for name in [
        "collection",
        "date",
        "place",
        "creator",
        "term",
        "state",
        "restriction",
        "kind",
        "colour",
    ]:
        response = client.get(
            reverse("archive:facet", args=[name]), {"words": "-ferry", "order": "title"}
        )
        assert response.context["values"]
        for each in response.context["values"]:
            sheet = client.get(each["address"])
            assert "order=title" in each["address"]
            found = sheet.context["page"].paginator.count
            assert found == each["value"].count, each["address"]


def test_facets_combine_and_each_leaves_itself_out(counts, archive):
    assert counts("creator", words="bridge") == {"Kessler": 1, "Not filled in": 1}
    assert counts("term", term="bridge") == {"boat": 1, "bridge": 2}
    assert counts("place", place='"Kraków"') == {"Kraków": 2, "Not filled in": 2}
    assert counts("kind", restriction="none", colour="any") == {"JPEG": 1}
    assert counts("collection", collection=archive["fonds"].pk) == {"F/1": 2}


def test_a_collections_sheet_counts_its_own(counts, client, archive):
    of = archive["fonds"].pk
    assert counts("creator", of=of) == {
        "Kessler": 1,
        "Kessler & Sons": 1,
        "Not filled in": 1,
    }
    response = client.get(reverse("archive:facet", args=["term"]), {"of": of})
    assert response.context["values"][0]["address"] == (
        f"{archive['fonds'].get_absolute_url()}?term=boat"
    )


def test_the_whole_of_a_value_is_not_a_part_of_another(client, counts, archive):
    page = client.get(reverse("archive:search"), {"creator": '"Kessler"'})
    assert page.context["page"].paginator.count == 1
    part = client.get(reverse("archive:search"), {"creator": "kessler"})
    assert part.context["page"].paginator.count == 2


def test_what_is_filtered_by_is_shown_and_goes_away_alone(client, counts):
    address = reverse("archive:search")
    query = {"term": ["bridge", "boat"], "since": "1900", "kind": "image/jpeg"}
    chips = client.get(address, query).context["chips"]
    assert [(each["chip"].label, each["chip"].text) for each in chips] == [
        ("From", "1900"),
        ("Term", "bridge"),
        ("Term", "boat"),
        ("File kind", "JPEG"),
    ]
    assert chips[1]["address"] == f"{address}?term=boat&since=1900&kind=image%2Fjpeg"
    assert chips[0]["address"] == (f"{address}?term=bridge&term=boat&kind=image%2Fjpeg")


def test_a_value_that_is_chosen_takes_itself_back(client, counts):
    place = reverse("archive:facet", args=["colour"])
    values = client.get(place, {"colour": "any", "words": "boats"}).context["values"]
    assert values[0]["chosen"]
    assert values[0]["address"] == f"{reverse('archive:search')}?words=boats"


def test_bulk_means_what_the_sheet_shows(client, curator, archive):
    client.force_login(curator)
    response = client.post(
        reverse("archive:bulk"),
        {
            "action": "publish",
            "everything": "1",
            "matching": "term=bridge&term=boat&page=3",
        },
    )
    assert response.context["count"] == 1


@pytest.mark.parametrize(
    ("name", "query"), [("age", {}), ("term", {"of": "x"}), ("term", {"of": "404"})]
)
def test_what_is_not_there_is_not_found(client, counts, name, query):
    assert client.get(f"/search/facets/{name}/", query).status_code == 404


def test_it_rejects_post(client, counts):
    assert client.post(reverse("archive:facet", args=["term"])).status_code == 405


def test_it_needs_a_role(client, stranger):
    client.force_login(stranger)
    assert client.get(reverse("archive:facet", args=["term"])).status_code == 403
