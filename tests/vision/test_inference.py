import numpy as np
import pytest
import torch
from onnxruntime.capi.onnxruntime_pybind11_state import RuntimeException

from colorizer.vision.checkpoints import CheckpointCorrupt
from colorizer.vision.engines.torch_engine import device_of, network_of
from colorizer.vision.guess import CHROMA_SHARE
from colorizer.vision.inference import (
    Colorizer,
    DeviceUnavailable,
    OutOfMemory,
    PictureUnsuitable,
    Tagger,
)
from colorizer.vision.merge import merge
from colorizer.vision.predictor import Padded

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module", params=["torch", "onnxruntime"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def colorizer(engine: str) -> Colorizer:
    return Colorizer(device="cpu", engine=engine)


@pytest.fixture(scope="module")
def tagger(engine: str) -> Tagger:
    return Tagger(device="cpu", engine=engine)


def scene(height: int, width: int, seed: int = 0) -> np.ndarray:
    """A bright sky over darker, rougher ground."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width), 200.0)
    ground = height // 2
    picture[ground:] = 90 + 40 * rng.standard_normal((height - ground, width))
    return picture.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("height", "width"),
    [(1, 1), (1, 10_000), (10_000, 1), (33, 31), (480, 640), (5, 257)],
)
def test_it_colours_any_shape_without_squashing(
    colorizer: Colorizer, height: int, width: int
) -> None:
    grey = RNG.integers(0, 256, (height, width), dtype=np.uint8)
    [chroma] = colorizer.predict([grey])
    longest = max(chroma.cb.shape)
    assert longest == colorizer.working_size // CHROMA_SHARE
    wanted = longest * min(height, width) / max(height, width)
    assert abs(min(chroma.cb.shape) - wanted) <= 1
    assert merge(grey, chroma).shape == (height, width, 3)


def test_a_batch_gives_what_single_pictures_give(
    colorizer: Colorizer, tagger: Tagger
) -> None:
    greys = [scene(60, 80, 1), scene(80, 60, 2), scene(61, 80, 3), scene(300, 400, 4)]
    for grey, chroma in zip(greys, colorizer.predict(greys), strict=True):
        [alone] = colorizer.predict([grey])
        assert np.abs(alone.cb - chroma.cb).max() < 0.05
        assert np.abs(alone.cr - chroma.cr).max() < 0.05
    for grey, scores in zip(greys, tagger.predict(greys), strict=True):
        [single] = tagger.predict([grey])
        assert single == pytest.approx(scores, abs=1e-4)


def test_a_prepared_picture_gives_what_the_whole_one_gives(
    colorizer: Colorizer,
) -> None:
    grey = scene(900, 1300)
    small = colorizer.prepare(grey)
    assert max(small.shape) == colorizer.working_size
    assert colorizer.prepare(small) is small
    whole, prepared = colorizer.predict([grey, small])
    assert np.array_equal(whole.cb, prepared.cb)


def test_every_label_has_a_probability(tagger: Tagger) -> None:
    [scores] = tagger.predict([scene(120, 160)])
    assert list(scores) == list(tagger.card.labels)
    assert len(scores) == 26
    assert {"dog", "pottedplant", "tvmonitor", "glacier"} <= set(scores)
    assert all(0 <= score <= 1 for score in scores.values())


def test_no_pictures_give_no_results(colorizer: Colorizer) -> None:
    assert colorizer.predict([]) == []


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((4, 4, 3), np.uint8),
        np.zeros((4, 4), np.uint16),
        np.zeros((0, 4), np.uint8),
    ],
)
def test_it_refuses_what_is_not_grey(colorizer: Colorizer, wrong: np.ndarray) -> None:
    with pytest.raises(PictureUnsuitable, match="8-bit grey"):
        colorizer.predict([wrong])


def test_a_checkpoint_of_another_task_is_refused() -> None:
    with pytest.raises(CheckpointCorrupt, match="not a tagger"):
        Tagger("lite0-fpn", device="cpu")


def test_a_device_that_is_not_there_is_named() -> None:
    with pytest.raises(DeviceUnavailable, match="not a device"):
        device_of("abacus")
    if not torch.cuda.is_available():
        with pytest.raises(DeviceUnavailable, match="cuda"):
            device_of("cuda")
    assert device_of("cpu").type == "cpu"


class Scarce(torch.nn.Module):
    """A network with room for so many pictures at once."""

    def __init__(self, network: torch.nn.Module, room: int) -> None:
        super().__init__()
        self.network, self.room = network, room
        self.measures = network.measures
        self.seen: list[int] = []

    def forward(self, grey: torch.Tensor, *rest: torch.Tensor) -> torch.Tensor:
        self.seen.append(len(grey))
        if len(grey) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return self.network(grey, *rest)


def _with_room(tagger: Tagger, room: int) -> Scarce:
    """Let the tagger's encoder have room for so many pictures."""
    network = network_of(tagger.engine)
    scarce = Scarce(network.encoder, room)
    network.encoder = scarce
    return scarce


def test_out_of_memory_halves_the_batch_and_changes_nothing() -> None:
    greys = [scene(60, 80, seed) for seed in range(5)]
    tagger = Tagger(device="cpu", engine="torch")
    expected = tagger.predict(greys)
    scarce = _with_room(tagger, 1)
    for found, wanted in zip(tagger.predict(greys), expected, strict=True):
        assert found == pytest.approx(wanted, abs=1e-4)
    assert scarce.seen[0] == 5
    looks = 2 if tagger.card.parameters.get("mirrored") else 1
    assert scarce.seen.count(1) == 5 * looks


def test_out_of_memory_for_one_picture_is_named() -> None:
    tagger = Tagger(device="cpu", engine="torch")
    _with_room(tagger, 0)
    with pytest.raises(OutOfMemory, match="not enough memory"):
        tagger.predict([scene(60, 80)])


def test_out_of_memory_on_another_device_falls_back_to_the_cpu() -> None:
    tagger = Tagger(device="cpu", engine="torch")
    engine = tagger.engine
    engine.place = torch.device("meta")
    calls = 0

    def forward(batch: list[Padded]) -> list[str]:
        nonlocal calls
        calls += 1
        if engine.place.type != "cpu":
            raise torch.OutOfMemoryError("out of memory")
        return [f"picture {one.place}" for one in batch]

    # The move itself is real; only where it comes from is a device without memory.
    engine.network.to = lambda _device: engine.network  # type: ignore[method-assign]
    assert tagger.through([scene(8, 8)], forward) == ["picture 0"]
    assert tagger.device.startswith("cpu, torch")
    assert calls == 2


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeException("[ONNXRuntimeError] : 6 : std::bad_alloc"),
        RuntimeException("bfc_arena.cc: Failed to allocate memory for requested"),
    ],
)
def test_out_of_memory_of_the_exported_engine_is_known(error: Exception) -> None:
    tagger = Tagger(device="cpu", engine="onnxruntime")
    seen = []

    def forward(batch: list[Padded]) -> list[int]:
        seen.append(len(batch))
        if len(batch) > 1:
            raise error
        return [one.place for one in batch]

    assert tagger.through([scene(8, 8)] * 3, forward) == [0, 1, 2]
    assert seen == [3, 1, 2, 1, 1]

    def nothing(_batch: list[Padded]) -> list[int]:
        raise error

    with pytest.raises(OutOfMemory, match="not enough memory"):
        tagger.through([scene(8, 8)], nothing)


def test_other_failures_are_not_taken_for_memory(tagger: Tagger) -> None:
    def forward(_batch: list[Padded]) -> list[str]:
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="do not fit"):
        tagger.through([scene(8, 8)], forward)
