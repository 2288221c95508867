"""The exported engine gives what torch gives, and torch steps in where it cannot."""

import json
import logging
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from colorizer.vision import checkpoints, engines
from colorizer.vision.checkpoints import CheckpointCorrupt
from colorizer.vision.errors import DeviceUnavailable, EngineUnavailable
from colorizer.vision.inference import Colorizer, Hint, Tagger

SIZES = ((1, 1), (33, 31), (240, 320), (512, 400), (64, 512))
COLORIZERS = [c.name for c in checkpoints.available() if c.task == "colorizer"]
TAGGERS = [c.name for c in checkpoints.available() if c.task == "tagger"]
WORKING_SIZES = (96, 256, 512)


def pictures() -> list[np.ndarray]:
    """Smooth, and rough, and a real one."""
    from PIL import Image

    rng = np.random.default_rng(5)
    sample = Path(__file__).resolve().parents[2] / "sample" / "dust-bowl-home.jpg"
    made = [rng.integers(0, 256, size, np.uint8) for size in SIZES]
    slope = np.add.outer(np.arange(200), np.arange(300)) // 2
    return [*made, slope.astype(np.uint8), np.asarray(Image.open(sample).convert("L"))]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own with a copy of the shipped tagger in it."""
    for suffix in (".json", ".safetensors", ".onnx"):
        source = (checkpoints.SHIPPED / "lite2-tags").with_suffix(suffix)
        shutil.copy(source, tmp_path / f"mine{suffix}")
    monkeypatch.setenv(checkpoints.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.delenv(engines.VARIABLE, raising=False)
    return tmp_path


@pytest.mark.parametrize("name", COLORIZERS)
def test_colours_are_those_of_torch_within_half_a_unit_of_ab(name: str) -> None:
    torch = Colorizer(name, "cpu", engine="torch")
    exported = Colorizer(name, "cpu", engine="onnxruntime")
    assert torch.takes_hints is exported.takes_hints
    greys = pictures()
    hints = [[Hint(g.shape[1] / 2, g.shape[0] / 2, (200, 60, 40))] for g in greys]
    coloured = 0.0
    for size in WORKING_SIZES:
        for each in (torch, exported):
            each.adjust({"working_size": size, "chroma_scale": 1.0})
        for given in (None, hints)[: 1 + exported.takes_hints]:
            planes = torch.predict(greys, given), exported.predict(greys, given)
            for one, two in zip(*planes, strict=True):
                # A unit of ab is at least 0.4 of Cb and Cr: this is well within 0.5.
                assert np.abs(one.cb - two.cb).max() < 0.05
                assert np.abs(one.cr - two.cr).max() < 0.05
                coloured = max(coloured, float(np.abs(one.cb).max()))
    assert coloured > 5


@pytest.mark.parametrize("name", COLORIZERS)
def test_networks_agree_within_half_a_unit_of_ab(name: str) -> None:
    card = checkpoints.card(name)
    torch = engines.load_engine(card, "cpu", "torch")
    exported = engines.load_engine(card, "cpu", "onnxruntime")
    rng = np.random.default_rng(1)
    for side, batch, temperature in ((256, 8, 0.5), (512, 1, 1.0), (512, 2, 0.38)):
        luma = rng.integers(0, 256, (batch, 1, side, side), np.uint8)
        one, two = (e.colours(luma, None, temperature) for e in (torch, exported))
        assert one.shape == two.shape == (batch, 2, side // 4, side // 4)
        assert np.abs(one - two).max() < 0.5
        if exported.takes_hints:
            none = np.zeros((batch, 3, side, side), np.float32)
            assert np.array_equal(exported.colours(luma, none, temperature), two)


@pytest.mark.parametrize("name", TAGGERS)
def test_scores_are_those_of_torch(name: str) -> None:
    torch = Tagger(name, "cpu", engine="torch")
    exported = Tagger(name, "cpu", engine="onnxruntime")
    for size in WORKING_SIZES:
        for each in (torch, exported):
            each.adjust({"working_size": size})
        both = torch.predict(pictures()), exported.predict(pictures())
        for one, two in zip(*both, strict=True):
            assert two == pytest.approx(one, abs=1e-3)


def test_every_shipped_checkpoint_has_a_graph_without_weights() -> None:
    shipped = [
        c
        for c in checkpoints.available()
        if c.weights.parent.samefile(checkpoints.SHIPPED)
    ]
    assert len(shipped) >= 3
    for card in shipped:
        assert len(checkpoints.load_graph(card)) < 300_000
    total = sum(p.stat().st_size for p in checkpoints.SHIPPED.iterdir())
    assert total < 40_000_000


def test_the_exported_engine_is_taken_where_there_is_no_gpu(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "onnxruntime" in Tagger("mine", "cpu").device
    monkeypatch.setenv(engines.VARIABLE, "torch")
    assert "torch" in Tagger("mine", "cpu").device


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda graph: graph.unlink(), "The graph of mine is missing"),
        (
            lambda graph: graph.write_bytes(graph.read_bytes()[:-1]),
            "The graph of mine is not what its card describes",
        ),
    ],
)
def test_torch_steps_in_for_a_graph_that_is_not_as_described(
    own: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    break_it: object,
    sentence: str,
) -> None:
    break_it(own / "mine.onnx")  # type: ignore[operator]
    with caplog.at_level(logging.WARNING):
        assert "torch" in Tagger("mine", "cpu").device
    assert sentence in caplog.text
    assert "torch runs mine instead" in caplog.text
    with pytest.raises(checkpoints.CheckpointError, match=sentence):
        Tagger("mine", "cpu", engine="onnxruntime")
    monkeypatch.setattr(engines, "_installed", lambda package: package != "torch")
    with pytest.raises(checkpoints.CheckpointError, match=sentence):
        Tagger("mine", "cpu")


@pytest.mark.parametrize("other", ["nothing at all", "of another network"])
def test_a_graph_that_cannot_be_filled_is_named(
    own: Path, caplog: pytest.LogCaptureFixture, other: str
) -> None:
    import hashlib

    graph = own / "mine.onnx"
    if other == "nothing at all":
        graph.write_bytes(b"nothing at all")
    else:
        shutil.copy(checkpoints.SHIPPED / "lite0-fpn.onnx", graph)
    card = own / "mine.json"
    text = json.loads(card.read_text(encoding="utf-8"))
    text["graph_sha256"] = hashlib.sha256(graph.read_bytes()).hexdigest()
    card.write_text(json.dumps(text), encoding="utf-8")
    with pytest.raises(CheckpointCorrupt, match="python -m training graph mine"):
        Tagger("mine", "cpu", engine="onnxruntime")
    assert "torch" in Tagger("mine", "cpu").device
    assert "make it anew" in caplog.text


def test_a_checkpoint_without_a_graph_is_served_by_torch(
    own: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = own / "mine.json"
    text = json.loads(card.read_text(encoding="utf-8"))
    del text["graph_sha256"]
    card.write_text(json.dumps(text), encoding="utf-8")
    assert "torch" in Tagger("mine", "cpu").device
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]
    monkeypatch.setattr(engines, "_installed", lambda package: package != "torch")
    with pytest.raises(EngineUnavailable, match="no exported graph"):
        Tagger("mine", "cpu")


def test_changed_weights_are_refused_whatever_runs_them(own: Path) -> None:
    weights = own / "mine.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    for engine in ("auto", "torch", "onnxruntime"):
        with pytest.raises(CheckpointCorrupt, match=r"restore mine\.safetensors"):
            Tagger("mine", "cpu", engine=engine)


def test_engines_and_devices_that_are_not_there_are_named(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EngineUnavailable, match="AUTOCHROME_ENGINE to auto, torch"):
        Tagger("mine", "cpu", engine="steam")
    with pytest.raises(DeviceUnavailable, match="not on cuda"):
        Tagger("mine", "cuda", engine="onnxruntime")
    monkeypatch.setattr(engines, "_installed", lambda _package: False)
    for engine, device in (("torch", "cpu"), ("auto", "cuda")):
        with pytest.raises(EngineUnavailable, match="--no-light"):
            Tagger("mine", device, engine=engine)
    with pytest.raises(EngineUnavailable, match="ONNX Runtime is not installed"):
        Tagger("mine", "cpu")


def test_a_colour_graph_gives_no_scores() -> None:
    colorizer = Colorizer(device="cpu", engine="onnxruntime")
    luma, inside = np.zeros((1, 1, 32, 32), np.uint8), np.ones((1, 1, 1, 1), np.float32)
    with pytest.raises(CheckpointCorrupt, match="gives no scores"):
        colorizer.engine.scores(luma, inside)


def test_serving_with_the_exported_engine_never_imports_torch() -> None:
    code = (
        "import sys; import numpy as np; "
        "from colorizer.vision.inference import Colorizer, Tagger; "
        "grey = [np.zeros((40, 60), np.uint8)]; "
        "Colorizer(device='cpu').predict(grey); Tagger(device='cpu').predict(grey); "
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
