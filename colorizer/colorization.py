"""Keeping the colours that a model predicted: files, draft, and catalogue."""

from __future__ import annotations

import time
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from PIL import Image

from archive import derivatives, pictures, review, review_order, store
from archive.models import Photograph
from archive.steering import words
from archive.vocabularies import Purpose, ReviewState
from colorizer.composition import hinted_by
from colorizer.results import drafts
from colorizer.results.models import ColorizationResult
from colorizer.vision import disclosure
from colorizer.vision.merge import merge

if TYPE_CHECKING:
    from archive.models import Steering
    from colorizer.sight import Sight
    from colorizer.vision.checkpoints import Card
    from colorizer.vision.colour import Chroma

VIVID = 25.0
"""Mean chroma from which colours are taken to be sure."""
SCREENS = {
    Purpose.COLOUR_DISPLAY: Purpose.DISPLAY,
    Purpose.COLOUR_THUMBNAIL: Purpose.THUMBNAIL,
}


def keep(sight: Sight, chroma: Chroma, card: Card, device: str) -> None:
    """Keep a prediction; repeated, it comes to the same.

    Files come first and carry their content's name, then the draft under the job's
    key, then everything of the catalogue in one transaction. Killed anywhere between,
    at most a file or a draft is left that nothing refers to.

    Raises:
        StoreFull: no room for the files.
        ResultsAway: the draft cannot be written now.
        NotInThisState: the job was cancelled, or is another worker's.
    """
    job = sight.job
    began = time.perf_counter()
    plane = store.keep_derivative(chroma.to_png(), ".png")
    screens = _screen_copies(sight, chroma, card)
    seconds = sight.seconds | {"compose": time.perf_counter() - began}
    seconds["total"] = sum(seconds.values())
    height, width = chroma.cb.shape
    drafts.keep(
        ColorizationResult,
        job.result_id,
        **drafts.facts(job, card, sight.parameters, device, seconds),
        chroma_sha256=plane.sha256,
        width=width,
        height=height,
        statistics=chroma.statistics(),
    )
    recipe = {
        "model": card.name,
        "version": card.version,
        "sha256": card.sha256,
        **sight.parameters,
    }
    maker: dict[str, Any] = {
        "made_by": f"{card.name} {card.version}",
        "machine_interpretation": True,
        "result_id": job.result_id,
        "by": job.requested_by,
    }
    steered = bool(job.asked)
    with transaction.atomic():
        colorization = derivatives.attach(
            job.master,
            Purpose.COLORIZATION,
            plane,
            recipe=recipe,
            width=width,
            height=height,
            media_type="image/png",
            extension=".png",
            review_state=ReviewState.DRAFT if steered else ReviewState.AWAITING,
            steering=job.steering,
            note=_followed(job.steering, recipe),
            **maker,
        )
        for purpose, stored, size in screens:
            derivatives.attach(
                job.master,
                purpose,
                stored,
                recipe={
                    "picture": "merged",
                    "colorization": colorization.recipe_digest,
                    "longest": derivatives.SCREEN_LENGTHS[SCREENS[purpose]],
                    "format": "JPEG",
                    "quality": derivatives.JPEG_QUALITY,
                },
                width=size[0],
                height=size[1],
                media_type="image/jpeg",
                extension=".jpg",
                source=colorization,
                **maker,
            )
        if not steered:  # what is steered waits for nobody until it is proposed
            review.offer_colorization(colorization)
            Photograph.objects.filter(pk=job.photograph_id).update(
                colorized_at=timezone.now()
            )
            # The colorizer mutes what it is unsure of.
            vivid = chroma.statistics()["mean_chroma"] / VIVID
            review_order.settle_colours(job.photograph_id, min(1.0, vivid))
        job.succeed(derivative=colorization)


def _followed(steering: Steering | None, recipe: dict[str, Any]) -> str:
    """Return what the event tells of people's part in the colours."""
    if steering is None:
        return ""
    if not recipe.get("hints"):
        return f"Strength {steering.strength} %, no colour hints."
    count = len(steering.hints)
    followed = "; ".join(
        f"{words(hint)} ({hint['by']}{': ' if hint['why'] else ''}{hint['why']})"
        for hint in steering.hints
    )
    return (
        f"Strength {steering.strength} %, {count} colour"
        f" hint{'' if count == 1 else 's'}: {followed}."
    )


def _screen_copies(
    sight: Sight, chroma: Chroma, card: Card
) -> list[tuple[Purpose, store.StoredFile, tuple[int, int]]]:
    strength = float(sight.job.parameters.get("strength", 1.0))
    packet = disclosure.xmp_packet(
        disclosure.Disclosure(
            checkpoint=card.name,
            version=card.version,
            weights_sha256=card.sha256,
            master_sha256=sight.job.master.sha256,
            created=timezone.now(),
            source_tone=sight.tone,
            strength=strength,
            hints=len(sight.hints),
            hinted_by=hinted_by(sight.job.steering) if sight.hints else (),
        )
    )
    master = sight.job.master
    copies = []
    for purpose, plain in SCREENS.items():
        longest = derivatives.SCREEN_LENGTHS[plain]
        size = pictures.fitted_size(master.width, master.height, longest)
        grey = Image.fromarray(sight.grey)
        if size < grey.size:
            grey = grey.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        coloured = Image.fromarray(merge(np.asarray(grey), chroma, strength=strength))
        content = BytesIO()
        coloured.save(
            content,
            "JPEG",
            quality=derivatives.JPEG_QUALITY,
            subsampling=0,  # the colours are what it is for
            progressive=True,
            xmp=packet,
        )
        stored = store.keep_derivative(content.getvalue(), ".jpg")
        copies.append((purpose, stored, coloured.size))
    return copies
