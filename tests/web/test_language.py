"""Pages in German, whose choice that is, and what stays English."""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation

from archive import batches, preferences, sentences
from archive.batches import Operations, Selection, TextChange
from archive.models import (
    Assignment,
    Batch,
    Event,
    MachineWord,
    Photograph,
    ReviewBatch,
    Suggestion,
    Term,
)
from archive.templatetags.catalogue import in_words, term_label
from archive.views import story
from archive.vocabularies import MACHINE_VOCABULARY, Policy, ReviewState
from colorizer.templatetags.jobs import roughly, seconds
from tests import cast, catalogue

pytestmark = pytest.mark.django_db
GERMAN = {"headers": {"accept-language": "de-AT,de;q=0.9,en;q=0.5"}}


@pytest.fixture
def german(client, curator):
    client.force_login(curator)
    client.post(reverse("archive:appearance"), {"language": "de"})
    return client


def text(response):
    return response.content.decode()


def test_the_browser_decides_where_nobody_chose(client):
    page = text(client.get(reverse("login"), **GERMAN))
    assert '<html lang="de"' in page
    assert "Anmelden" in page
    page = text(client.get(reverse("login")))
    assert '<html lang="en-GB"' in page
    assert "Sign in" in page


def test_a_choice_on_the_sign_in_page_is_kept_in_the_browser(client):
    client.post(reverse("archive:appearance"), {"language": "de"})
    assert "Passwort" in text(client.get(reverse("login")))


def test_a_choice_is_kept_with_the_account(client, german, curator):
    assert "Übersicht" in text(german.get("/"))
    assert preferences.language_of(curator) == "de"
    client.logout()
    assert "Sign in" in text(client.get(reverse("login")))
    signed_in = {"username": curator.username, "password": cast.PASSWORD}
    client.post(reverse("login"), signed_in)
    assert '<html lang="de"' in text(client.get("/"))


def test_a_person_is_not_asked_the_language_of_another(client, german):
    client.force_login(cast.cataloguer())
    assert '<html lang="en-GB"' in text(client.get("/"))


@pytest.mark.parametrize("language", ["", "fr", "de-XX", '"><script>'])
def test_what_is_no_language_is_not_kept(client, curator, language):
    client.force_login(curator)
    client.post(reverse("archive:appearance"), {"language": language})
    assert preferences.language_of(curator) == ""
    assert '<html lang="en-GB"' in text(client.get("/"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("archive:desk", "Willkommen in Ihrem Archiv"),
        ("archive:collections", "Es gibt noch keine Sammlungen"),
        ("archive:ingest", "Fotografien übernehmen"),
        ("archive:terms", "Es gibt noch keine Schlagwörter"),
        ("colorizer:jobs", "Noch wurde kein Auftrag angefordert"),
        ("archive:collection_create", "Sammlung anlegen"),
    ],
)
def test_pages_speak_german(german, name, said):
    assert said in text(german.get(reverse(name)))


def test_what_was_done_and_refused_is_said_in_german(german):
    address = reverse("archive:collection_create")
    given = {"reference_code": "A-1", "title": "Familie Berg", "level": "fonds"}
    page = text(german.post(address, given, follow=True))
    assert "wurde angelegt" in page
    refused = german.post(reverse("archive:ingest_folder"), {"path": "/no/such"})
    assert "Eine neue Sammlung braucht einen Titel." in text(refused)
    twice = german.post(address, given)
    assert "already" not in text(twice)


def test_a_lost_address_is_told_in_german(german):
    assert "Unter dieser Adresse ist nichts" in text(german.get("/nowhere/"))


def test_programs_are_answered_in_english(german):
    answer = german.get("/api/photographs/999999/", **GERMAN)
    assert answer.status_code == 404
    assert answer.headers["Content-Language"] == settings.LANGUAGE_CODE
    assert answer.json()["detail"] == "There is nothing at this address."


def test_events_are_kept_in_english(german, curator):
    collection = catalogue.collection()
    address = reverse("archive:collection_restrict", args=[collection.pk])
    german.post(address, {"restriction": Policy.SENSITIVE.value, "value": "set"})
    event = Event.objects.latest("id")
    assert event.action == "restricted"
    assert Policy.SENSITIVE.value in event.changes


def test_the_scripts_have_their_words(client):
    german = client.get(reverse("archive:script_words", args=["de"]))
    assert german.headers["Content-Type"].startswith("text/javascript")
    assert "Verschieben" in text(german)
    english = client.get(reverse("archive:script_words", args=["en-gb"]))
    assert "Verschieben" not in text(english)
    assert client.get("/words/fr.js").status_code == 404


