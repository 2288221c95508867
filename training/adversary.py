"""The adversarial part of a run: a discriminator, and the two optimizers of the game.

As in NoGAN (DeOldify, Antic 2019): a long reconstruction, then a discriminator taught
on the fakes of the generator as it stands, then a short game. With both shares at 0 the
game lasts the whole run, as in Treneska et al. 2022.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn

from training.discriminator import PatchDiscriminator
from training.errors import RecipeInvalid
from training.losses.adversarial_bce import bce
from training.losses.adversarial_least_squares import least_squares
from training.processes import Step, joined, share_norms
from training.recipes import Pretrain

Phase = Literal["reconstruct", "discriminate", "play"]
LOSSES: dict[str, Callable[[Tensor, float], Tensor]] = {
    "bce": bce,
    "least-squares": least_squares,
}
"""The loss of patch scores against a target, by the name that a recipe gives."""
BETAS = (0.5, 0.999)


class Adversary:
    """The discriminator and its training.

    Args:
        recipe: Its adversarial lines.
        generator: Whose colours it learns to tell from real ones.
        device: Where it computes.
    """

    def __init__(
        self, recipe: Pretrain, generator: nn.Module, device: torch.device
    ) -> None:
        if recipe.adversarial not in LOSSES:
            raise RecipeInvalid(
                f"adversarial: {recipe.adversarial!r} is not one of "
                f"{', '.join(LOSSES)}."
            )
        if not 0 <= recipe.discriminate_from <= recipe.play_from <= 1:
            raise RecipeInvalid(
                "discriminate_from comes before play_from, both in 0-1."
            )
        self.recipe, self.against = recipe, LOSSES[recipe.adversarial]
        torch.manual_seed(recipe.seed)
        self.network = PatchDiscriminator(
            recipe.discriminator_layers, recipe.discriminator_base
        ).to(device)
        share_norms(self.network)
        self.step = joined(Step(self.network, self._loss))
        rate = recipe.play_rate
        self.optimizer = torch.optim.Adam(self.network.parameters(), rate, BETAS)
        self.generators = torch.optim.Adam(generator.parameters(), rate, BETAS)

    def phase(self, step: int) -> Phase:
        """Return what is done at a step."""
        recipe = self.recipe
        if step < recipe.discriminate_from * recipe.steps:
            return "reconstruct"
        return "discriminate" if step < recipe.play_from * recipe.steps else "play"

    def told(self, lightness: Tensor, fake: Tensor) -> Tensor:
        """Return what the generator is told of its colours: how little they fool.

        Args:
            lightness: (B, 1, h, w), CIE L*.
            fake: (B, 2, h, w), predicted ab, with gradient.
        """
        self.network.requires_grad_(requires_grad=False)
        told = self.against(self.network(lightness, fake), 1.0)
        self.network.requires_grad_(requires_grad=True)
        return told

    def learn(self, lightness: Tensor, real: Tensor, fake: Tensor, parts: int) -> float:
        """Add to the gradient of telling real from fake; return that loss."""
        loss: Tensor = self.step(lightness, real, fake.detach())
        torch.autograd.backward(loss / parts)
        return float(loss.detach())

    def update(self) -> None:
        """Take the step that the gradients gathered by :meth:`learn` say."""
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    def state(self) -> dict[str, Any]:
        """Return all that is needed to go on."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generators": self.generators.state_dict(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generators.load_state_dict(state["generators"])

    def _loss(self, lightness: Tensor, real: Tensor, fake: Tensor) -> Tensor:
        true = self.against(self.network(lightness, real), 1.0)
        false = self.against(self.network(lightness, fake), 0.0)
        return (true + false) / 2
