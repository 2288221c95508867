"""What the verbs of the command line do, each in terms of one module."""

from __future__ import annotations

import csv
import json
import os
from argparse import Namespace
from dataclasses import asdict, replace
from pathlib import Path

from colorizer.vision import checkpoints
from colorizer.vision.engines.torch_engine import network_of
from colorizer.vision.inference import Colorizer, Tagger
from training import (
    claims,
    evaluate,
    evaluate_tags,
    export,
    graphs,
    judging,
    own_tagger,
    processes,
    recipes,
    sheets,
)
from training.ablate import Ablation
from training.averaging import average
from training.baselines import Method, baselines
from training.companions import accompany
from training.compare import Comparison
from training.decisions import Decisions
from training.errors import TrainingRefused, UnknownLabel
from training.finetune import Finetuning, tagger_card
from training.metrics import mean_iou
from training.pack import Pack, prepare
from training.pretrain import Pretraining
from training.recipes import Pretrain, Transfer
from training.recipes.ablations import Ablate
from training.recipes.transfers import Compare, Finetune, Segment
from training.segment import Segmenting
from training.sources import CLASSES, JUDGED, LABELS
from training.transfer import Transferring, calibrate
from training.tuning import tune, tuning_pictures
from training.vocabulary import build

TUNED_PICTURES = 324
"""Of six sets, 54 of each: `varied` has no more, and would be left out."""


def prepare_pack(given: Namespace) -> bool:
    """Pack the sets and say what went where."""
    pack = prepare(given.data, given.pack, given.sources, given.processes)
    for source, counts in pack.counts.items():
        print(source, ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items())))
    print(f"{len(pack.entries)} pictures, hash {pack.hash[:12]}")
    return True


def run_pretraining(given: Namespace) -> bool:
    """Train a generator; go on with the run if there is one."""
    recipe = recipes.load(given.recipe, Pretrain)
    recipe = replace(recipe, steps=given.steps or recipe.steps)
    if given.seed is not None:
        name = f"{recipe.name}-{given.seed}"
        recipe = replace(recipe, seed=given.seed, name=name)
    with processes.together():
        return Pretraining(recipe, Pack(given.pack), given.run).run()


def run_transfer(given: Namespace) -> bool:
    """Transfer an encoder, or learn from decisions; go on with the run if there is one.

    Raises:
        TrainingRefused: There is nothing to learn from, or to start from.
    """
    if given.decisions:
        return _finetune(given)
    if not given.pack or not given.start:
        raise TrainingRefused(
            "Say what to learn from: --pack and --generator, or --decisions."
        )
    recipe = recipes.load(given.recipe, Transfer)
    recipe = replace(recipe, steps=given.steps or recipe.steps)
    return Transferring(recipe, Pack(given.pack), given.run, given.start).run()


def _finetune(given: Namespace) -> bool:
    recipe = recipes.load(given.recipe, Finetune)
    recipe = replace(
        recipe,
        steps=given.steps or recipe.steps,
        start_from=given.start or recipe.start_from,
    )
    decisions = _decisions(given, recipe.start_from)
    return Finetuning(recipe, decisions, given.run).run()


def _decisions(given: Namespace, start_from: str) -> Decisions:
    pack = Pack(given.pack) if given.pack else None
    return Decisions(given.decisions, tagger_card(start_from).labels, pack)


def run_segmentation(given: Namespace) -> bool:
    """Transfer a generator to segmentation, and measure it where it came to its end."""
    recipe = recipes.load(given.recipe, Segment)
    recipe = replace(recipe, steps=given.steps or recipe.steps)
    learning = Segmenting(recipe, Pack(given.pack), given.run, given.start)
    if not learning.run():
        return False
    found = learning.measure()
    mean, each = mean_iou(found.sum(0))
    rows: list[dict[str, object]] = [
        {
            "start": learning.start.name,
            "track": learning.start.track,
            "seed": recipe.seed,
            "pictures": len(found),
            "mean_iou": mean,
            **dict(zip(CLASSES[learning.source], each, strict=True)),
        }
    ]
    write_csv(given.run / "iou.csv", [rounded(row) for row in rows])
    print(f"mean IoU {mean:.4f} on {len(found)} held-back pictures")
    return True


def run_comparison(given: Namespace) -> bool:
    """Run a grid of transfers, then tell what is claimed, with intervals."""
    recipe = recipes.load(given.recipe, Compare)
    recipe = replace(recipe, steps=given.steps or recipe.steps)
    starts = dict(word.split("=", 1) for word in given.start if "=" in word)
    comparison = Comparison(recipe, Pack(given.pack), given.run, starts)
    finished = given.tell or comparison.run()
    found = claims.claims(comparison)
    for claim in found:
        print(claims.sentence(claim))
    results = given.results or given.run
    for task, rows in claims.tables(comparison).items():
        path = results / f"{recipe.name}-{task}.csv"
        write_csv(path, [rounded(row) for row in rows])
    if found:
        path = results / f"{recipe.name}-claims.csv"
        write_csv(path, [rounded(row) for row in found])
        claims.plot(comparison, results / f"{recipe.name}.png")
    return finished


