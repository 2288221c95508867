"""The public gallery: what strangers see, and above all what they never see."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from archive import describing, policy, publishing, review
from archive.models import Derivative, GallerySettings, Photograph
from archive.views import limits
from archive.vocabularies import Policy, Purpose, Rights
from tests import catalogue
from tests.web import drawn

pytestmark = pytest.mark.django_db
START = "/gallery/"


@pytest.fixture(autouse=True)
def unlimited():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def opened(db):
    GallerySettings(open=True, name="Town archive", welcome="Look around.").save()


@pytest.fixture
def published(data_dir, tmp_path, curator):
    """Return a published photograph with accepted colours, and one that is a draft."""
    fonds = catalogue.collection("F", title="Kessler family")
    series = catalogue.collection("F/1", parent=fonds, level="series", title="Streets")
    one, draft = (
        drawn.photograph(tmp_path, number, within=series, size=(900, 600))
        for number in (1, 2)
    )
    values = {
        "title": "A bridge",
        "description": "Before the flood.",
        "notes": "secret note",
        "rights": Rights.CC0.value,
    }
    one = describing.describe(one, values, by=curator)
    describing.describe(draft, {"title": "Draft title"}, by=curator)
    review.accept_colorization(drawn.colours(one), by=curator)
    boat, _sea = drawn.suggestions(one, boat=0.9, sea=0.8)
    review.accept_suggestion(boat, by=curator)
    describing.assign_term(one, describing.create_term("bridge"), by=curator)
    publishing.publish(one, by=curator)
    return Photograph.objects.get(pk=one.pk)


def plate(photograph):
    return reverse("archive:gallery_plate", args=[photograph.pk])


def shelf(photograph):
    return reverse("archive:gallery_shelf", args=[photograph.collection_id])


def picture(copy):
    return reverse("archive:gallery_picture", args=[copy.pk])


def copies(photograph):
    found = Derivative.objects.filter(master__photograph=photograph)
    return {copy.purpose: copy for copy in found}


def test_it_is_closed_until_somebody_opens_it(client, published, settings):
    addresses = [
        START,
        plate(published),
        shelf(published),
        *(picture(copy) for copy in copies(published).values()),
    ]
    for address in addresses:
        assert client.get(address).status_code == 404
    GallerySettings(open=True).save()
    assert client.get(plate(published)).status_code == 200
    settings.GALLERY_ALLOWED = False
    for address in addresses:
        assert client.get(address).status_code == 404


def test_a_stranger_walks_from_the_start_to_a_photograph(client, opened, published):
    start = client.get(START).content.decode()
    assert "Town archive" in start
    assert "Kessler family" in start
    page = client.get(shelf(published)).content.decode()
    assert plate(published) in page
    page = client.get(plate(published)).content.decode()
    assert "Before the flood." in page
    assert "CC0 1.0" in page
    assert "Colours are a machine’s interpretation" in page
    assert "drawn-colorizer 1" in page
    assert "suggested by a machine, confirmed by a person" in page


def test_drafts_and_unpublished_values_are_never_shown(
    client, opened, published, curator
):
    draft = Photograph.objects.get(title="Draft title")
    describing.describe(published, {"title": "Changed since"}, by=curator)
    pages = [client.get(a).content.decode() for a in (START, shelf(published))]
    page = client.get(plate(published)).content.decode()
    for text in [*pages, page]:
        assert "Draft title" not in text
        assert "Changed since" not in text
        assert "secret note" not in text
        assert "curator" not in text
    assert "sea" not in page
    assert client.get(plate(draft)).status_code == 404
    for copy in copies(draft).values():
        assert client.get(picture(copy)).status_code == 404


def test_a_restriction_set_afterwards_counts_at_once(
    client, opened, published, curator
):
    shown = copies(published)
    policy.restrict_collection(
        published.collection, Policy.DO_NOT_COLORIZE, True, by=curator
    )
    page = client.get(plate(published)).content.decode()
    assert "in-colour" not in page
    assert client.get(picture(shown[Purpose.COLOUR_DISPLAY])).status_code == 404
    assert client.get(picture(shown[Purpose.DISPLAY])).status_code == 200
    policy.restrict_collection(published.collection, Policy.SENSITIVE, True, by=curator)
    for address in (plate(published), shelf(published)):
        assert client.get(address).status_code == 404
    assert client.get(picture(shown[Purpose.DISPLAY])).status_code == 404
    assert "A bridge" not in client.get(START).content.decode()


def test_withdrawn_is_gone(client, opened, published, curator):
    publishing.withdraw(published, by=curator)
    assert client.get(plate(published)).status_code == 404
    for copy in copies(published).values():
        assert client.get(picture(copy)).status_code == 404


def test_other_colours_than_the_published_are_never_shown(
    client, opened, published, curator
):
    newer = drawn.colours(published, "drawn-colorizer 2")
    later = Derivative.objects.get(source=newer)
    assert client.get(picture(later)).status_code == 404
    plane = copies(published)[Purpose.COLORIZATION]
    assert client.get(picture(plane)).status_code == 404
    review.accept_colorization(newer, by=curator)  # the published one is superseded
    assert "in-colour" not in client.get(plate(published)).content.decode()
    assert client.get(picture(later)).status_code == 404


def test_the_back_of_the_print_is_not_shown(client, opened, published, tmp_path):
    back = drawn.verso(tmp_path, published)
    for copy in back.derivatives.all():
        assert client.get(picture(copy)).status_code == 404


def test_what_is_shared_is_the_original(client, opened, published):
    page = client.get(plate(published)).content.decode()
    original = picture(copies(published)[Purpose.DISPLAY])
    assert f'property="og:image" content="http://testserver{original}"' in page


def test_search_engines_stay_out_unless_they_are_let_in(client, opened, published):
    answer = client.get(plate(published))
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert 'name="robots" content="noindex' in answer.content.decode()
    assert client.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"
    GallerySettings(open=True, indexed=True).save()
    answer = client.get(plate(published))
    assert "X-Robots-Tag" not in answer
    assert "noindex" not in answer.content.decode()
    assert b"Allow: /gallery/" in client.get("/robots.txt").content


def test_the_browser_alone_decides_the_language_of_what_caches_keep(
    client, opened, published
):
    client.cookies["django_language"] = "de"
    english, german = (
        client.get(START, headers={"Accept-Language": asked}) for asked in ("en", "de")
    )
    assert b'<html lang="en-GB"' in english.content
    assert b'<html lang="de"' in german.content
    assert english["Vary"] == "Accept-Language"


def test_answers_may_be_kept_for_a_while_and_set_no_cookie(client, opened, published):
    for address in (START, plate(published), shelf(published)):
        answer = client.get(address)
        assert answer["Cache-Control"] == "public, max-age=60"
        assert not answer.cookies
        assert "Cookie" not in answer.get("Vary", "")
    copy = copies(published)[Purpose.THUMBNAIL]
    answer = client.get(picture(copy))
    assert answer["Cache-Control"] == "public, max-age=300"
    again = client.get(picture(copy), headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_it_is_only_read(client, opened, published):
    for address in (START, plate(published), shelf(published)):
        assert client.post(address).status_code == 405


def test_copies_are_handed_out_unless_it_is_forbidden(client, opened, published):
    shown = copies(published)
    address = reverse("archive:gallery_copy", args=[shown[Purpose.COLOUR_DISPLAY].pk])
    answer = client.get(address)
    assert answer["Content-Type"] == "image/jpeg"
    assert b"A bridge" in answer.content
    thumbnail = reverse("archive:gallery_copy", args=[shown[Purpose.THUMBNAIL].pk])
    assert client.get(thumbnail).status_code == 404
    GallerySettings(open=True, downloads=False).save()
    assert client.get(address).status_code == 404
    assert "Download" not in client.get(plate(published)).content.decode()


def test_too_many_requests_are_told_to_wait(client, opened, published, monkeypatch):
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_000.0)
    copy = reverse("archive:gallery_copy", args=[copies(published)[Purpose.DISPLAY].pk])
    answers = [client.get(copy).status_code for _time in range(31)]
    assert answers == [200] * 30 + [429]
    assert client.get(copy)["Retry-After"] == "20"
    assert client.get(copy, REMOTE_ADDR="10.0.0.9").status_code == 200
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_060.0)
    assert client.get(copy).status_code == 200


def test_behind_a_proxy_the_stranger_is_counted(rf, settings):
    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 10.1.1.1"})
    assert limits.address(request) == "127.0.0.1"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert limits.address(request) == "10.1.1.1"


def test_an_administrator_opens_it(client, administrator, curator, published, settings):
    address = reverse("archive:gallery_settings")
    client.force_login(curator)
    assert client.get(address).status_code == 403
    client.force_login(administrator)
    assert "Closed" in client.get(address).content.decode()
    client.post(address, {"open": "on", "name": "Town archive"})
    current = GallerySettings.current()
    assert (current.open, current.indexed, current.changed_by) == (
        True,
        False,
        administrator,
    )
    assert client.get(START).status_code == 200
    link = client.get(published.get_absolute_url()).content.decode()
    assert plate(published) in link
    settings.GALLERY_ALLOWED = False
    page = client.get(address).content.decode()
    assert "forbids a gallery" in page
    client.post(address, {"name": "Else"})
    assert GallerySettings.current().name == "Town archive"


def test_the_number_of_queries_does_not_grow(
    client, opened, published, curator, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def counted(address):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    below = catalogue.collection("F/1/x", parent=published.collection, level="file")
    one = catalogue.photograph(
        "F/1/x/1", within=below, title="x", rights=Rights.CC0.value
    )
    publishing.publish(one, by=curator)
    addresses = [START, shelf(published), plate(published)]
    before = [counted(address) for address in addresses]
    for number in range(9):
        below = catalogue.collection(
            f"F/1/{number}", parent=published.collection, level="file"
        )
        one = catalogue.photograph(
            f"F/1/{number}/1", within=below, title="x", rights=Rights.CC0.value
        )
        catalogue.colorization(catalogue.master(one), purpose=Purpose.THUMBNAIL)
        publishing.publish(one, by=curator)
    after = [counted(address) for address in addresses]
    assert after == before
    assert max(after) <= 14
