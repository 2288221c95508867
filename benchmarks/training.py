"""How many pictures a second each generator learns from, beside the paper's U-Net.

    OMP_NUM_THREADS=1 python -m benchmarks.training [--size 128] [--batch 16]

Each step is forward, loss over ab, backward and Adam, with everything learning, on
random pictures that are in memory already. All generators take turns in one run, so
that other work of the machine falls on all alike; the median of the turns counts. At
a size that is no multiple of 256 the U-Net has as many levels as the size allows.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch.nn import functional as F

from colorizer.vision.networks import build_generator
from colorizer.vision.networks.layers import fold_norms
from training.discriminator import PatchDiscriminator
from training.losses.adversarial_bce import bce

PAPER = "paper U-Net"


def levels_at(size: int) -> int:
    """Return how often a square can be halved, at most eight times."""
    return min(8, (size & -size).bit_length() - 1)


def generators(size: int) -> dict[str, tuple[str, dict[str, object], int | None]]:
    """Return what is compared: network, parameters, its encoder's first block to learn.

    With 11 the default generator learns as its recipe `lite0-fpn-first` has it.
    """
    bins = {"bins": 161}
    return {
        PAPER: ("paper_unet", {"encoder": {"levels": levels_at(size)}}, 0),
        "residual FPN": ("residual_fpn", bins, 0),
        "Lite0 FPN": ("fpn_generator", bins, 0),
        "Lite0 FPN from block 11": ("fpn_generator", bins, 11),
        "Lite0 FPN, frozen": ("fpn_generator", bins, None),
        "ViT FPN": ("vit_fpn", bins, 0),
    }


def step_of(
    name: str, parameters: dict[str, object], first: int | None, grey: torch.Tensor
) -> Callable[[], None]:
    """Return one training step of a generator."""
    torch.manual_seed(0)
    network = build_generator(name, parameters, folded=False).train()
    network.to(memory_format=torch.channels_last)
    network.encoder.trainable_from(first)
    if first != 0:
        fold_norms(network.encoder)  # as for weights that were published
    learning = [p for p in network.parameters() if p.requires_grad]
    adam = torch.optim.Adam(learning, 1e-4)
    side = grey.shape[-1] // network.share
    true = torch.randn(len(grey), 2, side, side) * 20

    def step() -> None:
        out = network(grey)
        loss = F.smooth_l1_loss(network.decode(out), true)
        adam.zero_grad(set_to_none=True)
        loss.backward()
        adam.step()

    return step


def game_of(step: Callable[[], None], side: int, batch: int) -> Callable[[], None]:
    """Return a step with what a discriminator costs: real, fake, and telling."""
    critic = PatchDiscriminator()
    adam = torch.optim.Adam(critic.parameters(), 1e-4)
    lightness, ab = torch.rand(batch, 1, side, side), torch.rand(batch, 2, side, side)

    def both() -> None:
        step()
        fake = ab.clone().requires_grad_()
        critic.requires_grad_(requires_grad=False)
        bce(critic(lightness, fake), 1.0).backward()
        critic.requires_grad_(requires_grad=True)
        adam.zero_grad(set_to_none=True)
        (bce(critic(lightness, ab), 1.0) + bce(critic(lightness, ab), 0.0)).backward()
        adam.step()

    return both


def main() -> None:
    """Measure and print a table."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--size", type=int, default=128)
    asked.add_argument("--batch", type=int, default=16)
    asked.add_argument("--turns", type=int, default=5)
    asked.add_argument("--threads", type=int, default=1)
    given = asked.parse_args()
    torch.set_num_threads(given.threads)
    grey = torch.randn(given.batch, 1, given.size, given.size)
    grey = grey.contiguous(memory_format=torch.channels_last)
    steps = {
        label: step_of(name, parameters, first, grey)
        for label, (name, parameters, first) in generators(given.size).items()
    }
    paper = steps[PAPER]
    steps[f"{PAPER}, game"] = game_of(paper, given.size, given.batch)
    seconds: dict[str, list[float]] = {label: [] for label in steps}
    for turn in range(given.turns + 1):
        for label, step in steps.items():
            began = time.process_time()
            step()
            if turn:  # the first one warms up
                seconds[label].append(time.process_time() - began)
    rate = {k: given.batch / statistics.median(v) for k, v in seconds.items()}
    print(f"{given.size} px, batch {given.batch}, fp32, processor time")
    print(f"{'generator':24}{'pictures/core-s':>16}{'× paper':>10}{'× its game':>12}")
    for label, each in rate.items():
        ratios = (each / rate[PAPER], each / rate[f"{PAPER}, game"])
        print(f"{label:24}{each:16.2f}{ratios[0]:10.2f}{ratios[1]:12.2f}")


if __name__ == "__main__":
    main()
