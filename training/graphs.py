"""From a checkpoint to its graph: what ONNX Runtime needs to serve it without torch.

The graph holds no weights: each is an initializer with the name, and the shape, that
it has in the safetensors file, from which it is filled when it is loaded.
"""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from colorizer.vision import checkpoints
from colorizer.vision.checkpoints import Card, CheckpointCorrupt
from colorizer.vision.engines import Engine
from colorizer.vision.engines.onnx_engine import MULTIPLE, OnnxEngine
from colorizer.vision.engines.torch_engine import TorchEngine
from colorizer.vision.guess import CHROMA_SHARE
from colorizer.vision.inference import STRIDE
from colorizer.vision.networks.classifier import TermClassifier
from colorizer.vision.networks.fpn import FpnGenerator
from colorizer.vision.networks.generator import Generator
from colorizer.vision.networks.tagging import PooledTagger, Seen
from training.runs import write_text

OPSET = 17
LIMIT = 80.0
"""exp() of more is no longer safe in float32."""
TOLERANCE = 0.05
"""Between the engines: ab units of random pictures, and scores."""
HASHES = ("graph_sha256", "steered_graph_sha256")
"""What a card calls the SHA-256 of its graphs."""
PREFIX = "network."
"""What a served module calls the network that it wraps."""


