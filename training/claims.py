"""What a comparison comes to: tables, differences with intervals, and a plot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.bootstrap import (
    Counts,
    Draws,
    drawn_counts,
    interval,
    iou_draws,
    map_draws,
)
from training.cells import Cell, Found, measure_of
from training.compare import Comparison
from training.errors import TrainingRefused

Table = list[dict[str, object]]
Group = tuple[str, str, float]


def tables(comparison: Comparison) -> dict[str, Table]:
    """Return, for each task, a row for every finished cell."""
    rows: dict[str, Table] = defaultdict(list)
    for found in comparison.found():
        cell = found.cell
        rows[cell.task].append(
            {
                "mode": cell.mode,
                "start": cell.start,
                "track": comparison.tracks[cell.start],
                "share": cell.share,
                "seed": cell.seed,
                **found.row,
            }
        )
    return dict(rows)


def claims(comparison: Comparison) -> Table:
    """Return start − baseline wherever both have finished cells of the same seeds.

    ``low`` and ``high`` bound the paired bootstrap's 95 % interval over held-back
    pictures of the mean over seeds; ``least_seed`` and ``most_seed`` are the smallest
    and largest difference of one seed. All in points, of 100. ``tracks`` names the
    tracks of both: only S − S is self-supervision's claim.
    """
    groups: dict[Group, dict[str, dict[int, Found]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for found in comparison.found():
        cell = found.cell
        groups[cell.task, cell.mode, cell.share][cell.start][cell.seed] = found
    rows: Table = []
    for (task, mode, share), starts in groups.items():
        for baseline, start in product(comparison.recipe.baselines, starts):
            theirs, ours = starts.get(baseline, {}), starts[start]
            seeds = sorted(set(ours) & set(theirs))
            if start == baseline or not seeds:
                continue
            pairs = [(ours[seed], theirs[seed]) for seed in seeds]
            low, high = _interval(comparison, pairs)
            measure = measure_of(task)
            gaps = [100 * (a.row[measure] - b.row[measure]) for a, b in pairs]
            tracks = f"{comparison.tracks[start]} − {comparison.tracks[baseline]}"
            rows.append(
                {
                    "task": task,
                    "mode": mode,
                    "share": share,
                    "start": start,
                    "minus": baseline,
                    "tracks": tracks,
                    "measure": measure,
                    "difference": float(np.mean(gaps)),
                    "low": low,
                    "high": high,
                    "seeds": len(seeds),
                    "least_seed": min(gaps),
                    "most_seed": max(gaps),
                }
            )
    return rows


def sentence(claim: dict[str, object]) -> str:
    """Return a claim in words."""
    return (
        "{task}, {mode}, {share:.0%} of the labels: {start} − {minus} ({tracks}) "
        "{difference:+.2f} points of {measure} [{low:+.2f}, {high:+.2f}], {seeds} "
        "seed(s) from {least_seed:+.2f} to {most_seed:+.2f}"
    ).format_map(claim)


def plot(comparison: Comparison, path: Path) -> None:
    """Draw each task and mode: the measure against the share of labels.

    Points are means over seeds, bars reach from the worst seed to the best.

    Raises:
        TrainingRefused: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise TrainingRefused("A plot needs matplotlib: pip install it.") from error
    series: dict[tuple[str, str], dict[str, dict[float, list[float]]]] = {}
    for found in comparison.found():
        cell = found.cell
        panel = series.setdefault((cell.task, cell.mode), {})
        shares = panel.setdefault(cell.start, {})
        value = 100 * found.row[measure_of(cell.task)]
        shares.setdefault(cell.share, []).append(value)
    figure = Figure(figsize=(4.5 * len(series), 4), layout="constrained")
    panels = figure.subplots(1, len(series), squeeze=False)[0]
    for axes, ((task, mode), starts) in zip(panels, series.items(), strict=True):
        for start, shares in starts.items():
            at = sorted(shares)
            means, reach = bars([shares[share] for share in at])
            label = f"{start} (track {comparison.tracks[start]})"
            percent = [100 * share for share in at]
            axes.errorbar(percent, means, reach, marker="o", capsize=3, label=label)
        axes.set(
            title=f"{task}, {mode}",
            xscale="log",
            xlabel="labels, %",
            ylabel=f"{measure_of(task)}, points",
        )
        axes.grid(visible=True, alpha=0.3)
        axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def bars(values: Sequence[Sequence[float]]) -> tuple[Draws, Draws]:
    """Return means (N,), and how far below and above them the values reach, (2, N).

    Equal values have a mean that may differ from them by its last digit.
    """
    means = np.array([np.mean(each) for each in values])
    below = means - [min(each) for each in values]
    above = [max(each) for each in values] - means
    return means, np.maximum([below, above], 0.0)


def _interval(
    comparison: Comparison, pairs: Sequence[tuple[Found, Found]]
) -> tuple[float, float]:
    cell: Cell = pairs[0][0].cell
    truth: NDArray[np.int8] | None = None
    if not cell.task.endswith("-segments"):
        truth = comparison.truth(cell.task)
    counts = drawn_counts(len(pairs[0][0].outputs), comparison.recipe.draws)
    gaps = [
        _draws(ours, truth, counts) - _draws(theirs, truth, counts)
        for ours, theirs in pairs
    ]
    return interval(100 * np.mean(gaps, axis=0))


def _draws(found: Found, truth: NDArray[np.int8] | None, counts: Counts) -> Draws:
    if truth is None:
        return iou_draws(found.outputs, counts)
    return map_draws(found.outputs, truth, counts)
