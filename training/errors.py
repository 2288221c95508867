"""What can be wrong with a training command, in sentences."""

from __future__ import annotations


class TrainingRefused(Exception):
    """A training command cannot go on; ``code`` is stable, the text says what to do."""

    code = "training_refused"


class DatasetMissing(TrainingRefused):
    """A folder or file of the data is not where it was said to be."""

    code = "dataset_missing"


class EmptySplit(TrainingRefused):
    """No picture is left in a split."""

    code = "empty_split"


class UnknownLabel(TrainingRefused):
    """A label file names a label that the tagger does not have."""

    code = "unknown_label"


class RecipeInvalid(TrainingRefused):
    """A recipe has an unknown key, a missing key or a value of the wrong type."""

    code = "recipe_invalid"


class DecisionsUnsuitable(TrainingRefused):
    """An export of decisions is not one, not whole, or too small to learn from."""

    code = "decisions_unsuitable"


class CheckpointTaken(TrainingRefused):
    """There is a checkpoint of that name already."""

    code = "checkpoint_taken"


class RunMismatch(TrainingRefused):
    """A run folder was made by another recipe or from other data."""

    code = "run_mismatch"


class RunNotSaved(TrainingRefused):
    """A run folder cannot be written: the disk is full, or not to be written to."""

    code = "run_not_saved"