class Colours(nn.Module):
    """A generator as it is served: luma 0-255 in, CIE Lab a*b* at a quarter out."""

    def __init__(self, network: Generator) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, luma: Tensor, temperature: Tensor, hints: Tensor | None = None
    ) -> Tensor:
        """Return ab (B, 2, H/4, W/4)."""
        network = self.network
        grey = (luma.float() - 127.0) / 128.0
        if not network.bins:
            ab: Tensor = network(grey, hints) * network.ab_scale
        else:
            chances = torch.exp(self.scores(grey, temperature, hints).clamp(max=LIMIT))
            ones = network.centres.new_ones(1, network.bins)
            sums = torch.cat([network.centres.t(), ones])[:, :, None, None]
            both = F.conv2d(chances, sums)
            ab = both[:, :2] / both[:, 2:]
        if network.share < CHROMA_SHARE:
            ab = F.avg_pool2d(ab, CHROMA_SHARE // network.share)
        return ab

    def scores(self, grey: Tensor, temperature: Tensor, hints: Tensor | None) -> Tensor:
        """Return the scores of the bins, against their mean, over the temperature.

        The softmax is written out, because along the channels ONNX Runtime is slow at
        it. Scores are taken against their mean at each place, so that the largest is
        never below 0, and numerator and denominator are one convolution. Where the last
        layer is 1×1, mean, temperature and bias are a part of it: the scores of all
        bins are the largest map by far, and every pass over it costs.
        """
        network = self.network
        if not isinstance(network, FpnGenerator):
            out: Tensor = network(grey, hints)
            of_all = out.new_full((1, network.bins, 1, 1), 1 / network.bins)
            return (out - F.conv2d(out, of_all)) / temperature
        merged = network.merged(grey, hints)
        rows, columns = merged.shape[2:]
        weight, bias = network.last.weight[:, :, 0, 0], network.last.bias
        assert bias is not None  # noqa: S101  # of our own making
        weight = torch.cat([weight, bias[:, None]], 1)
        ones = merged[:, :1] * 0 + 1  # of the size that a picture then has
        read = torch.cat([merged, ones], 1) / temperature
        scores: Tensor = (weight - weight.mean(0)) @ read.flatten(2)
        return scores.view(-1, network.bins, rows, columns)


class Tags(nn.Module):
    """A tagger as it is served: luma 0-255 in, scores, features and regions out."""

    def __init__(self, network: PooledTagger | TermClassifier) -> None:
        super().__init__()
        self.network = network

    def forward(self, luma: Tensor, inside: Tensor) -> Seen:
        """Return scores before the sigmoid, features and regions."""
        return self.network.seen((luma.float() - 127.0) / 128.0, inside)


def add_graph(path: Path) -> bool:
    """Export the network of a card, beside it; say whether that could be done.

    The weights and what else the card says stay as they are. A network that cannot be
    exported, or whose graph gives something else than torch does, gets no graph, and
    is served by torch.

    Args:
        path: The card's, NAME.json.

    Raises:
        CheckpointNotFound: The weights are missing.
        CheckpointCorrupt: The weights are not those that the card describes.
    """
    card = checkpoints.read_card(path)
    served = TorchEngine(card, "cpu")
    text = {k: v for k, v in card.text.items() if k not in HASHES}
    _forget(card)
    try:
        plain = _written(card.graph, exported(served, steered=False))
        steered = ""
        if served.takes_hints:
            content = exported(served, steered=True)
            steered = _written(card.steered_graph, content)
        described = replace(card, graph_sha256=plain, steered_graph_sha256=steered)
        if equal(served, OnnxEngine(described)):
            text[HASHES[0]] = plain
            if steered:
                text[HASHES[1]] = steered
    except (RuntimeError, TypeError, ValueError, CheckpointCorrupt) as problem:
        print(f"{card.name} cannot be exported: {problem}")
    if HASHES[0] not in text:
        _forget(card)
        print(f"{card.name} has no graph: torch serves it.")
    write_text(path, json.dumps(text, indent=2, ensure_ascii=False) + "\n")
    return HASHES[0] in text


def _forget(card: Card) -> None:
    card.graph.unlink(missing_ok=True)
    card.steered_graph.unlink(missing_ok=True)


def _written(path: Path, content: bytes) -> str:
    """Write a graph, whole or not at all; return its SHA-256."""
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
    return hashlib.sha256(content).hexdigest()


def exported(engine: TorchEngine, *, steered: bool) -> bytes:
    """Return the graph of a loaded network, without its weights.

    Args:
        engine: What is exported.
        steered: Let the graph follow hints. What no hint changes has a graph of its
            own, because a graph computes all that it has, from zeros, too.

    Raises:
        RuntimeError, TypeError, ValueError: torch cannot export it.
    """
    network = engine.network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    rows, columns = 2 * engine.multiple, 3 * engine.multiple
    luma = torch.full((2, 1, rows, columns), 100, dtype=torch.uint8)
    sides = {0: "batch", 2: "height", 3: "width"}
    coarse = {0: "batch", 2: "rows", 3: "columns"}
    if isinstance(network, Generator):
        module: nn.Module = Colours(network)
        given = {"luma": luma, "temperature": torch.tensor(1.0)}
        if steered:
            given["hints"] = torch.rand(2, 3, rows, columns)
        axes = {"luma": sides, "hints": sides, "ab": coarse}
        wanted = ["ab"]
    elif not isinstance(network, PooledTagger | TermClassifier):
        raise TypeError(f"Nothing serves a {type(network).__name__}.")
    else:
        module = Tags(network)
        inside = torch.rand(2, 1, rows // STRIDE, columns // STRIDE)
        given = {"luma": luma, "inside": inside}
        batch = {0: "batch"}
        axes = {"luma": sides, "inside": coarse, "regions": coarse}
        axes |= {"scores": batch, "features": batch}
        wanted = ["scores", "features", "regions"]
    content = io.BytesIO()
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        # torch's newer exporter takes half a minute for what this does in a second.
        torch.onnx.export(
            module.eval(),
            tuple(given.values()),
            content,  # type: ignore[arg-type]  # as the older exporter takes it
            dynamo=False,
            export_params=False,
            do_constant_folding=False,  # it would give the folded ones other names
            opset_version=OPSET,
            input_names=list(given),
            output_names=wanted,
            dynamic_axes={k: v for k, v in axes.items() if k in (*given, *wanted)},
        )
    return emptied(content.getvalue(), network, engine.multiple)


def emptied(content: bytes, network: nn.Module, multiple: int) -> bytes:
    """Return a graph whose weights are initializers that lie elsewhere, by name.

    What the network has beside its weights, such as a table of indices, stays inside.
    """
    model = onnx.load_from_string(content)
    graph = model.graph
    read = {name.removeprefix(PREFIX) for node in graph.node for name in node.input}
    weights = {k: v for k, v in network.state_dict().items() if k in read}
    pad_inside(graph)
    for node in graph.node:
        node.doc_string = ""
        for place, name in enumerate(node.input):
            node.input[place] = name.removeprefix(PREFIX)
    asked = {each.name.removeprefix(PREFIX) for each in graph.input}
    for name, value in network.named_buffers():
        if name in asked and name not in weights:
            graph.initializer.append(onnx.numpy_helper.from_array(value.numpy(), name))
    for name, value in weights.items():
        graph.initializer.append(
            onnx.TensorProto(
                name=name,
                data_type=onnx.TensorProto.FLOAT,
                dims=value.shape,
                data_location=onnx.TensorProto.EXTERNAL,
                external_data=[{"key": "location", "value": "weights"}],
            )
        )
    inputs = [each for each in graph.input if not each.name.startswith(PREFIX)]
    del graph.input[:]
    graph.input.extend(inputs)
    onnx.helper.set_model_props(model, {MULTIPLE: str(multiple)})
    return bytes(model.SerializeToString())


def pad_inside(graph: onnx.GraphProto) -> None:
    """Let convolutions pad, where a step before them did: ONNX allows uneven padding.

    That saves a copy of the map, and two changes of its layout in ONNX Runtime.
    """
    made = {name: node for node in graph.node for name in node.output}
    for pad in [node for node in graph.node if node.op_type == "Pad"]:
        readers = [node for node in graph.node if pad.output[0] in node.input]
        zeros = all(each.s == b"constant" for each in pad.attribute)
        if [node.op_type for node in readers] != ["Conv"] or not zeros:
            continue
        source = made[pad.input[1]]
        while source.op_type != "Constant":
            source = made[source.input[0]]
        left, right, top, bottom = onnx.numpy_helper.to_array(source.attribute[0].t)
        for attribute in readers[0].attribute:
            if attribute.name == "pads":
                attribute.ints[:] = [top, left, bottom, right]
        readers[0].input[0] = pad.input[0]
        graph.node.remove(pad)


def equal(torch_engine: TorchEngine, other: Engine) -> bool:
    """Say whether two engines give the same for pictures of several shapes."""
    rng = np.random.default_rng(0)
    generator = isinstance(torch_engine.network, Generator)
    side = max(torch_engine.multiple, STRIDE)
    for batch, rows, columns in ((1, 3, 2), (2, 2, 5), (1, 1, 1)):
        shape = (batch, 1, rows * side, columns * side)
        luma = rng.integers(0, 256, shape, np.uint8)
        pairs = []
        if generator:
            hints = rng.random((batch, 3, *shape[2:]), np.float32)
            for planes in (None, hints)[: 1 + torch_engine.takes_hints]:
                pairs += [(e.colours(luma, planes, 0.5)) for e in (torch_engine, other)]
        else:
            coarse = (batch, 1, shape[2] // STRIDE, shape[3] // STRIDE)
            inside = rng.random(coarse, np.float32)
            first, second = (e.seen(luma, inside) for e in (torch_engine, other))
            for part in ("scores", "features", "regions"):
                pairs += [getattr(first, part), getattr(second, part)]
        for one, two in zip(pairs[::2], pairs[1::2], strict=True):
            if one.shape != two.shape or not np.abs(one - two).max() < TOLERANCE:
                return False
    return True
