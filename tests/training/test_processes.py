"""Two processes learn what one learns from the doubled batch."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from colorizer.vision.networks.tagging import PooledTagger
from tests.training.test_runs import ROOT
from tests.training.tiny import metrics, quiet, tiny, with_tuning
from training import processes
from training.pack import Pack
from training.precision import half_type, halve
from training.pretrain import Pretraining
from training.recipes import Pretrain, parse

RECIPE = """
name = "tiny"
steps = 4
track = "S"
generator = "residual_fpn"
backbone = "none"
batch = 2
size = 32
widths = [8, 8, 8, 8]
l1_chroma = 0.0
aged_share = 0.5
scratches = 0.5
hints = true
adversarial = "least-squares"
discriminate_from = 0.5
play_from = 0.75
discriminator_layers = 1
discriminator_base = 4
encoder = { widths = [8, 8, 16, 16], depths = [1, 1, 1, 1] }
first_trained_block = 0
thaw_from = 0.3
warmup = 1
validate_every = 2
[sources]
voc = 1.0
scenes = 1.0
"""


def learn(folder: Path, pack: Pack, batch: int, parts: int = 1) -> dict[str, Any]:
    """Follow the recipe with another batch in this process; return its state."""
    recipe = parse(tomllib.loads(RECIPE), Pretrain, "recipe")
    recipe = replace(recipe, batch=batch, accumulate=parts)
    assert Pretraining(recipe, pack, folder, quiet).run()
    state: dict[str, Any] = torch.load(folder / "state.pt", weights_only=True)
    return state


def close(one: dict[str, Any], other: dict[str, Any]) -> bool:
    assert one.keys() == other.keys()
    return all(
        torch.allclose(v, other[k], rtol=1e-3, atol=5e-4) for k, v in one.items()
    )


def test_two_processes_are_as_good_as_the_doubled_batch(
    tmp_path: Path, pack: Pack
) -> None:
    pack = tuned_on_disk(pack, tmp_path / "pack")
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    launch = ["torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    words = ["training", "--threads", "1", "pretrain", str(tmp_path / "recipe.toml")]
    words += ["--pack", str(pack.folder), "--run", str(tmp_path / "two")]
    done = subprocess.run(
        [sys.executable, "-m", *launch, "-m", "--", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("step 4/4") == 1  # one speaks for both
    two = torch.load(tmp_path / "two" / "state.pt", weights_only=True)
    one = learn(tmp_path / "one", pack, batch=4)
    assert close(two["network"], one["network"])
    assert close(two["average"], one["average"])
    assert close(two["adversary"]["network"], one["adversary"]["network"])
    ours, theirs = metrics(tmp_path / "two"), metrics(tmp_path / "one")
    assert ours.keys() == theirs.keys()
    # With half the batch it comes out otherwise: or the test would see nothing.
    half = learn(tmp_path / "half", pack, batch=2)
    encoders = [
        {k: v for k, v in state["network"].items() if k.startswith("encoder.")}
        for state in (two, half)
    ]
    assert not close(*encoders)


def test_parts_add_up_to_the_whole_batch(tmp_path: Path, pack: Pack) -> None:
    """But for normalisation, which sees each part alone."""
    recipe = tiny("vit_fpn", widths=(4, 4, 4, 4), l1_chroma=0.0, batch=4)
    runs = [
        Pretraining(replace(recipe, batch=b, accumulate=p), pack, tmp_path / n, quiet)
        for n, b, p in (("whole", 4, 1), ("parts", 2, 2))
    ]
    gradients = []
    for run in runs:
        for module in run.network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.forward = lambda x: x  # type: ignore[method-assign]
        for part in range(run.batches.parts):
            run.batches.part = part
            run.differentiate(*run.batches.at(0, 32, part), last=True)
        gradients.append({k: p.grad for k, p in run.network.named_parameters()})
    for key, gradient in gradients[0].items():
        if gradient is not None:
            assert torch.allclose(gradient, gradients[1][key], rtol=1e-3, atol=1e-6)


def tuned_on_disk(pack: Pack, folder: Path) -> Pack:
    """Return a copy of the pack that has a tuning split."""
    folder.mkdir()
    shutil.copy(pack.folder / "pixels.u8", folder)
    content = json.loads((pack.folder / "index.json").read_text(encoding="utf-8"))
    content["entries"] = [asdict(entry) for entry in with_tuning(pack).entries]
    (folder / "index.json").write_text(json.dumps(content), encoding="utf-8")
    return Pack(folder)


def test_alone_nothing_is_done() -> None:
    assert processes.place() == processes.Place(0, 1)
    layer = torch.nn.BatchNorm2d(2)
    processes.share_norms(layer)
    assert type(layer) is torch.nn.BatchNorm2d
    assert processes.joined(layer) is layer
    with processes.together() as place:
        assert place.count == 1
    assert processes.any_says(here=True, on=torch.device("cpu"))


def test_half_precision_is_inside_the_network_alone() -> None:
    network = torch.nn.Conv2d(1, 2, 3)
    x = torch.randn(1, 1, 8, 8)
    full = network(x)
    halve(network, torch.device("cpu"))
    found = network(x)
    assert half_type(torch.device("cpu")) is torch.bfloat16
    assert found.dtype is torch.float32
    assert torch.equal(found, found.bfloat16().float())  # it went through a half
    assert torch.allclose(found, full, atol=2e-2)
    assert network.weight.dtype is torch.float32


def test_what_a_tagger_has_seen_went_through_a_half() -> None:
    torch.manual_seed(0)
    network = PooledTagger(3, attention=0.5).eval()
    grey = torch.randn(1, 1, 64, 64)
    with torch.no_grad():
        full = network.seen(grey)
        halve(network, torch.device("cpu"))
        found = network.seen(grey)
        assert torch.equal(network(grey), found.scores)
    for exact, each in zip(full, found, strict=True):
        assert each.dtype is torch.float32
        assert not torch.equal(each, exact)
        assert torch.allclose(each, exact, atol=0.1)
