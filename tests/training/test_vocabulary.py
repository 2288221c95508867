"""The wider vocabulary: table, evidence, calibration, commands, and a count by eye."""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.conftest import draw
from training import __main__, judging
from training.errors import DatasetMissing, EmptySplit, UnknownLabel
from training.metrics import calibration_error
from training.pack import Entry, Pack, prepare
from training.sources import LABELS
from training.starting import published_weights
from training.vocabulary import calibration, network
from training.vocabulary.evidence import evidence, truth_of
from training.vocabulary.terms import CLASSES, archive_terms

LOCOMOTIVE = "n04310018_steam_locomotive"


def entry(source: str, name: str) -> Entry:
    return Entry(source, f"{source}/{name}.jpg", "fit", True, 0, 1, 1)


# The table


def test_each_class_belongs_to_one_term_and_follows_the_wordnet_order() -> None:
    terms = archive_terms()
    classes = [each for term in terms for each in term.classes]
    assert 100 <= len(classes) <= 200
    assert len({each.place for each in classes}) == len(classes)
    assert all(0 <= each.place < CLASSES for each in classes)
    in_place = sorted(classes, key=lambda each: each.place)
    assert [c.wnid for c in in_place] == sorted(c.wnid for c in classes)


def test_the_terms_are_an_archives_own_and_not_those_of_the_other_tagger() -> None:
    labels = [term.label for term in archive_terms()]
    assert len(set(labels)) == len(labels)
    assert not set(labels) & set(LABELS)
    assert {"steam locomotive", "streetcar", "church", "cannon", "plow"} <= set(labels)


# What is known of pictures


def test_a_picture_shows_its_own_class_and_nothing_else() -> None:
    terms = archive_terms()
    column = {term.label: place for place, term in enumerate(terms)}
    truth = truth_of(
        [
            entry("varied", LOCOMOTIVE),
            entry("varied", "n01440764_tench"),
            entry("objects", "grand_piano__image_0001"),
        ],
        terms,
    )
    assert truth[0, column["steam locomotive"]] == 1
    assert (truth[0] == 1).sum() == 1
    assert not truth[1].any()
    assert truth[2, column["piano"]] == 1
    assert truth[2, column["church"]] == 0


# Calibration


def drawn_scores(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return log-odds that are too bold, of which the second term's cry out."""
    truth = (rng.random((4000, 3)) < 0.05).astype(np.int8)
    scores = 3 * truth - 2.5 + rng.normal(0, 1.5, truth.shape)
    scores[:, 1] += 3
    return scores * 2, truth


def test_probabilities_come_true_at_the_prevalence_that_is_assumed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calibration, "PREVALENCE", 0.05)
    scores, truth = drawn_scores(np.random.default_rng(1))
    fitted = calibration.calibrate(scores, truth)
    assert 0 < fitted.slope < 1
    assert fitted.offsets[1] < fitted.offsets[0] - 1
    assert calibration_error(fitted.probabilities(scores), truth) < 0.01


def test_a_term_with_many_pictures_is_not_preferred() -> None:
    truth = np.zeros((300, 2), np.int8)
    truth[:100, 0] = truth[0, 1] = 1
    weights = calibration.weights_of(truth)
    share = (weights * (truth == 1)).sum(0) / weights.sum(0)
    assert share == pytest.approx(calibration.PREVALENCE)
    truth[5, 1] = -1
    assert calibration.weights_of(truth)[5, 1] == 0
    truth[:, 0] = 0
    assert not calibration.weights_of(truth)[:, 0].any()


def test_no_picture_says_anything_about_its_own_probability() -> None:
    scores, truth = drawn_scores(np.random.default_rng(2))
    files = [f"{row}.jpg" for row in range(len(truth))]
    before = calibration.unseen_probabilities(scores, truth, files)
    changed = truth.copy()
    changed[7] = 1 - changed[7]
    after = calibration.unseen_probabilities(scores, changed, files)
    assert np.array_equal(before[7], after[7])
    assert not np.array_equal(before, after)


def test_the_threshold_is_the_lowest_that_is_precise_enough() -> None:
    rng = np.random.default_rng(3)
    chances = rng.random((60, 2)).round(3)
    truth = (rng.random((60, 2)) < chances).astype(np.int8)
    weights = calibration.weights_of(truth)

    def precision(at: float) -> float:
        share = weights * (chances >= at)
        return float((share * truth).sum() / share.sum())

    wanted = precision(0.9)
    found = calibration.threshold_for(chances, truth, wanted)
    naive = min(at for at in chances.ravel() if precision(at) >= wanted)
    assert found == naive


