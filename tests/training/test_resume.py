"""Every kind of run, stopped and gone on with, ends as one that never stopped."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.tiny import quiet, tiny, with_tuning
from training.pack import Pack
from training.pretrain import Pretraining
from training.recipes import Pretrain

GAME = {"adversarial": "bce", "discriminate_from": 0.3, "play_from": 0.6}
KINDS = {
    "bins": tiny(bins=True, aged_share=0.5, scratches=0.5, jpeg=0.5, turn=10.0),
    "game over bins": tiny(bins=True, **GAME),
    "unet with dropout and its game": tiny(
        "paper_unet",
        adversarial="least-squares",
        discriminate_from=0.0,
        play_from=0.0,
        steps=4,
    ),
    "transformer": tiny("vit_fpn"),
    "hints": tiny(hints=True, hinted_share=0.7),
    "in parts": tiny(accumulate=2, batch=2),
    "half precision": tiny(amp=True),
    "validated": tiny(validate_every=2, patience=2),
}


def equal(one: object, other: object) -> bool:
    """Say whether two states are the same to the last bit."""
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one, other)
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(equal(one[k], other[k]) for k in one)
        )
    if isinstance(one, list | tuple):
        return isinstance(other, list | tuple) and all(map(equal, one, other))
    return one == other


@pytest.mark.parametrize("made", KINDS.values(), ids=KINDS)
def test_it_ends_in_the_same_state(tmp_path: Path, pack: Pack, made: Pretrain) -> None:
    pack = with_tuning(pack)
    assert Pretraining(made, pack, tmp_path / "straight", quiet).run()
    stopped = Pretraining(made, pack, tmp_path / "stopped", quiet)
    learn = stopped.learn

    def learn_and_interrupt(rgb: torch.Tensor, drawn: np.ndarray) -> float:
        if stopped.step == made.steps // 2:
            os.kill(os.getpid(), signal.SIGINT)
        return learn(rgb, drawn)

    stopped.learn = learn_and_interrupt  # type: ignore[method-assign]
    assert not stopped.run()
    assert stopped.step == made.steps // 2 + 1
    assert Pretraining(made, pack, tmp_path / "stopped", quiet).run()
    states = [
        torch.load(tmp_path / name / "state.pt", weights_only=True)
        for name in ("straight", "stopped")
    ]
    assert states[0]["step"] == made.steps
    for key in states[0]:
        assert equal(states[0][key], states[1][key]), key
