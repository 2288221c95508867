"""A run folder: what was run, on what, how far it came, and how to go on.

``run.json`` says seed, commit, recipe, data hash and environment; ``metrics.csv`` has
one row a value: step, name, value; ``sheets`` has pictures and ``board`` the same for
TensorBoard; ``state.pt`` is enough to go on exactly where it stopped.
"""

from __future__ import annotations

import csv
import io
import json
import os
import platform
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from PIL import Image

from training.board import Board
from training.errors import RunMismatch, RunNotSaved
from training.processes import Place
from training.recipes import Recipe

PACKAGES = ("torch", "numpy", "pillow", "scikit-image", "safetensors")
METRICS = ("step", "name", "value")


class Run:
    """A training run's folder.

    Args:
        folder: Made if it is not there.
        recipe: What is run.
        data_hash: The pack's hash.
        place: Of this process; only the first writes.

    Raises:
        RunMismatch: The folder holds a run of another recipe or of other data.
        RunNotSaved: It cannot be written.
    """

    def __init__(
        self, folder: Path, recipe: Recipe, data_hash: str, place: Place | None = None
    ) -> None:
        self.folder, self.place = folder, place or Place()
        self.writes = self.place.number == 0
        self.board: Board | None = None
        self.described = {
            "recipe": _plain(recipe),
            "data_hash": data_hash,
            "commit": commit(),
            "environment": environment(self.place),
        }
        # What a recipe did not say before it could be said was the default.
        self.defaults = _plain(type(recipe)(recipe.name, recipe.steps, recipe.sources))
        description = folder / "run.json"
        if description.is_file():
            before: dict[str, Any] = json.loads(description.read_text(encoding="utf-8"))
            self._compare(before)
            if before["commit"] != self.described["commit"]:
                self.described["commit"] = f"{before['commit']}, {commit()}"
        if self.writes:
            with self.saving():
                folder.mkdir(parents=True, exist_ok=True)
                write_text(description, json.dumps(self.described, indent=2) + "\n")

    def _compare(self, before: dict[str, Any]) -> None:
        # The number of steps may change: the schedule goes on at its new share.
        for key in ("recipe", "data_hash"):
            old: Any = before[key]
            new: Any = self.described[key]
            if key == "recipe":
                old = {**self.defaults, **old, "steps": 0}
                new = {**new, "steps": 0}
            if old != new:
                raise RunMismatch(
                    f"{self.folder} was made with another {key.replace('_', ' ')}: "
                    "name another run folder, or the same recipe and pack."
                )

    @contextmanager
    def saving(self) -> Iterator[None]:
        """Turn what the system says against writing into a sentence.

        Raises:
            RunNotSaved: The disk is full, say.
        """
        try:
            yield
        except OSError as error:
            raise RunNotSaved(
                f"{self.folder} cannot be written: {error.strerror or error}. What was "
                "saved before is whole: make room and run the same command to go on."
            ) from error

    @property
    def state_file(self) -> Path:
        """Where the resumable state lies."""
        return self.folder / "state.pt"

    def state(self) -> dict[str, Any] | None:
        """Return the last saved state, or None for a fresh run."""
        if not self.state_file.is_file():
            return None
        loaded: dict[str, Any] = torch.load(
            self.state_file, map_location="cpu", weights_only=True
        )
        return loaded

    def open(self, step: int) -> None:
        """Begin to report from a step on; later rows of a run that died are dropped."""
        if not self.writes:
            return
        path = self.folder / "metrics.csv"
        with self.saving():
            if path.is_file():
                with path.open(newline="", encoding="utf-8") as lines:
                    rows = [r for r in csv.reader(lines) if r[0].isdigit()]
                kept = [r for r in rows if int(r[0]) <= step]
                out = io.StringIO()
                csv.writer(out, lineterminator="\n").writerows([METRICS, *kept])
                write_text(path, out.getvalue())
            self.board = Board(self.folder, step)

    def close(self) -> None:
        """Finish what :meth:`open` began."""
        if self.board is not None:
            self.board.close()

    def save(self, state: dict[str, Any]) -> None:
        """Save the state: it is the old one or the new one, never half of one.

        Raises:
            RunNotSaved: There is no room for it; the old one is still there.
        """
        if not self.writes:
            return
        # Through memory: torch's own writer does not say why it could not write.
        content = io.BytesIO()
        torch.save(state, content)
        with self.saving():
            write_bytes(self.state_file, content.getbuffer())

    def report(self, step: int, **values: float) -> None:
        """Append a row a value to ``metrics.csv``, and tell the board."""
        if not self.writes:
            return
        with self.saving():
            path = self.folder / "metrics.csv"
            rows = [(step, name, f"{value:.5g}") for name, value in values.items()]
            fresh = [] if path.is_file() else [METRICS]
            with path.open("a", newline="", encoding="utf-8") as out:
                csv.writer(out, lineterminator="\n").writerows([*fresh, *rows])
            if self.board is not None:
                self.board.scalars(step, values)

    def show(self, step: int, page: Image.Image) -> None:
        """Keep a picture sheet, and show it on the board."""
        if not self.writes:
            return
        with self.saving():
            sheets = self.folder / "sheets"
            sheets.mkdir(exist_ok=True)
            page.save(sheets / f"{step:07d}.png")
            if self.board is not None:
                self.board.sheet(step, page)


def environment(place: Place) -> dict[str, Any]:
    """Return what the figures of a run may depend on besides its recipe."""
    cuda = torch.cuda.is_available()
    return {
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in PACKAGES},
        "system": platform.system(),
        "machine": platform.machine(),
        "device": torch.cuda.get_device_name() if cuda else "cpu",
        "threads": torch.get_num_threads(),
        "processes": place.count,
    }


class Progress:
    """A line with a bar, the rate and the time left."""

    WIDTH = 20

    def __init__(self, step: int, steps: int, batch: int) -> None:
        self.first, self.steps, self.batch = step, steps, batch
        self.began = time.monotonic()

    def line(self, step: int, **values: float) -> str:
        """Return the line at ``step``."""
        each = (time.monotonic() - self.began) / max(1, step - self.first)
        left = each * (self.steps - step)
        shown = " ".join(f"{name} {value:.4f}" for name, value in values.items())
        full = self.WIDTH * step // max(1, self.steps)
        return (
            f"[{'#' * full}{'.' * (self.WIDTH - full)}] step {step}/{self.steps} "
            f"{shown} · {self.batch / max(each, 1e-9):.1f} pictures/s · "
            f"{int(left // 60)} min {int(left % 60)} s left"
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
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """Write a file whole or not at all; a failed attempt leaves nothing behind."""
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def _plain(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as JSON keeps it."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(recipe)))
    return plain


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