def test_durations_and_numbers_are_german():
    with translation.override("de"):
        assert in_words(dt.timedelta(minutes=3)) == "etwa 3 Minuten"
        assert roughly(dt.timedelta(days=3)) == "etwa 3 Tage"
        assert seconds(1.26) == "1,3 s"


def test_a_machines_word_is_shown_in_german_and_kept_in_english():
    machines = Term(label="bicycle", vocabulary=MACHINE_VOCABULARY)
    own = Term(label="bicycle", vocabulary="local")
    with translation.override("de"):
        assert term_label(machines) == "Fahrrad"
        assert term_label(own) == "bicycle"
    assert machines.label == "bicycle"
    assert term_label(machines) == "bicycle"


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("There is no picture in this folder.", "In diesem Ordner ist kein Bild."),
        (
            "The file has 1,234,567 bytes; the limit is 1,000.",
            "Die Datei hat 1.234.567 Bytes; die Grenze ist 1.000.",
        ),
        (
            "It has 3 pages; the first is shown. It looks like A-7.",
            "Sie hat 3 Seiten; die erste wird gezeigt. Sie ähnelt A-7.",
        ),
        (
            "This is a GIF, which the archive does not take; save it as TIFF or PNG.",
            (
                "Dies ist ein GIF; das nimmt das Archiv nicht an. "
                "Speichern Sie das Bild als TIFF oder PNG."
            ),
        ),
        (
            "scans.csv: no file for rows 2, 5.\nother.csv: row 3 is odd.",
            "scans.csv: ohne Datei: Zeilen 2, 5.\nother.csv: row 3 is odd.",
        ),
        ("Row 3: Row 2 has the same code.", "Zeile 3: Zeile 2 hat dieselbe Signatur."),
        (
            "Changed by someone else since, and left alone: title, place.",
            "Seither von jemand anderem geändert und so belassen: Titel, Ort.",
        ),
        ("Accepted “dog, steam locomotive”", "„Hund, Dampflokomotive“ angenommen"),
        ("Accepted 5 suggestions from 70% on", "5 Vorschläge ab 70% angenommen"),
        (
            "navy blue #232d47 at 12.0 % from the left, 3.0 % from the top",
            "Marineblau #232d47 bei 12.0 % von links, 3.0 % von oben",
        ),
        (
            "Batch 7: Undo of batch 3: place: cleared; title: “a; b” appended",
            "Stapel 7: Rücknahme von Stapel 3: Ort: geleert; Titel: „a; b“ angehängt",
        ),
        (
            "place: set to “Linz”; Do not tag: set",
            "Ort: auf „Linz“ gesetzt; Nicht verschlagworten: gesetzt",
        ),
        ("From embedded metadata.", "Quelle: eingebettete Metadaten."),
        ("From old list.csv.", "Quelle: old list.csv."),
        ("From Anna.", "From Anna."),
        ("Something nobody knows.", "Something nobody knows."),
        ("", ""),
    ],
)
def test_stored_sentences_are_shown_in_german(kept, shown):
    with translation.override("de"):
        assert sentences.translated(kept) == shown
    assert sentences.translated(kept) == kept


@pytest.fixture
def boat(curator):
    """A photograph with a machine's word that a person accepted."""
    photograph = catalogue.photograph(title="Am Ufer")
    word = catalogue.term("boat", vocabulary=MACHINE_VOCABULARY)
    Assignment.objects.create(photograph=photograph, term=word, assigned_by=curator)
    return photograph


@pytest.mark.parametrize("words", ["Boot", "boot ufer", "Boo*", '"boot"'])
def test_a_german_word_finds_what_bears_the_machines(german, boat, words):
    found = text(german.get(reverse("archive:search"), {"words": words}))
    assert boat.reference_code in found


def test_what_is_not_meant_is_left_out_by_its_german_word_too(german, boat):
    found = text(german.get(reverse("archive:search"), {"words": "ufer -boot"}))
    assert boat.reference_code not in found
    found = text(german.get(reverse("archive:search"), {"words": "ufer -hut"}))
    assert boat.reference_code in found


def test_a_german_word_is_the_machines_in_german_alone(client, curator, boat):
    client.force_login(curator)
    found = text(client.get(reverse("archive:search"), {"words": "Boot"}))
    assert boat.reference_code not in found
    assert sentences.meant("Boot") == ()


