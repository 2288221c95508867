"""ONNX Runtime on the CPU: an exported graph, filled with a checkpoint's weights.

The graph holds no weights. Its initializers carry the names that the weights have in
the safetensors file, and are given to the runtime by name, in float32.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as states

from colorizer.vision import checkpoints, hinting
from colorizer.vision.checkpoints import Card, CheckpointCorrupt
from colorizer.vision.engines import Engine, Floats, Luma, Seen

Arrays = dict[str, NDArray[Any]]
MULTIPLE = "multiple"
"""The key under which a graph says of what its height and width are multiples."""
ERRORS_ONLY = 3
UNFIT = (
    states.Fail,
    states.InvalidArgument,
    states.InvalidGraph,
    states.InvalidProtobuf,
    states.NotImplemented,
    states.RuntimeException,
)
"""What the runtime raises for a graph that it cannot take, or cannot fill."""


class OnnxEngine(Engine):
    """A checkpoint's graph in ONNX Runtime.

    Args:
        card: The checkpoint's.
        threads: Of the CPU; None for one a core.

    Raises:
        CheckpointNotFound: Weights or graph are missing.
        CheckpointCorrupt: They are not what the card describes, or do not fit.
    """

    def __init__(self, card: Card, threads: int | None = None) -> None:
        self.card = card
        self.threads = threads or 0
        self.session = self._session(checkpoints.load_graph(card), steered=False)
        facts = self.session.get_modelmeta().custom_metadata_map
        if MULTIPLE not in facts:
            raise self._unfit()
        self.multiple = int(facts[MULTIPLE])
        self.only_wanted = ort.RunOptions()
        self.only_wanted.only_execute_path_to_fetches = True
        # Checked now, so that torch can step in; filled when there first are hints.
        self.takes_hints = bool(card.steered_graph_sha256)
        if self.takes_hints:
            self.steered_graph = checkpoints.load_graph(card, steered=True)
        self.device = f"cpu, onnxruntime {ort.__version__}"

    @cached_property
    def steered(self) -> ort.InferenceSession:
        """The session that follows hints, made when there first are any.

        Raises:
            CheckpointNotFound: The weights are missing.
            CheckpointCorrupt: They are not what the card describes, or do not fit.
        """
        return self._session(self.steered_graph, steered=True)

    def _session(self, graph: bytes, *, steered: bool) -> ort.InferenceSession:
        """Return a graph filled with those of the checkpoint's weights that it has."""
        weights = {
            name: value
            for name, value in checkpoints.load_arrays(self.card).items()
            if value.size and (steered or not name.startswith(hinting.WEIGHTS))
        }
        options = ort.SessionOptions()
        options.log_severity_level = ERRORS_ONLY
        options.intra_op_num_threads = self.threads
        # A worker that waits for work leaves the processor to others.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        given = [ort.OrtValue.ortvalue_from_numpy(each) for each in weights.values()]
        try:
            options.add_external_initializers(list(weights), given)
            return ort.InferenceSession(
                graph, options, providers=["CPUExecutionProvider"]
            )
        except (*UNFIT, ValueError) as error:
            raise self._unfit() from error

    def _unfit(self) -> CheckpointCorrupt:
        name = self.card.name
        return CheckpointCorrupt(
            f"The graph of {name} cannot be read or does not fit its weights: "
            f"make it anew with `python -m training graph {name}`."
        )

    def colours(self, luma: Luma, hints: Floats | None, temperature: float) -> Floats:
        """Return CIE Lab a*b*, (B, 2, H/4, W/4)."""
        given: Arrays = {"luma": luma, "temperature": np.array(temperature, np.float32)}
        if hints is None:
            return self._run("ab", given)
        [found] = self._run_all(("ab",), given | {"hints": hints}, self.steered)
        return found

    def scores(self, luma: Luma, inside: Floats) -> Floats:
        """Return one score a label, before the sigmoid, (B, labels)."""
        return self._run("scores", {"luma": luma, "inside": inside})

    def seen(self, luma: Luma, inside: Floats) -> Seen:
        """Return scores, features and regions."""
        given: Arrays = {"luma": luma, "inside": inside}
        if "features" in self._names(self.session.get_outputs()):
            wanted = ("scores", "features", "regions")
            return Seen(*self._run_all(wanted, given, self.session))
        batch, _, rows, columns = inside.shape
        return Seen(
            self._run("scores", given),
            np.zeros((batch, 0), np.float32),
            np.zeros((batch, 0, rows, columns), np.float32),
        )

    def ran_out(self, error: Exception) -> bool:
        """Say whether an error of this engine means that memory ran out."""
        text = str(error).lower()
        return isinstance(error, MemoryError) or (
            isinstance(error, (RuntimeError, *UNFIT))
            and ("bad_alloc" in text or "failed to allocate memory" in text)
        )

    def _run(self, wanted: str, given: Arrays) -> Floats:
        [found] = self._run_all((wanted,), given, self.session)
        return found

    def _run_all(
        self, wanted: tuple[str, ...], given: Arrays, session: ort.InferenceSession
    ) -> list[Floats]:
        missing = set(wanted) - self._names(session.get_outputs())
        if missing:
            raise CheckpointCorrupt(
                f"The graph of {self.card.name} gives no {', '.join(sorted(missing))}."
            )
        known = self._names(session.get_inputs())
        fitting = {name: each for name, each in given.items() if name in known}
        # One by one: what one picture needs fits into the processor's cache.
        found = [
            session.run(
                list(wanted),
                {k: v[one : one + 1] if v.ndim else v for k, v in fitting.items()},
                self.only_wanted,
            )
            for one in range(len(given["luma"]))
        ]
        return [np.concatenate(each) for each in zip(*found, strict=True)]

    @staticmethod
    def _names(arguments: list[ort.NodeArg]) -> set[str]:
        return {each.name for each in arguments}
