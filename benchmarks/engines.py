"""The colorizer in torch, ONNX Runtime and OpenVINO, and quantised to int8.

    OMP_NUM_THREADS=1 python -m benchmarks.engines [PICTURES] [--checkpoint NAME]

One thread each, turn by turn in one process, by processor time; the peer is torch at
the same size and batch. OpenVINO is timed where it is installed. With a folder of
photographs, static int8 quantisation (calibrated on every other one) is timed too, and
its colours are compared with those of full precision on the rest.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnxruntime import quantization
from PIL import Image
from skimage.color import deltaE_ciede2000, lab2rgb, rgb2lab

from colorizer.vision import checkpoints
from colorizer.vision.engines import load_engine

CASES = ((256, 1), (256, 8), (512, 1), (512, 8))
TEMPERATURE = np.array(0.5, np.float32)


def filled(card, path):
    """Write the graph with its weights inside, for those who cannot fill it."""
    model = onnx.load_from_string(checkpoints.load_graph(card))
    weights = checkpoints.load_arrays(card)
    for place, empty in enumerate(model.graph.initializer):
        if empty.name in weights:
            tensor = onnx.numpy_helper.from_array(weights[empty.name], empty.name)
            model.graph.initializer[place].CopyFrom(tensor)
    onnx.save(model, path)


def inputs(luma):
    """Return what a colorizer's graph takes."""
    return {"luma": luma, "temperature": TEMPERATURE}


def in_onnxruntime(path):
    """Return a function of luma, by ONNX Runtime with one thread."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda luma: session.run(None, inputs(luma))[0]


def in_openvino(path):
    """Return a function of luma, by OpenVINO with one thread; None without it."""
    try:
        import openvino
    except ImportError:
        return None
    settings = {
        "INFERENCE_NUM_THREADS": 1,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
    }
    model = openvino.Core().compile_model(str(path), "CPU", settings)
    return lambda luma: model(inputs(luma))[0]


class Calibration(quantization.CalibrationDataReader):
    """Pictures for the quantiser, one at a time."""

    def __init__(self, pictures):
        """Keep them."""
        self.rest = iter([inputs(luma) for luma in pictures])

    def get_next(self):
        """Return the next, or None."""
        return next(self.rest, None)


def quantised(path, pictures):
    """Return the path of an int8 version: convolutions alone, a scale a channel."""
    prepared, small = path.with_name("prepared.onnx"), path.with_name("int8.onnx")
    quantization.shape_inference.quant_pre_process(
        path, prepared, skip_symbolic_shape=True
    )
    quantization.quantize_static(
        prepared,
        small,
        Calibration(pictures),
        op_types_to_quantize=["Conv"],
        nodes_to_exclude=last_nodes(prepared),
        per_channel=True,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
        reduce_range=True,  # without VNNI, sums of full range overflow
    )
    return small


def last_nodes(path, count=3):
    """Return the names of the last convolutions: the scores and their decoding."""
    nodes = onnx.load(path).graph.node
    return [node.name for node in nodes if node.op_type == "Conv"][-count:]


def read(folder, side=256):
    """Return luma (1, 1, H, W) of pictures, multiples of 32."""
    found = []
    for path in sorted(folder.iterdir()):
        with Image.open(path) as picture:
            grey = picture.convert("L")
        scale = side / max(grey.size)
        size = [max(32, round(n * scale) // 32 * 32) for n in grey.size]
        found.append(np.asarray(grey.resize(size))[None, None])
    return found


def difference(luma, one, two):
    """Return mean and 95th percentile of ΔE00, and the largest |Δab|."""
    grey = np.asarray(Image.fromarray(luma[0, 0]).resize(one.shape[:1:-1]))
    lightness = rgb2lab(np.repeat(grey[..., None], 3, 2))[..., :1]
    labs = []
    for ab in (one, two):
        lab = np.concatenate([lightness, np.moveaxis(ab[0], 0, -1)], 2)
        labs.append(rgb2lab(lab2rgb(lab)))
    delta = deltaE_ciede2000(*labs)
    return delta.mean(), np.percentile(delta, 95), np.abs(one - two).max()


def main():
    """Time them, and say how far the colours move."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", nargs="?", type=Path)
    parser.add_argument("--checkpoint", default=checkpoints.DEFAULTS["colorizer"])
    parser.add_argument("--turns", type=int, default=7)
    given = parser.parse_args()
    card = checkpoints.card(given.checkpoint)
    torch_engine = load_engine(card, "cpu", "torch", 1)
    exported = load_engine(card, "cpu", "onnxruntime", 1)
    print(torch_engine.device, "against", exported.device, torch.get_num_threads())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "filled.onnx"
        filled(card, path)
        run = {
            "torch": lambda luma: torch_engine.colours(luma, None, 0.5),
            "onnxruntime": lambda luma: exported.colours(luma, None, 0.5),
            "openvino": in_openvino(path),
        }
        if given.pictures:
            pictures = read(given.pictures)
            small = quantised(path, pictures[::2])
            run["onnxruntime int8"] = in_onnxruntime(small)
            run["openvino int8"] = in_openvino(small)
        run = {name: each for name, each in run.items() if each}
        for side, batch in CASES:
            shape = (batch, 1, side, side)
            luma = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
            spent = {name: [] for name in run}
            for _ in range(given.turns + 1):
                for name, each in run.items():
                    began = time.process_time()
                    each(luma)
                    spent[name].append(time.process_time() - began)
            middle = {k: statistics.median(v[1:]) for k, v in spent.items()}
            words = [
                f"{name} {1000 * each / batch:.1f} ms {middle['torch'] / each:.2f} ×"
                for name, each in middle.items()
            ]
            print(f"{side} px, batch {batch}:", "; ".join(words), flush=True)
        if given.pictures:
            for name in [n for n in run if n != "torch"]:
                moved = [
                    difference(luma, run["torch"](luma), run[name](luma))
                    for luma in pictures[1::2]
                ]
                mean, high, most = np.array(moved).T
                print(
                    f"{name} against torch on {len(moved)} pictures: ΔE00 mean"
                    f" {mean.mean():.3f}, 95th percentile {high.mean():.2f};"
                    f" |Δab| at most {most.max():.2f}"
                )


if __name__ == "__main__":
    main()