def test_a_german_term_narrows_and_is_offered(german, boat):
    found = text(german.get(reverse("archive:search"), {"term": "Boot"}))
    assert boat.reference_code in found
    choices = text(german.get(reverse("archive:term_choices"), {"label": "boo"}))
    assert 'data-label="boat"' in choices
    assert "<span>Boot</span>" in choices
    assert "Boot" in text(german.get(reverse("archive:terms"), {"words": "boot"}))


def test_all_that_match_are_the_same_for_a_worker_that_speaks_english(boat):
    with translation.override("de"):
        meant = Selection(everything=True, matching="words=Boot", language="de")
    kept = Selection.from_json(meant.as_json())
    assert kept.primary_keys() == [boat.pk]
    assert Selection(everything=True, matching="words=Boot").count() == 0


def test_a_batch_is_kept_in_english_and_told_in_german(german, curator, boat):
    asked = Operations(texts={"place": TextChange("set", "Linz")})
    with translation.override("de"):
        batch = batches.propose_edit(Selection(keys=(boat.pk,)), asked, by=curator)
    assert batch.title == "place: set to “Linz”"
    page = text(german.get(batch.get_absolute_url()))
    assert "Ort: auf „Linz“ gesetzt" in page
    german.post(reverse("archive:batch_apply", args=[batch.pk]))
    german.post(reverse("archive:batch_undo", args=[batch.pk]))
    undoing = Batch.objects.get(reverts=batch)
    assert undoing.title == f"Undo of batch {batch.pk}: place: set to “Linz”"
    listed = text(german.get(reverse("archive:batches")))
    assert f"Rücknahme von Stapel {batch.pk}: Ort: auf „Linz“ gesetzt" in listed


def test_why_a_row_is_refused_is_kept_in_english_and_told_in_german(german):
    with translation.override("de"):
        file = SimpleUploadedFile("a.csv", b"reference_code,rights\nX,no such\n")
        address = reverse("archive:import")
        page = text(german.post(address, {"file": file}, follow=True))
    assert "Import von a.csv" in page
    assert "Zeile 2, „rights“: „no such“ ist kein bekannter Rechtehinweis." in page
    batch = Batch.objects.get()
    assert batch.title == "Import of a.csv"
    assert "is no known rights statement" in batch.items.get().reason


def test_decisions_taken_together_are_kept_in_english(german):
    photographs = [catalogue.photograph(code) for code in ("A-1", "A-2")]
    word = catalogue.term("dog", vocabulary=MACHINE_VOCABULARY)
    waiting = [
        Suggestion.objects.create(
            photograph=one,
            term=word,
            score=0.9,
            model_name="lite0",
            suggested_at=timezone.now(),
        )
        for one in photographs
    ]
    german.post(
        reverse("archive:review_together"),
        {
            "at": photographs[0].pk,
            "kind": "suggestion",
            "decision": ReviewState.ACCEPTED,
            "each": [one.pk for one in waiting],
            "queue": "",
        },
    )
    assert ReviewBatch.objects.get().words == "Accepted “dog”"
    page = text(german.get(reverse("archive:review_batch")))
    assert "„Hund“ angenommen" in page
    assert "„Hund“ angenommen auf 2 Fotografien" in text(
        german.get(reverse("archive:review"))
    )


def test_the_machines_words_stand_in_the_alphabet_of_the_language(client, curator):
    for label in ("dog", "cat"):
        word = catalogue.term(label, vocabulary=MACHINE_VOCABULARY)
        MachineWord.objects.create(term=word)
    client.force_login(curator)
    address = reverse("archive:machine_words")

    def words():
        rows = re.findall(r'<th scope="row">\s*(\w+)', text(client.get(address)))
        return [word for word in rows if word in {"cat", "dog", "Hund", "Katze"}]

    assert words() == ["cat", "dog"]
    client.post(reverse("archive:appearance"), {"language": "de"})
    assert words() == ["Hund", "Katze"]


def test_the_story_is_told_in_german_and_what_people_wrote_stays(german, boat):
    address = reverse("archive:photograph_describe", args=[boat.pk])
    german.post(
        address,
        {
            "revision": boat.revision,
            "reference_code": boat.reference_code,
            "title": "Published",
            "initial-title": boat.title,
        },
    )
    boat = Photograph.objects.get(pk=boat.pk)
    with translation.override("de"):
        (entry,), _more = story.told(boat)
    assert entry.deed == "änderte die Verzeichnung"
    assert [(c.field, c.after) for c in entry.changes] == [("Titel", "Published")]
    page = text(german.get(boat.get_absolute_url()))
    assert "Neuestes zuerst" in page
    assert "<span>Boot</span>" in page
