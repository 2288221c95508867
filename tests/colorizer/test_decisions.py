"""What decisions say about labels, and the folder that training reads."""

import csv
import hashlib
import io
import json
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from PIL import Image

from archive import describing, policy, review
from archive.models import Collection, MasterFile, Photograph, Suggestion, Term
from archive.vocabularies import Policy
from colorizer.decisions import export, meaning
from colorizer.tagging import VOCABULARY
from colorizer.vocabularies import Verdict
from tests import catalogue
from tests.cast import curator as another_curator

pytestmark = pytest.mark.django_db
LABELS = ["boat", "dog", "sea"]


def term(label: str, vocabulary: str = VOCABULARY) -> Term:
    return describing.create_term(label, vocabulary=vocabulary)


def suggest(photograph: Photograph, **scores: float) -> dict[str, Suggestion]:
    review.record_suggestions(
        photograph,
        {term(label): score for label, score in scores.items()},
        model=catalogue.MODEL,
        result_id=None,
        at=timezone.now(),
    )
    return {each.term.label: each for each in photograph.suggestions.all()}


def said(photograph: Photograph) -> dict[str, meaning.Decision]:
    found = meaning.decisions([photograph.pk], meaning.labels_of_terms(LABELS))
    return found.get(photograph.pk, {})


def verdicts(photograph: Photograph) -> dict[str, Verdict]:
    return {label: decision.verdict for label, decision in said(photograph).items()}


class TestMeaning:
    def test_accepted_and_rejected_are_decisions_and_what_waits_is_not(
        self, photograph: Photograph, curator: Any
    ) -> None:
        suggested = suggest(photograph, boat=0.9, dog=0.7, sea=0.6)
        review.accept_suggestion(suggested["boat"], by=curator)
        review.reject_suggestion(suggested["dog"], by=curator)
        assert verdicts(photograph) == {
            "boat": Verdict.ACCEPTED,
            "dog": Verdict.REJECTED,
        }
        boat = said(photograph)["boat"]
        assert (boat.present, boat.by, boat.score) == (True, "curator", 0.9)
        assert boat.model == catalogue.MODEL
        assert not said(photograph)["dog"].present

    def test_what_was_undone_or_superseded_is_unknown_again(
        self, photograph: Photograph, curator: Any
    ) -> None:
        suggested = suggest(photograph, boat=0.9, dog=0.7)
        review.accept_suggestion(suggested["boat"], by=curator)
        review.undo_suggestion(suggested["boat"], by=curator)
        suggest(photograph, sea=0.8)  # boat and dog are superseded
        assert verdicts(photograph) == {}

    def test_what_was_accepted_and_taken_off_is_absent(
        self, photograph: Photograph, curator: Any
    ) -> None:
        boat = suggest(photograph, boat=0.9)["boat"]
        review.accept_suggestion(boat, by=curator)
        describing.remove_term(photograph, boat.term, by=curator)
        assert verdicts(photograph) == {"boat": Verdict.REJECTED}

    def test_what_was_put_on_by_hand_and_taken_off_says_nothing(
        self, photograph: Photograph, curator: Any
    ) -> None:
        describing.assign_term(photograph, term("sea"), by=curator)
        assert verdicts(photograph) == {"sea": Verdict.ASSIGNED}
        describing.remove_term(photograph, term("sea"), by=curator)
        assert verdicts(photograph) == {}

    def test_the_record_wins_over_an_earlier_rejection(
        self, photograph: Photograph, curator: Any
    ) -> None:
        boat = suggest(photograph, boat=0.9)["boat"]
        review.reject_suggestion(boat, by=curator)
        describing.assign_term(photograph, boat.term, by=curator)
        decision = said(photograph)["boat"]
        assert decision.verdict == Verdict.ASSIGNED
        assert decision.model == catalogue.MODEL

    def test_assigning_what_waits_accepts_it(
        self, photograph: Photograph, curator: Any
    ) -> None:
        boat = suggest(photograph, boat=0.9)["boat"]
        describing.assign_term(photograph, boat.term, by=curator)
        assert verdicts(photograph) == {"boat": Verdict.ACCEPTED}

    def test_a_rejection_with_another_term_instead_is_a_correction(
        self, photograph: Photograph, curator: Any
    ) -> None:
        dog = suggest(photograph, dog=0.7)["dog"]
        review.reject_suggestion(dog, by=curator)
        describing.assign_term(
            photograph, term("wolf", "local"), by=another_curator("x")
        )
        assert verdicts(photograph) == {"dog": Verdict.REJECTED}  # someone else's
        describing.assign_term(photograph, term("fox", "local"), by=curator)
        decision = said(photograph)["dog"]
        assert decision.verdict == Verdict.CORRECTED
        assert decision.instead == ("fox",)
        assert not decision.present

    def test_a_term_of_another_vocabulary_stands_for_the_label_of_its_name(
        self, photograph: Photograph, curator: Any
    ) -> None:
        describing.assign_term(photograph, term("Dog", "local"), by=curator)
        own = catalogue.term("fishing vessel", "boat", vocabulary="local")
        describing.assign_term(photograph, own, by=curator)  # a synonym is not enough
        assert verdicts(photograph) == {"dog": Verdict.ASSIGNED}

    def test_a_renamed_term_of_the_models_is_known_by_its_synonym(
        self, photograph: Photograph, curator: Any
    ) -> None:
        renamed = catalogue.term("vessel", "boat", vocabulary=VOCABULARY)
        describing.assign_term(photograph, renamed, by=curator)
        assert verdicts(photograph) == {"boat": Verdict.ASSIGNED}


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "decisions.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def run(folder: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command("export_decisions", str(folder), stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def four(
    photographs: Callable[[int], list[Photograph]], curator: Any
) -> list[Photograph]:
    """Return photographs: boat accepted, dog rejected, nothing decided, sea by hand."""
    accepted, rejected, waiting, by_hand = photographs(4)
    review.accept_suggestion(suggest(accepted, boat=0.9)["boat"], by=curator)
    review.reject_suggestion(suggest(rejected, dog=0.7, sea=0.6)["dog"], by=curator)
    suggest(waiting, boat=0.9)
    describing.assign_term(by_hand, term("sea"), by=curator)
    return [accepted, rejected, waiting, by_hand]


