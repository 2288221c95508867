"""Recipes of what is made of a colour generator, and of their comparison."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.recipes import Transfer


@dataclass(frozen=True)
class Segment(Transfer):
    """How a colour generator is transferred to segmentation of one set."""

    rate: float = 1e-3
    encoder_rate: float = 5e-4
    first_trained_block: int = 0
    thaw_from: float = 0.0
    aged_share: float = 0.0
    weight_decay: float = 0.01
    widths: tuple[int, int, int, int] = (48, 96, 160, 256)
    """Of a decoder that starts from chance."""
    working_size: int = 256
    """The longer side at which held-back pictures are segmented."""


@dataclass(frozen=True)
class Finetune(Transfer):
    """How a tagger goes on learning, from a curator's decisions.

    ``sources`` are shares of every batch, whatever the size of each set; "decisions"
    is the export, the others are of the pack, where one is given.
    """

    start_from: str = "lite2-tags"
    """The tagger's name."""
    rehearse: float = 4.0
    """Weight of the old network's word on what nobody decided."""
    least_decisions: int = 50
    """Fewer are refused."""


@dataclass(frozen=True)
class Compare(Segment):
    """A grid of transfers that differ in one thing at a time.

    Every start gets the same architecture, steps and number of tried learning rates.
    What a fine-tuning run needs besides is inherited.
    """

    sources: dict[str, float] = field(default_factory=dict)
    """Not for this recipe: a task says which set it is about."""
    tasks: tuple[str, ...] = ("voc-tags",)
    modes: tuple[str, ...] = ("probe", "finetune")
    """"probe" reads a frozen encoder out, tags by a linear layer and masks by the
    decoder, "finetune" trains it all."""
    starts: tuple[str, ...] = ("scratch", "lite0")
    """"scratch", "lite0", or names that the command line explains."""
    baselines: tuple[str, ...] = ("scratch",)
    """The starts that the others are compared with."""
    shares: tuple[float, ...] = (0.01, 0.1, 1.0)
    """Of the labelled pictures: nested, stratified subsets."""
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    encoder_rates: tuple[float, ...] = (5e-4,)
    """Tried with the first seed of every start and share; the best on the tuning
    split is used for all seeds."""
    layers: tuple[str, ...] = ("s16", "s32", "deep")
    """The encoder's maps whose means a probe is given."""
    draws: int = 2000
    """Of the bootstrap."""
