"""Seeing steered colours: asking the worker for them, and finding what it made.

The catalogue keeps what people want (`archive.steering`); here a model is asked to
follow it. The same wish on the same model is one job and one colorization, whoever has
it and however often.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from archive import pictures, steering, versions
from archive.derivatives import recipe_digest
from archive.errors import ArchiveError, EditedMeanwhile, NotInThisState
from archive.models import Derivative, Photograph, Steering
from archive.vocabularies import Purpose
from colorizer import jobs, queues
from colorizer.models import Job
from colorizer.vision import checkpoints
from colorizer.vocabularies import JobState, Kind, Reason

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = logging.getLogger(__name__)

LONGEST_WAIT = 1.5
LOOK_EVERY = 0.04


class HintsNotTaken(ArchiveError):
    """The model was not trained with colour hints."""

    code = "hints_not_taken"


class MasterMissing(ArchiveError):
    """The scan's file is not in the store."""

    code = Reason.MASTER_MISSING.value


@dataclass(frozen=True)
class View:
    """A state of the steering, and the colours that a model made for it.

    Attributes:
        state: what people want.
        card: the model that is asked.
        colorization: what it made of exactly that; None until it is made.
        picture: its display copy.
        job: the work on it: the live job, or the last one where nothing was made.
    """

    state: Steering
    card: checkpoints.Card
    colorization: Derivative | None
    picture: Derivative | None
    job: Job | None

    @property
    def takes_hints(self) -> bool:
        """Whether the model follows hints, or the strength alone."""
        return takes_hints(self.card)

    @property
    def waits(self) -> bool:
        """Whether the colours are on their way."""
        return self.picture is None and self.job is not None and self.job.is_live

    @property
    def trouble(self) -> str:
        """Why there are no colours, where the work on them failed."""
        if self.picture is None and self.job is not None and not self.job.is_live:
            return self.job.reason or self.job.get_state_display()
        return ""


def takes_hints(card: checkpoints.Card) -> bool:
    """Say whether a model was trained to follow colour hints."""
    network = card.parameters.get("network", {})
    return bool(network.get("hints", False))


def require_hints(card: checkpoints.Card) -> None:
    """Return where a model follows hints.

    Raises:
        HintsNotTaken: it follows the strength alone.
    """
    if not takes_hints(card):
        raise HintsNotTaken(
            _(
                "The model %(model)s %(version)s was trained without colour hints: it"
                " follows the strength alone."
            )
            % {"model": card.name, "version": card.version}
        )


def model(name: str | None = None) -> checkpoints.Card:
    """Return the card of the model that is asked, by default the usual one.

    Raises:
        ModelUnavailable: there is none of that name.
    """
    usual = checkpoints.DEFAULTS[Kind.COLORIZE.network_task]
    return jobs.card_for(Kind.COLORIZE, name or usual)


def view(photograph: Photograph, checkpoint: str | None = None) -> View:
    """Return the steering of a photograph as it stands; nothing is asked for.

    Raises:
        steering.NothingToSteer: it has no scan of its front.
        ModelUnavailable: there is no such model.
    """
    return view_of(steering.current(steering.front(photograph)), model(checkpoint))


def view_of(state: Steering, card: checkpoints.Card) -> View:
    """Return a state with what a model made for it."""
    parameters = parameters_for(state, card)
    made = _made(state, card, parameters)
    picture = None
    if made is not None:
        picture = made.compositions.filter(purpose=Purpose.COLOUR_DISPLAY).first()
        if picture is not None and not picture.path.is_file():
            picture = None
    job = None
    if picture is None:
        asked = Job.objects.filter(
            master=state.master,
            checkpoint=card.name,
            checkpoint_sha256=card.sha256,
            asked=recipe_digest(parameters),
        )
        job = asked.order_by("-requested_at").first()
    return View(state, card, made, picture, job)


