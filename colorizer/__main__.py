"""`python -m colorizer`: colorize and tag files, without Django or a database."""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from archive.pictures import PictureRefused, open_picture, open_reduced
from colorizer.vision import checkpoints
from colorizer.vision.checkpoints import CheckpointError
from colorizer.vision.colour import Samples, Tone, eight_bits, luma, tone_of
from colorizer.vision.disclosure import (
    Disclosure,
    PictureUnwritten,
    disclosed_master,
    file_extension,
    write_picture,
)
from colorizer.vision.merge import merge

if TYPE_CHECKING:
    from colorizer.vision.inference import Colorizer, Tagger

GROUP_FILES = 16
GROUP_PIXELS = 40_000_000
TAG_LONGEST = 768

DESCRIPTION = """\
Colorize and tag historical photographs with the models that ship with Autochrome.
Nothing is written but the colorized pictures; a source is never changed."""

COLORIZE = """\
Writes DIR/NAME.png for each FILE, or DIR/NAME.tif where the scan has 16 bits. The
brightness of every pixel stays exactly that of the scan; only colour is added, and
the file says in its XMP that a machine made it.

Files of one name from different folders become NAME.png, NAME-2.png and so on, in the
order given. Running the same command again replaces its own results. A file in DIR
that was not made from the same scan is left alone, and that FILE fails."""

FINISH = "exit status: 0 all done, 1 some files failed (named on stderr), 2 wrong usage"


class FileFailed(Exception):
    """One file could not be done; the sentence says why."""


@dataclass(frozen=True, eq=False)
class Scan:
    """A decoded scan that waits for its colours."""

    file: str
    stem: str
    grey: Samples
    alpha: Samples | None
    tone: Tone
    sha256: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line.

    Returns:
        The exit status: 0, 1 where some files failed.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    options = _parser().parse_args(arguments)
    try:
        status: int = options.command(options)
    except KeyboardInterrupt:
        _complain("stopped; what was finished is kept")
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m colorizer", description=DESCRIPTION, epilog=FINISH
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    plain = argparse.RawDescriptionHelpFormatter

    colorize = commands.add_parser(
        "colorize",
        help="add colours to grey photographs",
        description=COLORIZE,
        epilog=FINISH,
        formatter_class=plain,
    )
    colorize.add_argument("files", nargs="+", metavar="FILE")
    colorize.add_argument("--out", required=True, type=Path, metavar="DIR")
    colorize.add_argument(
        "--strength",
        type=_strength,
        default=1.0,
        metavar="X",
        help="factor on the colours, 0 to 2 (default 1)",
    )
    colorize.set_defaults(command=_colorize)

    tag = commands.add_parser(
        "tag",
        help="say what photographs show",
        description="Prints each label of the model with its calibrated probability.",
        epilog=FINISH,
    )
    tag.add_argument("files", nargs="+", metavar="FILE")
    tag.add_argument(
        "--json",
        action="store_true",
        help="print a JSON list with one object for each file that could be read",
    )
    tag.set_defaults(command=_tag)

    for command in (colorize, tag):
        command.add_argument("--checkpoint", metavar="NAME", help="see `card`")
        command.add_argument(
            "--device", choices=("auto", "cpu", "cuda", "mps"), default="auto"
        )

    card = commands.add_parser("card", help="describe the models")
    card.add_argument("--json", action="store_true")
    card.set_defaults(command=_card)
    return parser


