"""A backbone of one's own, from a folder that the library itself has written."""

import json
from pathlib import Path

import pytest
import torch
from transformers import (
    ResNetBackbone,
    ResNetConfig,
    ResNetForImageClassification,
    ViTConfig,
    ViTModel,
)

from colorizer.vision.networks.hugging_face import HuggingFaceEncoder
from training.errors import DatasetMissing, RecipeInvalid
from training.export import backbone_text
from training.recipes import Pretrain
from training.starting import fresh_generator

TINY = ResNetConfig(embedding_size=8, hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1])


def recipe(folder: Path, **more: object) -> Pretrain:
    """Return a recipe that starts from the folder."""
    given = {
        "generator": "hugging_face_fpn",
        "backbone": f"hugging-face:{folder}",
        "widths": (8, 8, 8, 8),
        "bins": False,
    }
    return Pretrain(name="own", steps=1, sources={"voc": 1.0}, **(given | more))


@pytest.fixture(params=[ResNetBackbone, ResNetForImageClassification])
def saved(
    request: pytest.FixtureRequest, tmp_path: Path
) -> tuple[Path, torch.nn.Module]:
    """Return a folder and the model in it: a bare backbone, or a whole classifier."""
    torch.manual_seed(3)
    model = request.param(TINY)
    folder = tmp_path / "resnet-tiny"
    model.save_pretrained(folder)
    preprocessing = {"image_mean": [0.5] * 3, "image_std": [0.25] * 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessing))
    return folder, model


def test_the_weights_of_the_folder_see_grey_as_the_model_does(saved) -> None:
    folder, model = saved
    encoder = fresh_generator(recipe(folder), None).encoder.eval()
    luma = torch.rand(2, 1, 64, 64) * 255
    seen = encoder((luma - 127) / 128).s32
    body = getattr(model, "resnet", model).eval()
    rgb = ((luma / 255 - 0.5) / 0.25).expand(-1, 3, -1, -1)
    wanted = body(rgb)
    last = wanted.last_hidden_state if "last_hidden_state" in wanted else None
    if last is None:
        last = wanted.feature_maps[-1]
    torch.testing.assert_close(seen, last, atol=1e-5, rtol=1e-4)


def test_its_hints_and_its_learning_work(saved) -> None:
    folder, _model = saved
    network = fresh_generator(recipe(folder, hints=True), None)
    network.encoder.trainable_from(1)
    assert not any(p.requires_grad for p in network.encoder.parameters())
    network.encoder.trainable_from(0)
    out = network(torch.randn(1, 1, 64, 64), torch.zeros(1, 3, 64, 64))
    out.sum().backward()
    assert out.shape == (1, 2, 16, 16)
    assert all(p.grad is not None for p in network.encoder.stem.parameters())


def test_a_card_names_the_model_and_not_its_folder(saved) -> None:
    folder, _model = saved
    words = backbone_text({"track": "P", "backbone": f"hugging-face:{folder}"})
    assert words.startswith("resnet-tiny, ")
    assert str(folder.parent) not in words


def test_what_is_no_such_backbone_is_refused(saved, tmp_path: Path) -> None:
    folder, _model = saved
    with pytest.raises(RecipeInvalid, match="track S"):
        fresh_generator(recipe(folder, track="S"), None)
    with pytest.raises(RecipeInvalid, match="none of that name"):
        fresh_generator(recipe(folder, generator="residual_fpn", encoder={}), None)
    with pytest.raises(DatasetMissing, match="no config"):
        fresh_generator(recipe(tmp_path / "nowhere"), None)
    plain = ViTModel(
        ViTConfig(
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
        )
    )
    plain.save_pretrained(tmp_path / "vit")
    with pytest.raises(RecipeInvalid, match="no backbone has this configuration"):
        fresh_generator(recipe(tmp_path / "vit"), None)


def test_weights_that_are_not_all_there_are_refused(saved) -> None:
    folder, _model = saved
    other = ResNetBackbone(
        ResNetConfig(embedding_size=8, hidden_sizes=[8, 8], depths=[1, 1])
    )
    other.save_pretrained(folder.parent / "other")
    weights = (folder.parent / "other" / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights)
    with pytest.raises(RecipeInvalid, match=r"weights|loaded"):
        fresh_generator(recipe(folder), None)


def test_a_configuration_is_enough_to_build_the_network() -> None:
    config = json.loads(TINY.to_json_string(use_diff=True))
    encoder = HuggingFaceEncoder(config | {"model_type": "resnet"})
    assert dict(encoder.channels) == {4: 8, 8: 8, 16: 16, 32: 16}