class TestExport:
    def test_it_writes_decisions_and_the_pictures_that_a_model_sees(
        self, four: list[Photograph], tmp_path: Path
    ) -> None:
        said = run(tmp_path / "export")
        rows = table(tmp_path / "export")
        assert [
            (row["reference_code"], row["label"], row["decision"], row["present"])
            for row in rows
        ] == [
            ("GB1/0001", "boat", "accepted", "1"),
            ("GB1/0002", "dog", "rejected", "0"),
            ("GB1/0004", "sea", "assigned", "1"),
        ]
        assert rows[0]["model_name"] == "drawn-tagger"
        assert (rows[0]["score"], rows[2]["score"]) == ("0.9000", "")
        assert rows[0]["decided_by"] == "curator"
        for row, photograph in zip(rows, [four[0], four[1], four[3]], strict=True):
            assert row["master_sha256"] == photograph.recto.sha256
            path = tmp_path / "export" / "pictures" / f"{row['master_sha256']}.png"
            content = path.read_bytes()
            assert hashlib.sha256(content).hexdigest() == row["picture_sha256"]
            with Image.open(path) as small, Image.open(photograph.recto.path) as own:
                assert np.array_equal(np.asarray(small), np.asarray(own))
        assert "3 decisions on 3 photographs: 1 accepted, 1 rejected" in said
        note = json.loads((tmp_path / "export" / "decisions.json").read_text("utf-8"))
        content = (tmp_path / "export" / "decisions.csv").read_bytes()
        assert note["table_sha256"] == hashlib.sha256(content).hexdigest()
        assert (note["format"], note["version"]) == ("autochrome-decisions", 1)

    def test_the_same_decisions_are_the_same_export(
        self, four: list[Photograph], tmp_path: Path
    ) -> None:
        run(tmp_path / "one")
        run(tmp_path / "two")
        names = ["decisions.csv", *(f"pictures/{p.name}" for p in pictures(tmp_path))]
        assert len(names) == 4
        for name in names:
            one, two = (tmp_path / folder / name for folder in ("one", "two"))
            assert one.read_bytes() == two.read_bytes()

    def test_large_pictures_become_256_pixels_long(
        self, db: None, data_dir: Path, tmp_path: Path, curator: Any
    ) -> None:
        from tests.colorizer import drawn

        path = drawn.scan(tmp_path, 1, (900, 600))
        taken = drawn.photograph(path, "GB1/1", catalogue.collection())
        describing.assign_term(taken, term("sea"), by=curator)
        run(tmp_path / "export")
        [made] = (tmp_path / "export" / "pictures").iterdir()
        with Image.open(made) as small:
            assert (small.size, small.mode) == ((256, 171), "L")

    @pytest.mark.parametrize("flag", [Policy.DO_NOT_TAG, Policy.SENSITIVE])
    def test_restricted_photographs_stay_at_home(
        self, four: list[Photograph], tmp_path: Path, curator: Any, flag: Policy
    ) -> None:
        policy.restrict(
            Photograph.objects.filter(pk=four[0].pk), flag, True, by=curator
        )
        said = run(tmp_path / "export")
        rows = table(tmp_path / "export")
        assert {row["reference_code"] for row in rows} == {"GB1/0002", "GB1/0004"}
        assert len(list((tmp_path / "export" / "pictures").iterdir())) == 2
        wanted = "1 that must" if flag == Policy.DO_NOT_TAG else " 1 sensitive"
        assert wanted in said
        assert "GB1/0001" not in said

    def test_an_inherited_restriction_counts(
        self, four: list[Photograph], tmp_path: Path, curator: Any
    ) -> None:
        policy.restrict_collection(
            Collection.objects.get(), Policy.SENSITIVE, True, by=curator
        )
        with pytest.raises(CommandError, match=r"all 3 photographs .* restricted"):
            run(tmp_path / "export")
        assert not list(tmp_path.glob("*export*"))

    def test_a_photograph_whose_master_is_lost_is_named(
        self, four: list[Photograph], tmp_path: Path
    ) -> None:
        path = four[0].recto.path
        path.chmod(0o644)
        path.unlink()
        said = run(tmp_path / "export")
        assert "GB1/0001 was left out" in said
        assert len(table(tmp_path / "export")) == 2

    def test_without_decisions_it_says_what_to_do(
        self, photograph: Photograph, tmp_path: Path
    ) -> None:
        suggest(photograph, boat=0.9)
        with pytest.raises(CommandError, match="Review some suggestions first"):
            run(tmp_path / "export")
        assert not list(tmp_path.glob("*export*"))

    def test_a_folder_with_something_in_it_is_not_touched(
        self, four: list[Photograph], tmp_path: Path
    ) -> None:
        run(tmp_path / "export")
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(CommandError, match="is not empty"):
            run(tmp_path / "export")
        assert sorted(tmp_path.rglob("*")) == before

    def test_an_interrupted_export_leaves_no_folder_and_is_made_again(
        self, four: list[Photograph], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = export.grey_picture
        calls: list[MasterFile] = []

        def interrupted(master: MasterFile) -> bytes:
            calls.append(master)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return made(master)

        monkeypatch.setattr(export, "grey_picture", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "export")
        assert not list(tmp_path.glob("*export*"))
        left = tmp_path / ".export.partial" / "pictures"  # as kill -9 would leave it
        left.mkdir(parents=True)
        (left / "half.png").write_bytes(b"half")
        run(tmp_path / "export")
        assert len(list((tmp_path / "export" / "pictures").iterdir())) == 3
        assert not left.exists()

    def test_a_full_disk_is_told_in_a_sentence(
        self, four: list[Photograph], tmp_path: Path
    ) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))
        try:
            with pytest.raises(CommandError, match="Make room or choose another"):
                run(tmp_path / "export")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert not list(tmp_path.glob("*export*"))

    def test_a_collection_is_exported_alone(
        self, four: list[Photograph], tmp_path: Path
    ) -> None:
        catalogue.collection("GB2")
        with pytest.raises(CommandError, match="nothing to export"):
            run(tmp_path / "export", collection="GB2")


def pictures(folder: Path) -> list[Path]:
    return sorted((folder / "one" / "pictures").iterdir())