def _strength(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 2:
        raise argparse.ArgumentTypeError("the strength must be a number from 0 to 2")
    return value


def _complain(sentence: str) -> None:
    print(f"colorizer: {sentence}", file=sys.stderr)


def _threads() -> int:
    """Return one thread, where the user has not asked for more.

    A picture takes some 50 ms of one core. Several threads hardly shorten that on an
    idle machine, and on a busy one they were measured a hundred times slower.
    """
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return int(wanted) if wanted.isdecimal() and int(wanted) else 1


# colorize


def _colorize(options: argparse.Namespace) -> int:
    from colorizer.vision.inference import Colorizer, VisionError

    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _complain(f"{options.out} cannot be a folder ({error.strerror})")
        return 2
    try:
        colorizer = Colorizer(options.checkpoint, options.device, threads=_threads())
    except (CheckpointError, VisionError) as error:
        _complain(str(error))
        return 2
    stems = name_results(options.files, options.out)
    failures = 0
    for group in _groups(stems, _read_scan):
        failures += sum(isinstance(scan, Exception) for _, scan in group)
        scans = [scan for _, scan in group if isinstance(scan, Scan)]
        try:
            colours = colorizer.predict([eight_bits(scan.grey) for scan in scans])
        except (CheckpointError, VisionError) as error:
            failures += len(scans)
            for scan in scans:
                _complain(f"{scan.file}: {error}")
            continue
        for scan, chroma in zip(scans, colours, strict=True):
            try:
                merged = merge(scan.grey, chroma, strength=options.strength)
                path = _write(scan, merged, colorizer, options)
            except (FileFailed, PictureUnwritten) as error:
                failures += 1
                _complain(f"{scan.file}: {error}")
            else:
                note = "" if scan.tone is Tone.GREY else f" (was {scan.tone.value})"
                print(f"{scan.file} -> {path}{note}", flush=True)
    return 1 if failures else 0


def _read_scan(file: str, stem: str) -> Scan:
    picture = open_picture(Path(file))
    with Path(file).open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return Scan(
        file=file,
        stem=stem,
        grey=luma(picture.pixels),
        alpha=picture.alpha,
        tone=tone_of(picture.pixels),
        sha256=digest,
    )


def _write(
    scan: Scan, merged: Samples, colorizer: "Colorizer", options: argparse.Namespace
) -> Path:
    path: Path = options.out / f"{scan.stem}{file_extension(merged)}"
    if path.exists() and disclosed_master(path) != scan.sha256:
        raise FileFailed(
            f"{path} is there already and was not made from this scan; "
            "choose another folder or move it away"
        )
    disclosure = Disclosure(
        checkpoint=colorizer.card.name,
        version=colorizer.card.version,
        weights_sha256=colorizer.card.sha256,
        master_sha256=scan.sha256,
        created=datetime.now(UTC),
        source_tone=scan.tone,
        strength=options.strength,
    )
    write_picture(path, merged, disclosure, alpha=scan.alpha)
    return path


def name_results(files: Iterable[str], out: Path) -> dict[str, str]:
    """The name, without extension, of what each file becomes.

    No two are equal, whatever the case, and none names one of the sources, so that a
    source in the folder of results is never replaced. A file given twice counts once.
    """
    sources: dict[Path, str] = {}
    for file in files:
        sources.setdefault(Path(file).resolve(), file)
    taken = {
        str(source.with_suffix("")).casefold()
        for source in sources
        if source.suffix.casefold() in (".png", ".tif")
    }
    folder, stems = out.resolve(), {}
    for source, file in sources.items():
        number, stem = 1, source.stem
        while str(folder / stem).casefold() in taken:
            number += 1
            stem = f"{source.stem}-{number}"
        taken.add(str(folder / stem).casefold())
        stems[file] = stem
    return stems


# tag


def _tag(options: argparse.Namespace) -> int:
    from colorizer.vision.inference import Tagger, VisionError

    try:
        tagger = Tagger(options.checkpoint, options.device, threads=_threads())
    except (CheckpointError, VisionError) as error:
        _complain(str(error))
        return 2
    files = dict.fromkeys(options.files, "")
    failures, answers = 0, []
    for group in _groups(files, _read_small):
        failures += sum(isinstance(grey, Exception) for _, grey in group)
        read = [(file, grey) for file, grey in group if isinstance(grey, np.ndarray)]
        try:
            scores = tagger.predict([grey for _, grey in read])
        except (CheckpointError, VisionError) as error:
            failures += len(read)
            for file, _ in read:
                _complain(f"{file}: {error}")
            continue
        for (file, _), labels in zip(read, scores, strict=True):
            answer = {"file": file, "labels": labels, "checkpoint": tagger.card.name}
            answers.append(answer)
            if not options.json:
                _print_labels(file, labels, tagger)
    if options.json:
        print(json.dumps(answers, indent=1))
    return 1 if failures else 0


def _read_small(file: str, _: str) -> Samples:
    return eight_bits(luma(open_reduced(Path(file), TAG_LONGEST).pixels))


def _print_labels(file: str, labels: dict[str, float], tagger: "Tagger") -> None:
    print(file)
    width = max(map(len, labels), default=0)
    for label, score in sorted(labels.items(), key=lambda item: -item[1]):
        mark = "*" if score >= tagger.card.thresholds.get(label, 0.5) else " "
        print(f"  {mark} {label:<{width}} {score:6.1%}")


# Reading in small groups, so that thousands of files never lie in memory together


def _groups(files: dict[str, str], read: Any) -> Iterator[list[tuple[str, Any]]]:
    """What `read(file, name)` makes of the files, or its refusal, a few at a time.

    A refusal has been told on stderr when it arrives.
    """
    group: list[tuple[str, Any]] = []
    pixels = 0
    for file, name in files.items():
        try:
            one = read(file, name)
        except (PictureRefused, OSError) as error:
            one = error
            _complain(f"{file}: {error}")
        else:
            pixels += (one.grey if isinstance(one, Scan) else one).size
        group.append((file, one))
        if len(group) == GROUP_FILES or pixels >= GROUP_PIXELS:
            yield group
            group, pixels = [], 0
    if group:
        yield group


# card


def _card(options: argparse.Namespace) -> int:
    try:
        cards = checkpoints.available()
    except CheckpointError as error:
        _complain(str(error))
        return 1
    if options.json:
        print(
            json.dumps([{"name": card.name, **card.text} for card in cards], indent=1)
        )
        return 0
    for card in cards:
        print(f"{card.name} {card.version}: {card.task}, {card.network}")
        _print_tree(card.text, "  ")
        print()
    return 0


def _print_tree(tree: Any, margin: str) -> None:
    for key, value in tree.items():
        if isinstance(value, dict):
            print(f"{margin}{key}:")
            _print_tree(value, margin + "  ")
        else:
            text = ", ".join(map(str, value)) if isinstance(value, list) else value
            print(f"{margin}{key}: {text}")


if __name__ == "__main__":
    sys.exit(main())