def parameters_for(state: Steering, card: checkpoints.Card) -> dict[str, Any]:
    """Return what, beside the weights, decides the colours of a state.

    Without hints and at full strength that is what everybody's colours have.
    """
    wanted = jobs.parameters_for(Kind.COLORIZE, card)
    wanted["strength"] = state.strength / 100
    if state.hints and takes_hints(card):
        wanted["hints"] = [
            {name: hint[name] for name in ("x", "y", "colour")} for hint in state.hints
        ]
    return wanted


def ask(state: Steering, card: checkpoints.Card, *, by: User) -> View:
    """Have the worker make the colours of a state, before all other work.

    Where they are made or on their way already nothing new is asked for. What the same
    master was steered to before and nobody has begun is dropped.

    Raises:
        steering.Forbidden: a restriction holds.
        MasterMissing: the scan's file is gone.
    """
    steering.require_permitted(state.master.photograph)
    seen = view_of(state, card)
    if seen.picture is not None or seen.waits:
        return seen
    if not state.master.path.is_file():
        code = state.master.photograph.reference_code
        raise MasterMissing(jobs.missing_master(code))
    parameters = parameters_for(state, card)
    asked = recipe_digest(parameters)
    overtaken = Job.objects.queued().steered().filter(master=state.master)
    try:
        with transaction.atomic():
            for job in overtaken.exclude(asked=asked):
                with suppress(NotInThisState):  # a worker has just finished it
                    job.cancel()
            Job.objects.create(
                kind=Kind.COLORIZE,
                photograph=state.master.photograph,
                master=state.master,
                checkpoint=card.name,
                checkpoint_sha256=card.sha256,
                parameters=parameters,
                steering=state if state.pk else None,
                asked=asked,
                requested_by=by,
            )
            queues.wake_vision(1)
    except IntegrityError:
        log.info("The same colours were asked for twice at this very moment")
    return view_of(state, card)


def wait(seen: View, seconds: float = LONGEST_WAIT) -> View:
    """Return the view once its colours are made, or as it is after a moment."""
    deadline = time.monotonic() + seconds
    while seen.waits and seen.job is not None and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY)
        state = Job.objects.filter(pk=seen.job.pk).values_list("state", flat=True)
        if state.first() not in {JobState.QUEUED, JobState.RUNNING}:
            return view_of(seen.state, seen.card)
    return seen


def save(photograph: Photograph, *, number: int, by: User) -> Derivative:
    """Save the colours as they stand as a version, which then waits for review.

    Args:
        photograph: whose front.
        number: of the state that the person looked at.
        by: the person.

    Raises:
        EditedMeanwhile: somebody else has steered since.
        NotInThisState: the colours are not made yet, or wait or are decided on already.
        steering.Forbidden: a restriction holds.
    """
    seen = view(photograph)
    if seen.state.number != number:
        raise EditedMeanwhile(
            _(
                "Someone else steered these colours meanwhile. Nothing was saved: look"
                " at theirs first."
            )
        )
    if seen.colorization is None or seen.picture is None:
        raise NotInThisState(
            _("Nothing was saved: these colours are not made yet. Wait for them.")
        )
    versions.propose(seen.colorization, by=by)
    return seen.colorization


def palette(shown: Derivative | None) -> tuple[str, ...]:
    """Return the main colours of the picture that is looked at, lightest first."""
    if shown is None or not shown.path.is_file():
        return ()
    return pictures.main_colours(shown.path)


def _made(
    state: Steering, card: checkpoints.Card, parameters: dict[str, Any]
) -> Derivative | None:
    """Return the colorization with this recipe, if its file is there.

    The tone of the scan is in the recipe too; it follows from the scan.
    """
    wanted = {
        "model": card.name,
        "version": card.version,
        "sha256": card.sha256,
        **parameters,
    }
    made = Derivative.objects.colorizations().filter(master=state.master)
    one: Derivative
    for one in made.select_related("master", "steering"):
        recipe = {name: value for name, value in one.recipe.items() if name != "tone"}
        if recipe == wanted and one.path.is_file():
            return one
    return None
