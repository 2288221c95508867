"""Measuring while learning, and stopping when it no longer helps."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.training.tiny import SOURCES, metrics, quiet, tiny, with_tuning
from training import export
from training.errors import EmptySplit
from training.pack import Pack
from training.pretrain import Pretraining
from training.validation import Patience, Validation


def validation(pack: Pack, *, hints: bool = False) -> Validation:
    return Validation(with_tuning(pack), SOURCES, 4, 32, 4, hints=hints)


def test_grey_and_truth_are_measured_as_what_they_are(pack: Pack) -> None:
    measured = validation(pack)
    grey, page = measured.measure(lambda g, _: torch.zeros(len(g), 2, 8, 8))
    assert grey["ratio_to_grey"] == pytest.approx(1.0)
    assert page.size == (4 * 8, 3 * 8)
    true = measured.lab[:, 1:]
    perfect, _ = measured.measure(lambda g, _: true[: len(g)])
    assert perfect["delta_e00"] < 1e-3
    assert perfect["ab_rmse"] == 0


def test_hints_are_measured_beside(pack: Pack) -> None:
    measured = validation(pack, hints=True)
    assert measured.hints is not None
    assert (measured.hints[:, 2].sum((1, 2)) >= 3).all()  # points may coincide
    true = measured.lab[:, 1:]
    figures, _ = measured.measure(
        lambda g, h: torch.zeros(len(g), 2, 8, 8) if h is None else true[: len(g)]
    )
    assert figures["delta_e00_hinted"] < 1e-3 < figures["delta_e00"]


def test_figures_and_sheets_are_kept(tmp_path: Path, pack: Pack) -> None:
    made = tiny(validate_every=2, hints=True)
    assert Pretraining(made, with_tuning(pack), tmp_path, quiet).run()
    found = metrics(tmp_path)
    assert [step for step, _ in found["validation/delta_e00"]] == [2, 4, 6]
    assert len(found["validation/delta_e00_hinted"]) == 3
    sheets = sorted(p.name for p in (tmp_path / "sheets").iterdir())
    assert sheets == ["0000002.png", "0000004.png", "0000006.png"]
    with Image.open(tmp_path / "sheets" / sheets[0]) as page:
        assert page.height == 3 * 8


def test_measuring_changes_nothing_that_is_learnt(tmp_path: Path, pack: Pack) -> None:
    pack = with_tuning(pack)
    states = []
    for name, every in (("seen", 1), ("unseen", 0)):
        run = Pretraining(tiny(validate_every=every), pack, tmp_path / name, quiet)
        assert run.run()
        states.append(run.network.state_dict())
    assert all(torch.equal(states[0][k], states[1][k]) for k in states[0])


def test_a_run_that_gets_worse_ends_with_its_best(tmp_path: Path, pack: Pack) -> None:
    made = tiny(steps=50, validate_every=1, patience=3)
    learning = Pretraining(made, with_tuning(pack), tmp_path, quiet)
    kept: list[dict[str, torch.Tensor]] = []

    def measure(_predict: object) -> tuple[dict[str, float], Image.Image]:
        kept.append({k: v.clone() for k, v in learning.average.state.items()})
        errors = [5.0, 3.0, 4.0, 4.0, 4.0]
        return {"delta_e00": errors[len(kept) - 1]}, Image.new("RGB", (1, 1))

    assert learning.validation is not None
    learning.validation.measure = measure  # type: ignore[method-assign]
    assert learning.run()
    assert learning.step == 5
    _, state = export.load_run(tmp_path)
    assert state["ended"]
    assert all(torch.equal(state["average"][k], kept[1][k]) for k in kept[1])
    again = Pretraining(made, with_tuning(pack), tmp_path, quiet)
    assert again.run()
    assert again.step == 5


def test_each_phase_has_its_own_best() -> None:
    patience = Patience(2)
    for value, phase in ((1.0, "reconstruct"), (3.0, "play"), (2.0, "play")):
        patience.see(value, phase, {"w": torch.tensor(value)})
    assert (patience.best, patience.weights["w"]) == (2.0, 2.0)
    patience.see(2.5, "play", {})
    assert not patience.exhausted
    patience.see(2.5, "play", {})
    assert patience.exhausted


def test_without_a_tuning_split_it_says_so(pack: Pack, tmp_path: Path) -> None:
    own = with_tuning(pack)
    own.entries = [e for e in own.entries if e.split != "tune"]
    with pytest.raises(EmptySplit, match="tune"):
        Pretraining(tiny(validate_every=1), own, tmp_path, quiet)


def test_validation_sees_no_picture_of_training(pack: Pack) -> None:
    own = with_tuning(pack)
    fit = {e.offset for e in own.select("fit", colour=True)}
    tune = {e.offset for e in own.select("tune", colour=True)}
    assert fit
    assert not fit & tune
    assert np.isfinite(validation(pack).grey_error)
