"""``python -m training prepare | pretrain | transfer | segment | …``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import torch

from colorizer.vision import checkpoints
from training import commands
from training.errors import TrainingRefused
from training.sources import SOURCES


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    whole = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    whole.add_argument("--threads", type=int, default=0, help="0: as torch likes")
    verbs = whole.add_subparsers(dest="verb", required=True)

    prepare = verbs.add_parser("prepare", help="pack the photograph sets once")
    prepare.add_argument("--data", type=Path, required=True, help="folder of the sets")
    prepare.add_argument("--sources", nargs="+", default=list(SOURCES), metavar="SET")
    prepare.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    prepare.set_defaults(command=commands.prepare_pack)

    pretrain = verbs.add_parser("pretrain", help="train a colour generator")
    pretrain.add_argument("recipe", type=Path, help="TOML file, or a shipped name")
    pretrain.add_argument(
        "--seed", type=int, help="instead of the recipe's, and into the run's name"
    )
    pretrain.set_defaults(command=commands.run_pretraining)

    transfer = verbs.add_parser(
        "transfer", help="transfer its encoder to tags, or learn from decisions"
    )
    transfer.add_argument("recipe", type=Path, help="TOML file, or a shipped name")
    transfer.add_argument(
        "--generator",
        "--start",
        dest="start",
        help="its run or checkpoint; or scratch, lite0; with decisions, a tagger",
    )
    transfer.set_defaults(command=commands.run_transfer)

    segment = verbs.add_parser("segment", help="transfer a generator to segmentation")
    segment.add_argument("recipe", type=Path, help="TOML file, or a shipped name")
    segment.add_argument(
        "--start", required=True, help="scratch, lite0, a run folder, a checkpoint"
    )
    segment.set_defaults(command=commands.run_segmentation)

    compare = verbs.add_parser("compare", help="compare starts over a grid of runs")
    compare.add_argument("recipe", type=Path, help="TOML file, or a shipped name")
    compare.add_argument(
        "--start",
        action="append",
        default=[],
        metavar="NAME=RUN",
        help="what a name of the recipe's starts is: a run folder or a checkpoint",
    )
    compare.set_defaults(command=commands.run_comparison)

    ablate = verbs.add_parser("ablate", help="what each loss and switch is worth")
    ablate.add_argument("recipe", type=Path, help="TOML file, or a shipped name")
    for verb in (compare, ablate):
        verb.add_argument(
            "--results", type=Path, help="folder for what is told; else the run's"
        )
        verb.add_argument(
            "--tell", action="store_true", help="tell what is finished, run nothing"
        )
    ablate.set_defaults(command=commands.run_ablation)
    for verb in (pretrain, transfer, segment, compare, ablate):
        verb.add_argument("--run", type=Path, required=True, help="run folder")
        verb.add_argument("--steps", type=int, help="instead of the recipe's")

    export = verbs.add_parser("export", help="make a checkpoint of a run")
    export.add_argument("run", type=Path, help="run folder")
    export.add_argument("--version", required=True, help="for the card")
    export.add_argument("--working-size", type=int, default=256)
    export.add_argument("--name", help="of the checkpoint, after decisions")
    export.set_defaults(command=commands.export_run)

    graph = verbs.add_parser("graph", help="export a checkpoint's graph anew")
    graph.add_argument("checkpoint", help="name")
    graph.set_defaults(command=commands.make_graph)

    accompany = verbs.add_parser(
        "accompany", help="let a colorizer take the mean with others"
    )
    accompany.add_argument("checkpoint", help="name")
    accompany.add_argument(
        "--with",
        dest="companions",
        nargs="*",
        type=sized,
        required=True,
        metavar="NAME:SIZE",
        help="and at which working size; none: alone",
    )
    accompany.add_argument("--version", required=True, help="for the card")
    accompany.set_defaults(command=commands.choose_companions)

    average = verbs.add_parser(
        "average", help="make the mean of the weights of colorizers with one start"
    )
    average.add_argument("checkpoint", help="name of the new one")
    average.add_argument(
        "--of", dest="parts", nargs="+", required=True, metavar="NAME", help="parts"
    )
    average.add_argument("--version", required=True, help="for the card")
    average.set_defaults(command=commands.make_average)

    evaluate = verbs.add_parser(
        "evaluate", help="tune or calibrate, measure, write the figures into the card"
    )
    evaluate.add_argument("checkpoint", help="name")
    evaluate.add_argument("--data", type=Path, required=True, help="folder of the sets")
    evaluate.add_argument("--results", type=Path, help="folder for the CSV table")
    evaluate.add_argument("--limit", type=int, default=0, help="pictures at most")
    evaluate.add_argument(
        "--sets", nargs="+", default=["bsds"], metavar="SET", help="of a colorizer"
    )
    evaluate.add_argument("--no-tuning", action="store_true", help="leave as it is")
    evaluate.set_defaults(command=commands.evaluate_checkpoint)
    vocabulary = verbs.add_parser(
        "vocabulary", help="make the tagger of the wider vocabulary"
    )
    vocabulary.add_argument("--version", required=True, help="for the card")
    vocabulary.add_argument("--working-size", type=int, default=256)
    vocabulary.add_argument("--results", type=Path, help="folder for the CSV table")
    vocabulary.set_defaults(command=commands.make_vocabulary)

    judge = verbs.add_parser("judge", help="a tagger's suggestions, for a person")
    judge.add_argument("checkpoint", help="name")
    judge.add_argument("pictures", type=Path, help="folder of pictures")
    judge.add_argument("out", type=Path, help="folder for sheets and table")
    judge.set_defaults(command=commands.write_judging)

    count = verbs.add_parser("count", help="what a person judged, into the card")
    count.add_argument("checkpoint", help="name")
    count.add_argument("table", type=Path, help="with yes or no in its last column")
    count.add_argument("--pictures-of", required=True, help="which pictures, in words")
    count.add_argument("--by", required=True, help="who judged, in words")
    count.set_defaults(command=commands.count_judged)

    for verb in (export, graph, accompany, average, evaluate, vocabulary, judge, count):
        verb.add_argument(
            "--checkpoints",
            type=Path,
            default=checkpoints.SHIPPED,
            help="folder of the checkpoint and its card",
        )

    sheet = verbs.add_parser("sheet", help="grey beside colour, to look at")
    sheet.add_argument("checkpoint", help="name")
    sheet.add_argument("pictures", type=Path, help="folder of pictures")
    sheet.add_argument("out", type=Path, help="PNG or JPEG file")
    sheet.add_argument("--limit", type=int, default=0, help="0: every picture")
    sheet.add_argument("--side", type=int, default=240, help="of each picture")
    sheet.add_argument("--grey-only", action="store_true", help="no true colours")
    sheet.add_argument(
        "--failures", action="store_true", help="the worst ones and a random draw"
    )
    sheet.set_defaults(command=commands.write_sheet)
    for verb in (prepare, pretrain, segment, compare, ablate, evaluate, vocabulary):
        verb.add_argument("--pack", type=Path, required=True, help="packed data")
    for verb in (transfer, export):
        verb.add_argument(
            "--pack", type=Path, help="packed data; may be left out with --decisions"
        )
        verb.add_argument(
            "--decisions",
            type=Path,
            help="a folder that `manage.py export_decisions` wrote",
        )
    return whole


def sized(word: str) -> tuple[str, int]:
    """Return a checkpoint's name and its working size, of ``NAME:SIZE``.

    Raises:
        ValueError: It is something else.
    """
    name, size = word.split(":")
    return name, int(size)


def main() -> int:
    """Run one verb; 0 done, 1 refused, 130 interrupted and resumable."""
    given = parser().parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    try:
        finished: bool = given.command(given)
    except (TrainingRefused, checkpoints.CheckpointError) as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return 0 if finished else 130


if __name__ == "__main__":
    sys.exit(main())
