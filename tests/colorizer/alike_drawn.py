"""Features drawn instead of seen, and the index over them."""

import uuid

import numpy as np
from django.utils import timezone

from colorizer.alike import keeping
from colorizer.results.models import TaggingResult

WIDTH = 32


def features(seed, *, near=None, noise=0.05):
    """Return a vector of length 1; close to another where one is given."""
    rng = np.random.default_rng(seed)
    made = rng.normal(size=WIDTH)
    if near is not None:
        made = near + noise * made
    return (made / np.linalg.norm(made)).astype(np.float32)


def seen(photograph, vector, **values):
    """Keep what the tagger in use saw of a photograph."""
    card = keeping.card()
    facts = {
        "job_id": uuid.uuid4(),
        "photograph_id": photograph.pk,
        "master_id": 1,
        "input_sha256": "ab" * 32,
        "model_name": card.name,
        "model_version": card.version,
        "model_sha256": card.sha256,
        "device": "cpu",
        "created_at": timezone.now(),
        "features": None if vector is None else vector.astype(np.float16).tobytes(),
    }
    return TaggingResult.objects.create(**facts | values)
