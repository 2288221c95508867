"""A tagger learns from decisions, and keeps its word on what nobody decided."""

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from colorizer.vision import checkpoints
from colorizer.vision.inference import Tagger
from tests.training import decided
from training import __main__, own_tagger, recipes
from training.augment import luma, normalised
from training.decisions import Decisions, count, split_of
from training.errors import (
    CheckpointTaken,
    DecisionsUnsuitable,
    RecipeInvalid,
    RunMismatch,
)
from training.finetune import Finetuning, shared_weights, tagger_card
from training.losses.masked_bce import masked_bce, masked_bce_by_picture
from training.losses.rehearsal import rehearsal
from training.pack import Entry, Pack
from training.recipes.transfers import Finetune
from training.truth import truth_of

LABELS = checkpoints.card("lite2-tags").labels


def recipe(**changes: Any) -> Finetune:
    """Return a recipe that a test can wait for."""
    plain = Finetune(
        "own",
        steps=4,
        sources={"decisions": 1.0},
        batch=4,
        size=32,
        aged_share=0.0,
        warmup=1,
        average=0.9,
        least_decisions=10,
        keep_every=100,
    )
    return replace(plain, **changes)


def quiet(_line: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return decisions: upright stripes are a boat, level ones are none."""
    pictures = []
    for number in range(48):
        upright = number % 2 == 0
        said = {"boat": "accepted" if upright else "rejected"}
        if number == 0:
            said |= {"sea": "assigned", "church": "accepted"}
        pictures.append((decided.striped(number, upright=upright), said))
    return decided.write(tmp_path_factory.mktemp("decided") / "export", pictures)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, export: Path) -> Path:
    """Return the folder of a run of one step."""
    folder = tmp_path_factory.mktemp("run") / "run"
    decisions = Decisions(export, LABELS)
    Finetuning(recipe(steps=1), decisions, folder, quiet).run()
    return folder


class TestReading:
    def test_decisions_are_known_and_all_else_is_not(self, export: Path) -> None:
        found = Decisions(export, LABELS)
        assert (len(found.decided), count(found.decided)) == (48, 49)
        assert found.ignored == 1  # church is no label of this tagger
        truth = truth_of(found.decided, LABELS)
        assert (truth >= 0).sum() == 49
        assert (truth == 1).sum() == 25
        assert (truth[:, LABELS.index("dog")] == -1).all()

    def test_a_picture_has_three_equal_channels(self, export: Path) -> None:
        found = Decisions(export, LABELS)
        rgb = found.picture(found.decided[0])
        assert rgb.shape == (64, 64, 3)
        assert np.array_equal(rgb[..., 0], found.grey(found.decided[0]))
        assert np.array_equal(rgb[..., 0], rgb[..., 2])

    def test_splits_depend_on_the_master_alone(self, export: Path) -> None:
        found = Decisions(export, LABELS)
        assert all(entry.split == split_of(entry.file) for entry in found.decided)
        sizes = {s: len(found.of_split(s)) for s in ("fit", "tune", "held")}
        assert sum(sizes.values()) == 48
        assert min(sizes.values()) >= 5

    def test_near_duplicates_share_a_split(self, tmp_path: Path) -> None:
        same = decided.striped(1, upright=True)
        pictures = [(same, {"boat": "accepted"}) for _ in range(12)]
        found = Decisions(decided.write(tmp_path / "export", pictures), LABELS)
        assert len({entry.split for entry in found.decided}) == 1

    def test_another_folder_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(DecisionsUnsuitable, match="is no export of decisions"):
            Decisions(tmp_path, LABELS)

    def test_a_later_version_is_refused(self, tmp_path: Path) -> None:
        folder = decided.write(tmp_path / "export", [], version=2)
        with pytest.raises(DecisionsUnsuitable, match="version 2"):
            Decisions(folder, LABELS)

    def test_a_table_that_was_edited_is_refused(self, tmp_path: Path) -> None:
        picture = (decided.striped(1, upright=True), {"boat": "rejected"})
        folder = decided.write(tmp_path / "export", [picture])
        path = folder / "decisions.csv"
        path.write_text(path.read_text("utf-8").replace("rejected", "accepted"))
        with pytest.raises(DecisionsUnsuitable, match="was changed since"):
            Decisions(folder, LABELS)

    def test_a_picture_that_was_exchanged_is_refused(self, tmp_path: Path) -> None:
        picture = (decided.striped(1, upright=True), {"boat": "rejected"})
        folder = decided.write(tmp_path / "export", [picture])
        [path] = (folder / "pictures").iterdir()
        decided.striped(2, upright=True).save(path)
        with pytest.raises(DecisionsUnsuitable, match="not as it was exported"):
            Decisions(folder, LABELS)


class TestLosses:
    def test_rehearsal_is_nothing_where_nothing_changed(self) -> None:
        scores = torch.randn(4, 3, requires_grad=True)
        loss = rehearsal(scores, scores.detach(), torch.full((4, 3), -1))
        torch.autograd.backward(loss)
        assert abs(loss.item()) < 1e-6
        assert scores.grad is not None
        assert scores.grad.abs().max() < 1e-6

    def test_rehearsal_is_the_divergence_of_what_is_unknown_alone(self) -> None:
        scores, taught = torch.tensor([[1.0, 5.0]]), torch.tensor([[-1.0, -5.0]])
        truth = torch.tensor([[-1, 1]])
        new, old = torch.sigmoid(scores[0, 0]), torch.sigmoid(taught[0, 0])
        wanted = old * torch.log(old / new)
        wanted += (1 - old) * torch.log((1 - old) / (1 - new))
        assert torch.isclose(rehearsal(scores, taught, truth), wanted)

    def test_no_gradient_reaches_the_old_network(self) -> None:
        scores = torch.zeros(1, 2, requires_grad=True)
        taught = torch.ones(1, 2, requires_grad=True)
        torch.autograd.backward(rehearsal(scores, taught, torch.full((1, 2), -1)))
        assert taught.grad is None

    def test_every_picture_has_one_vote(self) -> None:
        scores = torch.tensor([[2.0, 2.0, 2.0], [3.0, 0.0, 0.0], [9.0, 9.0, 9.0]])
        truth = torch.tensor([[0, 0, 0], [1, -1, -1], [-1, -1, -1]])
        first, second = (
            masked_bce(scores[i : i + 1], truth[i : i + 1]) for i in (0, 1)
        )
        assert torch.isclose(masked_bce_by_picture(scores, truth), (first + second) / 2)


def test_sets_are_drawn_by_their_shares_and_rare_decisions_more_often() -> None:
    def entry(source: str, present: list[str], known: list[str]) -> Entry:
        return Entry(source, "f", "fit", False, 0, 1, 1, present, known)

    entries = [
        *[entry("decisions", ["boat"], ["boat"])] * 4,
        entry("decisions", [], ["boat"]),
        *[entry("voc", ["dog"], ["dog", "boat"])] * 20,
    ]
    weights = shared_weights(entries, {"decisions": 3.0, "voc": 1.0}, 0.5)
    assert weights[:5].sum() == pytest.approx(3.0)
    assert weights[5:].sum() == pytest.approx(1.0)
    assert weights[4] == pytest.approx(2 * weights[0])  # the only rejection


class TestRun:
    def test_it_learns_what_was_decided_and_keeps_the_rest(
        self, tmp_path: Path, export: Path
    ) -> None:
        decisions = Decisions(export, LABELS)
        learning = Finetuning(
            recipe(steps=30, batch=8, rate=1e-3, encoder_rate=1e-4, thaw_from=0.3),
            decisions,
            tmp_path / "run",
            quiet,
        )
        assert learning.run()
        path = own_tagger.export_own(
            tmp_path / "run", decisions, tmp_path / "mine", "own", "1"
        )
        card = json.loads(path.read_text(encoding="utf-8"))
        before, after, difference = card["figures"]["held-back decisions"]
        assert after["log_loss"] < before["log_loss"] - 1
        assert difference["log_loss_95"][1] < 0
        [drift] = card["figures"]["what nobody decided"]
        assert drift["mean_change"] < 0.05

    def test_without_rehearsal_it_forgets_more(
        self, tmp_path: Path, export: Path
    ) -> None:
        decisions = Decisions(export, LABELS)
        entries = decisions.of_split("held")
        rgb = np.stack([decisions.picture(entry) for entry in entries])
        grey = normalised(luma(torch.from_numpy(rgb).permute(0, 3, 1, 2).float()))
        unknown = truth_of(entries, LABELS) < 0
        drifts = []
        for rehearse in (0.0, 20.0):
            made = recipe(
                steps=12,
                rate=1e-3,
                encoder_rate=1e-3,
                thaw_from=0.0,
                dropout=0.0,
                rehearse=rehearse,
            )
            run = tmp_path / str(rehearse)
            learning = Finetuning(made, decisions, run, quiet)
            assert learning.run()
            with torch.no_grad():
                new, old = (
                    torch.sigmoid(network.eval()(grey))
                    for network in (learning.network, learning.taught)
                )
            drifts.append(float((new - old).abs()[torch.from_numpy(unknown)].mean()))
        assert drifts[1] < 0.7 * drifts[0]

    def test_a_resumed_run_ends_where_an_uninterrupted_one_does(
        self, tmp_path: Path, export: Path
    ) -> None:
        decisions = Decisions(export, LABELS)
        straight = Finetuning(recipe(), decisions, tmp_path / "straight", quiet)
        assert straight.run()
        stopped = Finetuning(recipe(), decisions, tmp_path / "stopped", quiet)
        learn = stopped.learn

        def learn_and_interrupt(rgb: torch.Tensor, drawn: np.ndarray) -> float:
            os.kill(os.getpid(), signal.SIGINT)
            return learn(rgb, drawn)

        stopped.learn = learn_and_interrupt  # type: ignore[method-assign]
        assert not stopped.run()
        resumed = Finetuning(recipe(), decisions, tmp_path / "stopped", quiet)
        assert resumed.step == 1
        assert resumed.run()
        ours, theirs = straight.average.state, resumed.average.state
        assert all(torch.equal(ours[key], theirs[key]) for key in ours)

    def test_a_pack_keeps_the_old_labels_alive(
        self, tmp_path: Path, export: Path, pack: Pack
    ) -> None:
        decisions = Decisions(export, LABELS, pack)
        mixed = recipe(steps=2, sources={"decisions": 2.0, "voc": 1.0, "scenes": 1.0})
        learning = Finetuning(mixed, decisions, tmp_path / "run", quiet)
        drawn = {entry.source for entry in learning.batches.entries}
        assert drawn == {"decisions", "voc", "scenes"}
        assert learning.run()
        path = own_tagger.export_own(
            tmp_path / "run", decisions, tmp_path / "mine", "own", "1"
        )
        card = json.loads(path.read_text(encoding="utf-8"))
        assert card["decisions"]["with_pack"] == pack.hash
        assert [row["method"] for row in card["figures"]["voc"]] == [
            f"lite2-tags {checkpoints.card('lite2-tags').version}",
            "own 1",
        ]

    def test_too_few_decisions_are_refused_with_how_many_are_needed(
        self, tmp_path: Path, export: Path
    ) -> None:
        with pytest.raises(DecisionsUnsuitable, match="Decide on 51 more"):
            Finetuning(
                recipe(least_decisions=100),
                Decisions(export, LABELS),
                tmp_path / "run",
                quiet,
            )
        assert not (tmp_path / "run").exists()

    def test_only_a_transferred_tagger_learns_from_decisions(self) -> None:
        with pytest.raises(RecipeInvalid, match="term_classifier"):
            tagger_card("lite0-terms")
        with pytest.raises(RecipeInvalid, match="fpn_generator"):
            tagger_card("lite0-fpn")


class TestExport:
    def test_the_card_says_what_it_learnt_from_and_loads(
        self,
        tmp_path: Path,
        run: Path,
        export: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        mine = tmp_path / "mine"
        decisions = Decisions(export, LABELS)
        own_tagger.export_own(run, decisions, mine, "own-tags", "1.1")
        monkeypatch.setenv("AUTOCHROME_CHECKPOINTS", str(mine))
        card = Tagger("own-tags").card
        start = checkpoints.card("lite2-tags")
        assert card.version == "1.1"
        assert card.labels == start.labels
        assert card.text["start_from"]["sha256"] == start.sha256
        told = card.text["decisions"]
        assert told["export"] == decisions.table_sha256
        assert told["verdicts"] == {"accepted": 24, "rejected": 24, "assigned": 1}
        assert told["on_other_labels"] == 1
        assert sum(told["splits"].values()) == 49
        assert any("Pascal VOC" in row["terms"] for row in card.text["data"])
        assert not [path for path in mine.iterdir() if path.name.startswith(".")]

    @pytest.mark.parametrize("name", ["own-tags", "lite2-tags"])
    def test_it_never_takes_the_place_of_another(
        self, tmp_path: Path, run: Path, export: Path, name: str
    ) -> None:
        mine, decisions = tmp_path / "mine", Decisions(export, LABELS)
        own_tagger.export_own(run, decisions, mine, "own-tags", "1")
        before = {path: path.read_bytes() for path in mine.iterdir()}
        with pytest.raises(CheckpointTaken, match=f"such as {name}-2"):
            own_tagger.export_own(run, decisions, mine, name, "2")
        assert {path: path.read_bytes() for path in mine.iterdir()} == before

    def test_other_decisions_than_those_of_the_run_are_refused(
        self, tmp_path: Path, run: Path
    ) -> None:
        picture = (decided.striped(1, upright=True), {"boat": "rejected"})
        other = Decisions(decided.write(tmp_path / "other", [picture]), LABELS)
        with pytest.raises(RunMismatch, match="other decisions"):
            own_tagger.export_own(run, other, tmp_path / "mine", "own", "1")


class TestTuning:
    @pytest.mark.parametrize(
        ("chances", "actual", "limit"),
        [
            ([0.4, 0.6, 0.8], [1, 1, 1], 0.3),  # right often enough as it is
            ([0.4, 0.6, 0.8], [0, 0, 1], 0.8),
            ([0.4, 0.6, 0.8], [1, 0, 0], 0.9),  # never: as high as thresholds go
            ([0.1, 0.2, 0.1], [0, 0, 0], 0.3),  # nothing would be suggested
        ],
    )
    def test_thresholds_only_rise(
        self, chances: list[float], actual: list[int], limit: float
    ) -> None:
        found = own_tagger._raised(0.3, np.array(chances), np.array(actual, np.int8))
        assert found == pytest.approx(limit)

    def test_soft_targets_that_fit_already_change_nothing(self) -> None:
        scores = np.linspace(-4, 4, 400)
        target = 1 / (1 + np.exp(-(1.5 * scores - 0.5)))
        slope, offset = own_tagger._platt(scores, target)
        assert (slope, offset) == pytest.approx((1.5, -0.5), abs=0.05)


def test_the_shipped_recipe_is_one() -> None:
    found = recipes.load(Path("own-tags"), Finetune)
    assert found.start_from == "lite2-tags"
    assert found.sources["decisions"] > 0


def test_the_command_line_goes_from_decisions_to_a_checkpoint(
    tmp_path: Path,
    export: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    quick = tmp_path / "quick.toml"
    quick.write_text(
        'name = "quick"\nsteps = 1\nbatch = 2\nsize = 32\nleast_decisions = 10\n'
        "[sources]\ndecisions = 1.0\nvoc = 1.0\n",
        encoding="utf-8",
    )

    def training(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["training", "--threads", "1", *words])
        return __main__.main()

    monkeypatch.setenv("AUTOCHROME_CHECKPOINTS", str(tmp_path / "mine"))
    run, decisions = str(tmp_path / "run"), ("--decisions", str(export))
    assert training("transfer", "own-tags", "--run", run) == 1
    assert "--decisions" in capsys.readouterr().err
    assert training("transfer", str(quick), *decisions, "--run", run) == 0
    assert training("export", run, "--version", "1") == 1
    assert "learnt from: --decisions" in capsys.readouterr().err
    assert training("export", run, *decisions, "--version", "1") == 0
    assert "held-back decisions" in capsys.readouterr().out
    assert (tmp_path / "mine" / "quick.json").is_file()
    monkeypatch.delenv("AUTOCHROME_CHECKPOINTS")
    assert training("export", run, *decisions, "--version", "1") == 1
    assert "a folder of your own" in capsys.readouterr().err
