"""A run folder: what was run, on what, how far it came, and how to go on.

``run.json`` says seed, commit, recipe, data hash and environment; ``metrics.csv`` has
one row a report; ``state.pt`` is enough to go on exactly where it stopped.
"""

from __future__ import annotations

import csv
import json
import platform
import signal
import subprocess
import time
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch

from training.errors import RunMismatch
from training.recipes import Recipe


class Run:
    """A training run's folder.

    Args:
        folder: Made if it is not there.
        recipe: What is run.
        data_hash: The pack's hash.
    """

    def __init__(self, folder: Path, recipe: Recipe, data_hash: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.described = {
            "recipe": json.loads(json.dumps(asdict(recipe))),
            "data_hash": data_hash,
            "commit": commit(),
            "environment": {
                "python": platform.python_version(),
                "torch": torch.__version__,
                "numpy": np.__version__,
                "machine": platform.machine(),
                "threads": torch.get_num_threads(),
            },
        }
        # What a recipe did not say before it could be said was the default.
        self.defaults = json.loads(
            json.dumps(asdict(type(recipe)(recipe.name, recipe.steps, recipe.sources)))
        )
        description = folder / "run.json"
        if description.is_file():
            before = json.loads(description.read_text(encoding="utf-8"))
            self._compare(before)
            if before["commit"] != self.described["commit"]:
                self.described["commit"] = f"{before['commit']}, {commit()}"
        write_text(description, json.dumps(self.described, indent=2) + "\n")

    def _compare(self, before: dict[str, Any]) -> None:
        # The number of steps may change: the schedule goes on at its new share.
        for key in ("recipe", "data_hash"):
            old, new = before[key], self.described[key]
            if key == "recipe":
                old = {**self.defaults, **old, "steps": 0}
                new = {**new, "steps": 0}
            if old != new:
                raise RunMismatch(
                    f"{self.folder} was made with another {key.replace('_', ' ')}: "
                    "name another run folder, or the same recipe and pack."
                )

    @property
    def state_file(self) -> Path:
        """Where the resumable state lies."""
        return self.folder / "state.pt"

    def state(self) -> dict[str, Any] | None:
        """Return the last saved state, or None for a fresh run."""
        if not self.state_file.is_file():
            return None
        loaded: dict[str, Any] = torch.load(self.state_file, weights_only=True)
        return loaded

    def save(self, state: dict[str, Any]) -> None:
        """Save the state: it is the old one or the new one, never half of one."""
        partial = self.state_file.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.state_file)

    def report(self, step: int, **values: float) -> None:
        """Append a row to ``metrics.csv``."""
        path = self.folder / "metrics.csv"
        fresh = not path.is_file()
        with path.open("a", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            if fresh:
                writer.writerow(["step", *values])
            writer.writerow([step, *(f"{v:.5g}" for v in values.values())])


class Progress:
    """A line with the rate and the time left."""

    def __init__(self, step: int, steps: int, batch: int) -> None:
        self.first, self.steps, self.batch = step, steps, batch
        self.began = time.monotonic()

    def line(self, step: int, **values: float) -> str:
        """Return the line at ``step``."""
        each = (time.monotonic() - self.began) / max(1, step - self.first)
        left = each * (self.steps - step)
        shown = " ".join(f"{name} {value:.4f}" for name, value in values.items())
        return (
            f"step {step}/{self.steps} {shown} · {self.batch / max(each, 1e-9):.1f} "
            f"pictures/s · {int(left // 60)} min {int(left % 60)} s left"
        )


class Interruption:
    """Lets Ctrl-C and SIGTERM end a run after the present step."""

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> Interruption:
        """Listen."""
        self._before = {
            s: signal.signal(s, self._ask) for s in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        for number, before in self._before.items():
            signal.signal(number, before)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def commit() -> str:
    """Return the commit of the code, with a plus where it was changed since."""
    here = Path(__file__).parent
    try:
        head = _git("rev-parse", "--short=12", "HEAD", cwd=here)
        changed = _git("status", "--porcelain", "-uno", "--", str(here), cwd=here)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head + ("+" if changed else "")


def _git(*words: str, cwd: Path) -> str:
    done = subprocess.run(  # noqa: S603
        ["git", *words],  # noqa: S607
        cwd=cwd,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()
