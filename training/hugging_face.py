"""A pretrained backbone from a folder in the layout of the Hugging Face libraries.

The folder holds `config.json`, the weights, and perhaps `preprocessor_config.json` with
the normalisation that they were trained with. Nothing is ever fetched.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from colorizer.vision.networks.hugging_face import HuggingFaceEncoder
from training.errors import DatasetMissing, RecipeInvalid

PREFIX = "hugging-face:"
"""How the ``backbone`` of a recipe begins that names such a folder."""


def folder_of(backbone: str) -> Path:
    """Return the folder that a recipe's ``backbone`` names.

    Raises:
        DatasetMissing: There is no `config.json` in it.
    """
    folder = Path(backbone.removeprefix(PREFIX)).expanduser()
    if not (folder / "config.json").is_file():
        raise DatasetMissing(f"There is no model in {folder}: no config.json.")
    return folder


def encoder_parameters(folder: Path) -> dict[str, Any]:
    """Return what a :class:`HuggingFaceEncoder` of this model is built with."""
    given: dict[str, Any] = {"config": _json(folder / "config.json")}
    preprocessing = folder / "preprocessor_config.json"
    if preprocessing.is_file():
        said = _json(preprocessing)
        if "image_mean" in said and "image_std" in said:
            given |= {"mean": said["image_mean"], "deviation": said["image_std"]}
    return given


def load_weights(encoder: HuggingFaceEncoder, folder: Path) -> None:
    """Give the encoder the weights of the folder.

    Raises:
        RecipeInvalid: They are not those of such a backbone, or not all there.
    """
    backbone: Any = encoder.blocks[0]
    try:
        found, told = type(backbone).from_pretrained(
            str(folder),
            local_files_only=True,
            out_features=list(backbone.out_features),
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise RecipeInvalid(f"backbone: {folder} cannot be loaded: {error}") from error
    if told["missing_keys"]:
        missing = min(told["missing_keys"])
        raise RecipeInvalid(f"backbone: {folder} has no weights for {missing}.")
    backbone.load_state_dict(found.state_dict())


def _json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RecipeInvalid(f"backbone: {path} is not JSON: {error}") from error
    return content