def run_ablation(given: Namespace) -> bool:
    """Run a recipe and its arms, then tell what each change did."""
    recipe = recipes.load(given.recipe, Ablate)
    recipe = replace(recipe, steps=given.steps or recipe.steps)
    ablation = Ablation(recipe, Pack(given.pack), given.run)
    finished = given.tell or ablation.run()
    rows = [rounded(row) for row in ablation.table()]
    write_csv((given.results or given.run) / f"{recipe.name}.csv", rows)
    for row in rows[1:]:
        print(
            "{arm}: {to_whole:.3f} of the whole's error [{to_whole_low:.3f}, "
            "{to_whole_high:.3f}], {seeds} seed(s)".format_map(row)
        )
    return finished


def export_run(given: Namespace) -> bool:
    """Write a checkpoint and its card.

    Raises:
        TrainingRefused: What the run learnt from is not named.
    """
    described, _ = export.load_run(given.run)
    if "rehearse" in described["recipe"]:
        return _export_own(given)
    if not given.pack:
        raise TrainingRefused("Name the pack that the run learnt from: --pack.")
    make = (
        export.export_tagger
        if "balance" in described["recipe"]
        else export.export_colorizer
    )
    path = make(
        given.run,
        Pack(given.pack),
        given.checkpoints,
        given.version,
        given.working_size,
    )
    print(path)
    return True


def _export_own(given: Namespace) -> bool:
    described, _ = export.load_run(given.run)
    if not given.decisions:
        raise TrainingRefused("Name the export that the run learnt from: --decisions.")
    folder = given.checkpoints
    if folder == checkpoints.SHIPPED:
        own = os.environ.get(checkpoints.FOLDER_VARIABLE)
        if not own:
            raise TrainingRefused(
                "Name a folder of your own for the checkpoint: --checkpoints."
            )
        folder = Path(own)
    recipe = described["recipe"]
    decisions = _decisions(given, recipe["start_from"])
    name = given.name or recipe["name"]
    path = own_tagger.export_own(given.run, decisions, folder, name, given.version)
    text = json.loads(path.read_text(encoding="utf-8"))
    print(path, *(row for rows in text["figures"].values() for row in rows), sep="\n")
    return True


def make_graph(given: Namespace) -> bool:
    """Export the graph of a checkpoint, by which it is served without torch."""
    os.environ[checkpoints.FOLDER_VARIABLE] = str(given.checkpoints)
    card = checkpoints.card(given.checkpoint)
    graphs.add_graph(card.weights.with_suffix(".json"))
    return True


def choose_companions(given: Namespace) -> bool:
    """Write into a colorizer's card with whom it colours."""
    os.environ[checkpoints.FOLDER_VARIABLE] = str(given.checkpoints)
    path = checkpoints.card(given.checkpoint).weights.with_suffix(".json")
    accompany(path, given.version, dict(given.companions))
    return True


def make_average(given: Namespace) -> bool:
    """Write the mean of the weights of some colorizers as a checkpoint."""
    os.environ[checkpoints.FOLDER_VARIABLE] = str(given.checkpoints)
    print(average(given.checkpoint, given.parts, given.version, given.checkpoints))
    return True


def evaluate_checkpoint(given: Namespace) -> bool:
    """Tune or calibrate on the tuning split, measure on held-back pictures.

    Raises:
        CheckpointNotFound: The folder named has no such card to write into.
        UnknownLabel: It is a tagger of other labels.
    """
    os.environ[checkpoints.FOLDER_VARIABLE] = str(given.checkpoints)
    pack = Pack(given.pack)
    found = checkpoints.card(given.checkpoint)
    path = found.weights.with_suffix(".json")
    if path.parent.resolve() != given.checkpoints.resolve():
        raise checkpoints.CheckpointNotFound(
            f"There is no {found.name} in {given.checkpoints}, and the shipped card is"
            " not to be written into: copy the checkpoint there first."
        )
    if found.task == "tagger" and list(found.labels) != LABELS:
        raise UnknownLabel(
            f"{found.name} has labels that voc and scenes have not: see `vocabulary`."
        )
    if found.task == "colorizer":
        rows = _evaluate_colorizer(given, pack, path)
    else:
        rows = _evaluate_tagger(given, pack, path)
    text = json.loads(path.read_text(encoding="utf-8"))
    text["figures"] = {}
    for row in rows:
        text["figures"].setdefault(row["pictures_of"], []).append(row)
        print(" · ".join(f"{k} {v}" for k, v in row.items() if not isinstance(v, dict)))
    export.write_card(path, text)
    if given.results:
        write_csv(given.results / f"{found.name}.csv", rows)
    return True


