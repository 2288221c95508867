"""torch: every network, on the CPU or a GPU.

Every shipped figure was measured on a CPU: the CUDA and Apple (mps) paths, half
precision among them, were written with care but are untried.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from colorizer.vision import checkpoints
from colorizer.vision.checkpoints import Card, CheckpointCorrupt
from colorizer.vision.engines import Engine, Floats, Luma, Seen
from colorizer.vision.errors import DeviceUnavailable, EngineUnavailable
from colorizer.vision.networks import build
from colorizer.vision.networks.classifier import TermClassifier
from colorizer.vision.networks.generator import Generator
from colorizer.vision.networks.pyramid import Encoder
from colorizer.vision.networks.tagging import PooledTagger

STRIDE = 32
SHARE = 4


class TorchEngine(Engine):
    """A checkpoint's network in torch.

    Args:
        card: The checkpoint's.
        device: "auto" (cuda, then mps, then cpu), or a torch device.
        threads: Of the CPU, for all of this process; None leaves them as they are.

    Raises:
        CheckpointNotFound: The weights are missing.
        CheckpointCorrupt: They are not what the card describes, or do not fit.
        DeviceUnavailable: The device is not there.
    """

    def __init__(
        self, card: Card, device: str = "auto", threads: int | None = None
    ) -> None:
        if threads:
            torch.set_num_threads(threads)
        self.card = card
        self.place = device_of(device)
        self.network = load_network(card).to(self.place)
        self.multiple = multiple_of(self.network)
        self.takes_hints = (
            isinstance(self.network, Generator) and self.network.takes_hints
        )

    @property
    def device(self) -> str:  # type: ignore[override]
        """What runs it and where."""
        return f"{self.place}, torch {torch.__version__}"

    def colours(self, luma: Luma, hints: Floats | None, temperature: float) -> Floats:
        """Return CIE Lab a*b*, (B, 2, H/4, W/4)."""
        network = self.network
        if not isinstance(network, Generator):
            raise CheckpointCorrupt(f"{self.card.name} is not a colour generator.")
        planes = None if hints is None else torch.from_numpy(hints).to(self.place)
        with torch.inference_mode():
            with self._autocast():
                out = network(self._input(luma), planes)
            ab = network.decode(out.float(), temperature)
            if network.share < SHARE:
                ab = F.avg_pool2d(ab, SHARE // network.share)
            return ab.cpu().numpy()

    def scores(self, luma: Luma, inside: Floats) -> Floats:
        """Return one score a label, before the sigmoid, (B, labels)."""
        network = self.network
        if not isinstance(network, PooledTagger | TermClassifier):
            raise CheckpointCorrupt(f"{self.card.name} is not a tagger.")
        with torch.inference_mode(), self._autocast():
            scores = network(self._input(luma), torch.from_numpy(inside).to(self.place))
        return scores.float().cpu().numpy()  # type: ignore[no-any-return]

    def seen(self, luma: Luma, inside: Floats) -> Seen:
        """Return scores, features and regions."""
        network = self.network
        if not isinstance(network, PooledTagger | TermClassifier):
            raise CheckpointCorrupt(f"{self.card.name} is not a tagger.")
        with torch.inference_mode(), self._autocast():
            found = network.seen(
                self._input(luma), torch.from_numpy(inside).to(self.place)
            )
        return Seen(*(each.float().cpu().numpy() for each in found))

    def ran_out(self, error: Exception) -> bool:
        """Say whether an error means that memory ran out; torch has no one type."""
        if isinstance(error, MemoryError | torch.OutOfMemoryError):
            return True
        text = str(error).lower()
        return isinstance(error, RuntimeError) and (
            "out of memory" in text or "can't allocate memory" in text
        )

    def to_cpu(self) -> bool:
        """Go on on the CPU; say whether that is another device than before."""
        if self.place.type == "cpu":
            return False
        self.place = torch.device("cpu")
        self.network.to(self.place)
        return True

    def _input(self, luma: Luma) -> Tensor:
        """Return (B, 1, H, W) on the device, (luma - 127) / 128."""
        grey = (torch.from_numpy(luma).to(self.place).float() - 127.0) / 128.0
        return grey.contiguous(memory_format=torch.channels_last)

    def _autocast(self) -> torch.autocast:
        """Half precision on CUDA; elsewhere nothing changes."""
        cuda = self.place.type == "cuda"
        return torch.autocast(
            self.place.type, torch.float16 if cuda else torch.bfloat16, enabled=cuda
        )


def load_network(card: Card) -> nn.Module:
    """Return the network of a checkpoint with its weights, ready to predict.

    Raises:
        CheckpointNotFound: The weights are missing.
        CheckpointCorrupt: They are not what the card describes, or do not fit.
    """
    weights = checkpoints.load_weights(card)
    try:
        network = build(card.network, card.parameters.get("network", {}), folded=True)
        network.load_state_dict(weights)
    except (KeyError, RuntimeError, TypeError) as error:
        raise CheckpointCorrupt(
            f"The weights of {card.name} do not fit the network "
            f"{card.network} that its card names."
        ) from error
    network.eval().requires_grad_(requires_grad=False)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def network_of(engine: Engine) -> nn.Module:
    """Return the network itself, for those who look into it or change it.

    Raises:
        EngineUnavailable: Another engine than torch runs it.
    """
    if not isinstance(engine, TorchEngine):
        raise EngineUnavailable("Only torch lets one look into a network.")
    return engine.network


def multiple_of(network: nn.Module) -> int:
    """Return of what a network's height and width must be multiples."""
    encoder = getattr(network, "encoder", None)
    return encoder.multiple if isinstance(encoder, Encoder) else STRIDE


def device_of(name: str) -> torch.device:
    """Return the device that ``name`` asks for: "auto", "cpu", "cuda", "mps".

    Raises:
        DeviceUnavailable: This machine does not have it.
    """
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if name == "auto":
        return torch.device("cuda" if cuda else "mps" if mps else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise DeviceUnavailable(
            f"{name!r} is not a device: use auto, cpu, cuda or mps."
        ) from error
    if not {"cpu": True, "cuda": cuda, "mps": mps}.get(device.type, False):
        raise DeviceUnavailable(
            f"This machine has no {device.type} device that torch can use: "
            "use auto or cpu."
        )
    return device
