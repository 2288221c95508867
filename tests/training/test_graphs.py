"""From a checkpoint to its graph, whatever the generator."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import load_file, save_file

from colorizer.vision import checkpoints
from colorizer.vision.engines import load_engine
from colorizer.vision.inference import Colorizer, Hint
from colorizer.vision.networks import build
from training.export import BACKBONES, LARGE, backbone_text, write_checkpoint
from training.graphs import add_graph

FPN = {"widths": [8, 8, 8, 8], "bins": 5, "hints": True}
UNET = {"bins": 0, "encoder": {"levels": 6, "base": 4}}


def written(folder: Path, network: str, parameters: dict[str, object]) -> Path:
    """Write a checkpoint of random weights, hints included."""
    torch.manual_seed(3)
    made = build(network, parameters, folded=True)
    with torch.no_grad():
        for value in made.parameters():
            value.add_(0.05 * torch.randn_like(value))
        if parameters["bins"]:
            made.centres.copy_(60 * torch.randn_like(made.centres))
    text = {
        "version": "0",
        "task": "colorizer",
        "network": network,
        "parameters": {"working_size": 64, "network": parameters},
    }
    return write_checkpoint(folder, "tiny", made, text)


def test_large_weights_may_have_eight_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(checkpoints.FOLDER_VARIABLE, str(tmp_path))
    torch.manual_seed(0)
    made = build("pooled_tagger", {"labels": 3}, folded=True).eval()
    given = {"working_size": 64, "network": {"labels": 3}}
    text = {"version": "0", "task": "tagger", "network": "pooled_tagger"}
    path = write_checkpoint(
        tmp_path, "tiny", made, {**text, "parameters": given}, small=True
    )
    read = checkpoints.load_weights(checkpoints.card("tiny"))
    assert read.keys() == made.state_dict().keys()
    for name, value in made.state_dict().items():
        if value.ndim == 1 or value.numel() < LARGE:
            assert torch.equal(read[name], value.half().float())
            continue
        step = value.flatten(1).abs().amax(1) / 127
        off = (read[name] - value).abs().flatten(1).amax(1)
        assert (off <= 0.53 * step).all()
        assert (off > 0).any()
    weights = path.with_suffix(".safetensors")
    assert weights.stat().st_size < 1.2 * sum(v.numel() for v in read.values())
    assert checkpoints.card("tiny").graph_sha256  # torch and the graph agree

    stored = load_file(weights)
    stored.pop("encoder.head.conv.weight" + checkpoints.SCALE)
    save_file(stored, weights)
    described = json.loads(path.read_text("utf-8"))
    described["sha256"] = hashlib.sha256(weights.read_bytes()).hexdigest()
    path.write_text(json.dumps(described), "utf-8")
    with pytest.raises(checkpoints.CheckpointCorrupt, match="lacks its scale"):
        checkpoints.load_weights(checkpoints.card("tiny"))


def test_numbers_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.safetensors"
    save_file({"weight": torch.ones(2, dtype=torch.bfloat16)}, path)
    card = {"version": "0", "task": "tagger", "network": "n", "parameters": {}}
    card["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_suffix(".json").write_text(json.dumps(card), "utf-8")
    odd = checkpoints.read_card(path.with_suffix(".json"))
    with pytest.raises(checkpoints.CheckpointCorrupt, match="bfloat16"):
        checkpoints.load_weights(odd)


def test_a_tagger_has_the_backbone_of_its_start() -> None:
    transfer = {"track": "P"}
    for backbone in ("efficientnet-lite0", "efficientnet-lite2"):
        built = {"backbone": backbone.replace("-", "_")}
        assert backbone_text(transfer, built) == BACKBONES[backbone]
    assert backbone_text({"track": "S"}, built) == BACKBONES["none"]


@pytest.mark.parametrize(
    ("network", "parameters"), [("fpn_generator", FPN), ("paper_unet", UNET)]
)
def test_a_graph_comes_with_a_checkpoint_and_steers_by_hints(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    network: str,
    parameters: dict[str, object],
) -> None:
    path = written(tmp_path, network, parameters)
    monkeypatch.setenv(checkpoints.FOLDER_VARIABLE, str(tmp_path))
    card = checkpoints.card("tiny")
    assert card.graph_sha256
    assert card.graph.stat().st_size < 130_000
    both = [Colorizer("tiny", "cpu", engine=e) for e in ("torch", "onnxruntime")]
    assert both[0].takes_hints is both[1].takes_hints is bool(parameters.get("hints"))
    assert both[0].engine.multiple == both[1].engine.multiple
    grey = np.random.default_rng(0).integers(0, 256, (50, 70), np.uint8)
    given = [[Hint(30, 20, (220, 40, 40))]] if both[0].takes_hints else None
    [plain] = both[1].predict([grey])
    for hints in (None, given):
        one, two = (each.predict([grey], hints)[0] for each in both)
        assert np.abs(one.cb - two.cb).max() < 0.05
        assert np.abs(one.cr - two.cr).max() < 0.05
    assert card.steered_graph.exists() is bool(given)
    if given:
        assert np.abs(two.cr - plain.cr).max() > 0.5
        asked = [
            {each.name for each in onnx.load(p, load_external_data=False).graph.input}
            for p in (card.graph, card.steered_graph)
        ]
        assert asked[1] - asked[0] == {"hints"}

    before = path.read_text(encoding="utf-8")
    content = card.weights.read_bytes()
    assert add_graph(path)
    assert path.read_text(encoding="utf-8") == before
    assert card.weights.read_bytes() == content


def test_convolutions_pad_by_themselves(tmp_path: Path) -> None:
    path = written(tmp_path, "fpn_generator", FPN)
    graph = onnx.load(path.with_suffix(".onnx"), load_external_data=False).graph
    assert not [node.name for node in graph.node if node.op_type == "Pad"]
    pads = [
        list(each.ints)
        for node in graph.node
        for each in node.attribute
        if node.op_type == "Conv" and each.name == "pads"
    ]
    assert [0, 0, 1, 1] in pads  # TensorFlow's SAME, at stride 2


def test_a_network_whose_graph_gives_other_colours_gets_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "fpn_generator", FPN)
    monkeypatch.setattr("training.graphs.equal", lambda *_engines: False)
    assert not add_graph(path)
    assert "torch serves it" in capsys.readouterr().out
    assert "graph_sha256" not in json.loads(path.read_text(encoding="utf-8"))
    assert not list(tmp_path.glob("*.onnx*"))
    monkeypatch.setenv(checkpoints.FOLDER_VARIABLE, str(tmp_path))
    assert "torch" in load_engine(checkpoints.card("tiny"), "cpu").device


def test_torch_steps_in_where_the_graph_that_follows_hints_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    written(tmp_path, "fpn_generator", FPN)
    monkeypatch.setenv(checkpoints.FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / "tiny-steered.onnx").unlink()
    assert "torch" in load_engine(checkpoints.card("tiny"), "cpu").device
    assert "tiny-steered.onnx" in caplog.text