def _evaluate_colorizer(
    given: Namespace, pack: Pack, path: Path
) -> list[dict[str, object]]:
    name = path.stem
    colorizer = Colorizer(name, engine="torch")
    if not given.no_tuning:
        count = min(TUNED_PICTURES, given.limit or TUNED_PICTURES)
        sources = list(colorizer.card.text["recipe"]["sources"])
        pictures = tuning_pictures(pack, count, sources)
        tune(path, colorizer, pictures)
        colorizer = Colorizer(name, engine="torch")
    untrained = Colorizer(name, engine="torch")
    untrained.companions.clear()
    network = network_of(untrained.engine)
    evaluate_tags.untrain(network, int(colorizer.card.text["seed"]))
    methods: dict[str, tuple[Method, tuple[str, ...]]] = {
        key: (method, ("clean",)) for key, method in baselines(pack).items()
    }
    methods["untrained"] = (untrained.predict, ("clean",))
    hinted = ("hinted",) if colorizer.takes_hints else ()
    methods[name] = (colorizer.predict, ("clean", "degraded", *hinted))
    rows: list[dict[str, object]] = []
    for source in given.sets:
        pictures = evaluate.held_pictures(given.data, pack, source)
        if given.limit:
            pictures = pictures[:: max(1, len(pictures) // given.limit)][: given.limit]
        found = evaluate.table(source, pictures, methods)
        rows += [rounded(asdict(row)) for row in found]
    return rows


def _evaluate_tagger(
    given: Namespace, pack: Pack, path: Path
) -> list[dict[str, object]]:
    if not given.no_tuning:
        entries = pack.select("tune", labelled=True, sources=JUDGED)
        calibration, thresholds = calibrate(
            Tagger(path.stem, engine="torch"), pack, entries
        )
        text = json.loads(path.read_text(encoding="utf-8"))
        text["parameters"]["calibration"] = calibration
        text["thresholds"] = thresholds
        text["tuning"] = {"pictures": len(entries), "split": "tune"}
        export.write_card(path, text)
    tagger = Tagger(path.stem, engine="torch")
    rows: list[dict[str, object]] = []
    for source in JUDGED:
        entries = pack.select("held", labelled=True, sources=[source])
        if given.limit:
            entries = entries[:: max(1, len(entries) // given.limit)][: given.limit]
        seed = int(tagger.card.text["seed"])
        found = evaluate_tags.table(source, tagger, pack, entries, seed)
        rows += [rounded(asdict(row)) for row in found]
    return rows


def make_vocabulary(given: Namespace) -> bool:
    """Make, calibrate and measure the tagger of the wider vocabulary."""
    os.environ[checkpoints.FOLDER_VARIABLE] = str(given.checkpoints)
    pack = Pack(given.pack)
    path = build.make(pack, given.checkpoints, given.version, given.working_size)
    text = json.loads(path.read_text(encoding="utf-8"))
    rows = [row for rows in text["figures"].values() for row in rows]
    if given.results:
        write_csv(given.results / f"{path.stem}.csv", rows)
    print(path, *rows, sep="\n")
    return True


def write_judging(given: Namespace) -> bool:
    """Write sheets of pictures with what a tagger suggests, and a table to fill in."""
    os.environ[checkpoints.FOLDER_VARIABLE] = str(given.checkpoints)
    pictures = judging.read_pictures(given.pictures)
    found = judging.suggestions(Tagger(given.checkpoint), pictures)
    judging.write(given.out, pictures, found)
    print(f"{len(found)} suggestions on {len(pictures)} pictures: {given.out}")
    return True


def count_judged(given: Namespace) -> bool:
    """Write the precision that a person counted into the tagger's card."""
    os.environ[checkpoints.FOLDER_VARIABLE] = str(given.checkpoints)
    counted = judging.count(given.table)
    path = checkpoints.card(given.checkpoint).weights.with_suffix(".json")
    text = json.loads(path.read_text(encoding="utf-8"))
    rows = text["figures"].setdefault("counted by eye", [])
    kept = [row for row in rows if row["pictures_of"] != given.pictures_of]
    row = {"pictures_of": given.pictures_of, "by": given.by, **asdict(counted)}
    text["figures"]["counted by eye"] = [*kept, row]
    export.write_card(path, text)
    print(row)
    return True


def write_sheet(given: Namespace) -> bool:
    """Write a sheet of grey, colorized and true pictures, or a failure gallery."""
    pictures = evaluate.read_folder(given.pictures)
    if given.limit:
        pictures = pictures[:: max(1, len(pictures) // given.limit)][: given.limit]
    shown = sheets.colorized(pictures, Colorizer(given.checkpoint))
    if given.failures:
        page = sheets.gallery(shown, given.side)
    else:
        page = sheets.sheet(shown, given.side, true=not given.grey_only)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    page.save(given.out)
    print(given.out)
    return True


def rounded(row: dict[str, object]) -> dict[str, object]:
    """Return a row with its figures to four places."""
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}


def write_csv(path: Path, rows: list[dict[str, object]]) -> None:
    """Write a table, whole or not at all; a label's figure gets its own column."""
    flat = []
    for row in rows:
        nested = [v for v in row.values() if isinstance(v, dict)]
        flat.append({k: v for k, v in row.items() if not isinstance(v, dict)})
        for each in nested:
            flat[-1].update(each)
    columns = list(dict.fromkeys(key for row in flat for key in row))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(flat)
    partial.replace(path)
