"""Recipes: what a run does, in a TOML file whose every key is known."""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from training.errors import RecipeInvalid

FOLDER = Path(__file__).parent
R = TypeVar("R", bound="Recipe")


@dataclass(frozen=True)
class Recipe:
    """What every run needs to be told; steps are batches."""

    name: str
    steps: int
    sources: dict[str, float]
    """How often a picture of each set is drawn, relative to the others."""
    track: str = "P"
    batch: int = 32
    """Pictures a process takes at once."""
    size: int = 128
    least_crop: float = 0.6
    aged_share: float = 0.4
    rate: float = 1e-3
    encoder_rate: float = 1e-4
    first_trained_block: int = 16
    """Blocks before this one stay as they are; beyond the last: a frozen encoder."""
    thaw_from: float = 0.0
    """Until this share of the steps the whole encoder is frozen."""
    reminded: float = 0.0
    """How far the encoder, before it learns, goes back towards the published weights
    that it once had (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR
    2022): colour makes it forget much of what ImageNet's labels taught."""
    warmup: int = 200
    weight_decay: float = 0.01
    clip: float = 1.0
    average: float = 0.999
    accumulate: int = 1
    """Parts of ``batch`` pictures that a process goes through before each step."""
    amp: bool = False
    """Half precision inside the network: bfloat16, or float16 on old GPUs."""
    seed: int = 1
    keep_every: int = 500


@dataclass(frozen=True)
class Pretrain(Recipe):
    """How a colour generator is trained."""

    generator: str = "fpn_generator"
    """A name of :data:`colorizer.vision.networks.GENERATORS`."""
    encoder: dict[str, Any] = field(default_factory=dict)
    """What its encoder is built with."""
    backbone: str = "efficientnet-lite0"
    """"efficientnet-lite0" or "-lite2" (ImageNet-supervised), "none" (from scratch), or
    "hugging-face:FOLDER" for a model of one's own in that layout."""
    widths: tuple[int, int, int, int] = (48, 96, 160, 256)
    """Of a pyramid generator's decoder."""
    dropout: float = 0.0
    """Share of a pyramid decoder's coarse channels left out while it learns."""
    late_size: int = 128
    late_from: float = 1.0
    """From this share of the steps on, crops have ``late_size``."""
    bins: bool = True
    rebalance: float = 0.25
    l1: float = 1.0
    l1_chroma: float = 2.0
    perceptual: float = 0.0
    """Weight of the perceptual loss."""
    perceptual_weights: str = ""
    """File of VGG-16's state dict (track P), or the name of a label-free checkpoint."""
    adversarial: str = ""
    """Either "bce" or "least-squares"; nothing for no discriminator."""
    adversarial_weight: float = 0.1
    discriminate_from: float = 0.8
    """From this share of the steps on, the discriminator learns alone."""
    play_from: float = 0.85
    """From this share on, generator and discriminator learn against each other."""
    play_rate: float = 2e-4
    discriminator_layers: int = 3
    discriminator_base: int = 64
    hints: bool = False
    """Take colour hints, simulated from the true colours."""
    hinted_share: float = 0.7
    """How likely a picture has any."""
    hint_points: int = 32
    """At most."""
    teachers: tuple[str, ...] = ()
    """Checkpoints whose mean opinion is learnt beside the truth."""
    taught: float = 1.0
    """Weight of the divergence from it."""
    start_from: str = ""
    """The name of an exported checkpoint whose weights are the first ones."""
    turn: float = 0.0
    """Degrees by which crops are turned at most, either way."""
    pasted: float = 0.0
    """Share of the pictures with a piece of another pasted in."""
    mounted: float = 0.0
    """Share of the pictures that lie on a mount, whose colour is grey."""
    backdrop: float = 0.0
    """Share of the pictures whose subject, where a mask tells it, is put before a plain
    backdrop without colour."""
    scratches: float = 0.0
    downscale: float = 0.0
    jpeg: float = 0.0
    """Shares of the aged pictures that have these, too."""
    validate_every: int = 0
    """Steps between measurements on the tuning split; 0 for none."""
    validation_pictures: int = 96
    patience: int = 0
    """Measurements without a better one after which the last phase ends; 0: never."""


@dataclass(frozen=True)
class Transfer(Recipe):
    """How a colour generator's encoder is transferred to tags."""

    size: int = 160
    least_crop: float = 0.7
    aged_share: float = 0.5
    first_trained_block: int = 11
    thaw_from: float = 0.2
    warmup: int = 100
    weight_decay: float = 0.05
    average: float = 0.998
    keep_every: int = 200
    balance: float = 0.5
    """Exponent by which rarer labels are drawn more often; 0 for as they come."""
    dropout: float = 0.2
    attention: float = 0.0
    """How far a score is moved towards where its label speaks loudest."""
    masks: float = 0.0
    """Weight of what masks say of each place, where a picture has one."""
    read: tuple[str, ...] = ("s16", "s32", "deep")
    """The encoder's maps whose means the last layer is given."""
    probed: bool = False
    """Let the last layer begin as the best linear probe of the encoder at its start,
    not by chance (Kumar et al., "Fine-Tuning can Distort Pretrained Features and
    Underperform Out-of-Distribution", ICLR 2022)."""
    generator: str = "fpn_generator"
    """What a start is that brings no generator along."""
    share: float = 1.0
    """Of the labelled pictures, how many are learnt from."""


def load(path: Path, kind: type[R]) -> R:
    """Read a recipe; ``path`` may also be the bare name of a shipped one.

    Raises:
        RecipeInvalid: The file is missing or has an unknown, missing or wrong key.
    """
    if not path.suffix:
        path = FOLDER / f"{path.name}.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        shipped = ", ".join(sorted(p.stem for p in FOLDER.glob("*.toml")))
        raise RecipeInvalid(
            f"There is no recipe {path}; shipped: {shipped}."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise RecipeInvalid(f"{path} is not TOML: {error}.") from error
    return parse(content, kind, str(path))


def parse(content: dict[str, Any], kind: type[R], where: str) -> R:
    """Return the recipe that ``content`` describes.

    Raises:
        RecipeInvalid: A key is unknown, missing or of the wrong type.
    """
    known = {f.name: f for f in fields(kind)}
    unknown = sorted(set(content) - set(known))
    if unknown:
        raise RecipeInvalid(f"{where}: unknown key {', '.join(unknown)}.")
    values: dict[str, Any] = {}
    for key, each in known.items():
        if key in content:
            values[key] = _value(content[key], str(each.type), f"{where}: {key}")
        elif each.default is MISSING and each.default_factory is MISSING:
            raise RecipeInvalid(f"{where}: the key {key} is missing.")
    return kind(**values)


def _value(value: Any, kind: str, where: str) -> Any:
    if kind == "float" and isinstance(value, int | float) and value is not True:
        return float(value)
    if kind.startswith("tuple") and isinstance(value, list):
        # "tuple[float, ...]" holds floats; every element is judged like a value.
        inner = kind.removeprefix("tuple[").removesuffix("]").split(",")[0]
        return tuple(_value(each, inner, where) for each in value)
    if kind == "dict[str, float]" and isinstance(value, dict):
        return {str(k): float(v) for k, v in value.items()}
    if kind == "dict[str, Any]" and isinstance(value, dict):
        return value
    plain = {"int": int, "str": str, "bool": bool}.get(kind)
    if plain is None or type(value) is not plain:
        raise RecipeInvalid(f"{where} must be {kind}, not {value!r}.")
    return value
