"""Recipes and packs so small that a test can wait for whole runs."""

from dataclasses import replace
from pathlib import Path

from training.pack import Pack
from training.recipes import Pretrain

SOURCES = {"voc": 1.0, "scenes": 1.0}
ENCODERS = {
    "residual_fpn": {"widths": [8, 8, 16, 16], "depths": [1, 1, 1, 1]},
    "vit_fpn": {"patch": 8, "width": 24, "depth": 2, "heads": 2},
    "paper_unet": {"levels": 6, "base": 4},
}


def tiny(generator: str = "residual_fpn", **changes: object) -> Pretrain:
    """Return a recipe of six quick steps."""
    plain = Pretrain(
        "tiny",
        steps=6,
        sources=SOURCES,
        track="S",
        generator=generator,
        encoder=ENCODERS[generator],
        backbone="none",
        batch=4,
        size=64 if generator == "paper_unet" else 32,
        widths=(8, 8, 8, 8),
        first_trained_block=0,
        rate=2e-3,
        encoder_rate=2e-3,
        warmup=1,
        keep_every=100,
        bins=False,
        discriminator_layers=1,
        discriminator_base=4,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def with_tuning(pack: Pack) -> Pack:
    """Return the pack with every third picture of `fit` in the tuning split."""
    own = Pack(pack.folder)
    chosen = [e for e in own.entries if e.split in {"fit", "tune"}]
    for place, entry in enumerate(chosen):
        entry.split = "tune" if place % 3 == 0 else "fit"
        entry.colour = True
    return own


def quiet(_line: str) -> None:
    """Say nothing."""


def metrics(run: Path) -> dict[str, list[tuple[int, float]]]:
    """Return the reported values of a run by name."""
    found: dict[str, list[tuple[int, float]]] = {}
    for line in (run / "metrics.csv").read_text("utf-8").splitlines()[1:]:
        step, name, value = line.split(",")
        found.setdefault(name, []).append((int(step), float(value)))
    return found