def test_what_cannot_be_reached_or_learnt_is_refused() -> None:
    nothing = np.zeros((4, 2), np.int8)
    with pytest.raises(EmptySplit, match="shows a term"):
        calibration.calibrate(np.zeros((4, 2)), nothing)
    with pytest.raises(EmptySplit, match="at no threshold"):
        calibration.threshold_for(np.ones((4, 2)) / 2, nothing)


# The network and the commands


def test_the_published_classifier_knows_grey_as_it_knew_colour() -> None:
    published = published_weights()
    made = network.term_classifier(published, [[820]])
    assert made.last.out_features == CLASSES
    assert torch.equal(made.last.weight, published["_fc.weight"])
    assert "stem.norm.weight" not in made.encoder.state_dict()
    assert made(torch.zeros(1, 1, 64, 64)).shape == (1, 1)


def command(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    """Run `python -m training` as it is typed."""
    monkeypatch.setattr(sys, "argv", ["training", *map(str, words)])
    return __main__.main()


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    root = tmp_path_factory.mktemp("few")
    for number, name in enumerate([LOCOMOTIVE, "n01440764_tench", "n03028079_church"]):
        draw(root / "varied" / f"{name}.jpg", number)
    return prepare(root, root / "pack", ["varied"])


def test_it_is_made_judged_and_counted(
    few: Pack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AUTOCHROME_CHECKPOINTS", "")
    # Any threshold is precise enough where nearly every picture shows every term.
    monkeypatch.setattr(calibration, "PREVALENCE", 0.999)
    where = ("--checkpoints", tmp_path)
    words = ("vocabulary", "--pack", few.folder, "--version", "0", *where)
    small = ("--working-size", "64", "--results", tmp_path)
    assert command(monkeypatch, *words, *small) == 0
    card = json.loads((tmp_path / "lite0-terms.json").read_text(encoding="utf-8"))
    assert card["labels"] == [term.label for term in archive_terms()]
    assert card["vocabulary"]["church"]["evidence_pictures"] == 1
    assert card["vocabulary"]["church"]["broader"] == "religious building"
    [rows] = card["figures"].values()
    assert {row["condition"] for row in rows} == {"grey", "aged"}
    table = (tmp_path / "lite0-terms.csv").read_text(encoding="utf-8")
    assert len(table.splitlines()) == 1 + len(rows)

    words = ("evaluate", "lite0-terms", "--data", tmp_path, "--pack", few.folder)
    assert command(monkeypatch, *words, *where) == 1
    assert "labels" in capsys.readouterr().err

    pictures, out = few.folder.parent / "varied", tmp_path / "judged"
    words = ("judge", "lite0-terms", pictures, out)
    assert command(monkeypatch, *words, *where) == 0
    assert (out / "sheet-1.png").is_file()
    judged = out / "suggestions.csv"
    told = ("--pictures-of", "three", "--by", "a test")
    words = ("count", "lite0-terms", judged, *told, *where)
    assert command(monkeypatch, *words) == 1
    judged.write_text(
        judged.read_text(encoding="utf-8").replace(",\n", ",yes\n"), encoding="utf-8"
    )
    assert command(monkeypatch, *words) == command(monkeypatch, *words) == 0
    card = json.loads((tmp_path / "lite0-terms.json").read_text(encoding="utf-8"))
    [counted] = card["figures"]["counted by eye"]
    assert (counted["precision"], counted["pictures"]) == (1.0, 3)


def test_a_pack_without_evidence_is_refused(pack: Pack) -> None:
    with pytest.raises(EmptySplit, match="varied"):
        evidence(pack)


# Judging


def test_what_a_person_filled_in_is_counted(tmp_path: Path) -> None:
    table = tmp_path / "suggestions.csv"
    rows = [
        ["a.jpg", "church", "0.9", "yes"],
        ["a.jpg", "umbrella", "0.7", "no"],
        ["b.jpg", "umbrella", "0.8", "yes"],
        ["c.jpg", "", "", ""],
    ]
    with table.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([judging.COLUMN_NAMES, *rows])
    counted = judging.count(table)
    assert (counted.pictures, counted.pictures_with_suggestions) == (3, 2)
    assert (counted.suggestions, counted.right) == (3, 2)
    assert counted.precision == 0.6667
    assert counted.mean_score == 0.8
    assert counted.terms == {"church": [1, 0], "umbrella": [1, 1]}


def test_a_table_that_is_not_filled_in_or_not_there_is_named(tmp_path: Path) -> None:
    table = tmp_path / "suggestions.csv"
    with pytest.raises(DatasetMissing, match=r"suggestions\.csv"):
        judging.count(table)
    table.write_text("file,term,score,right\na.jpg,church,0.9,\n", encoding="utf-8")
    with pytest.raises(UnknownLabel, match=r"a\.jpg, church"):
        judging.count(table)
    with pytest.raises(DatasetMissing, match="no pictures"):
        judging.read_pictures(tmp_path)
