"""Recipes: what a run does, in a TOML file whose every key is known."""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from training.errors import RecipeInvalid

FOLDER = Path(__file__).parent
R = TypeVar("R")


@dataclass(frozen=True)
class Pretrain:
    """How a colour generator is trained; steps are batches."""

    name: str
    steps: int
    sources: dict[str, float]
    """How often a picture of each set is drawn, relative to the others."""
    track: str = "P"
    backbone: str = "efficientnet-lite0"
    """Either "efficientnet-lite0" (ImageNet-supervised) or "none" (from scratch)."""
    batch: int = 32
    size: int = 128
    late_size: int = 128
    late_from: float = 1.0
    """From this share of the steps on, crops have ``late_size``."""
    least_crop: float = 0.6
    aged_share: float = 0.4
    rate: float = 1e-3
    encoder_rate: float = 1e-4
    first_trained_block: int = 16
    """Blocks before this one stay as they are; 16 freezes the whole encoder."""
    thaw_from: float = 0.0
    """Until this share of the steps the whole encoder is frozen."""
    warmup: int = 200
    weight_decay: float = 0.01
    clip: float = 1.0
    average: float = 0.999
    bins: bool = True
    rebalance: float = 0.25
    l1: float = 1.0
    l1_chroma: float = 2.0
    widths: tuple[int, int, int, int] = (48, 96, 160, 256)
    seed: int = 1
    keep_every: int = 500


@dataclass(frozen=True)
class Transfer:
    """How a colour generator's encoder is transferred to tags."""

    name: str
    steps: int
    sources: dict[str, float]
    track: str = "P"
    batch: int = 32
    size: int = 160
    least_crop: float = 0.7
    aged_share: float = 0.5
    rate: float = 1e-3
    encoder_rate: float = 1e-4
    first_trained_block: int = 11
    thaw_from: float = 0.2
    warmup: int = 100
    weight_decay: float = 0.05
    clip: float = 1.0
    average: float = 0.998
    balance: float = 0.5
    """Exponent by which rarer labels are drawn more often; 0 for as they come."""
    dropout: float = 0.2
    share: float = 1.0
    """Of the labelled pictures, how many are learnt from."""
    seed: int = 1
    keep_every: int = 200


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
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(content) - set(known))
    if unknown:
        raise RecipeInvalid(f"{where}: unknown key {', '.join(unknown)}.")
    values: dict[str, Any] = {}
    for key, field in known.items():
        if key not in content:
            if field.default is MISSING and field.default_factory is MISSING:
                raise RecipeInvalid(f"{where}: the key {key} is missing.")
            continue
        values[key] = _value(content[key], str(field.type), f"{where}: {key}")
    return kind(**values)


def _value(value: Any, kind: str, where: str) -> Any:
    if kind == "float" and isinstance(value, int | float) and value is not True:
        return float(value)
    if kind.startswith("tuple") and isinstance(value, list):
        # "tuple[float, ...]" holds floats; every element is judged like a value.
        inner = kind.removeprefix("tuple[").removesuffix("]").split(",")[0]
        return tuple(_value(each, inner, where) for each in value)
    if kind.startswith("dict") and isinstance(value, dict):
        return {str(k): float(v) for k, v in value.items()}
    plain = {"int": int, "str": str, "bool": bool}.get(kind)
    if plain is None or type(value) is not plain:
        raise RecipeInvalid(f"{where} must be {kind}, not {value!r}.")
    return value
