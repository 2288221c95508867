"""The controlled values of machine vision's jobs."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from archive.vocabularies import Policy


class Kind(models.TextChoices):
    """What a job asks of a model."""

    COLORIZE = "colorize", _("Colorize")
    TAG = "tag", _("Suggest tags")

    @property
    def network_task(self) -> str:
        """The kind of checkpoint that does it."""
        return {"colorize": "colorizer", "tag": "tagger"}[self.value]

    @property
    def policy(self) -> Policy:
        """The restriction that forbids it."""
        return {
            "colorize": Policy.DO_NOT_COLORIZE,
            "tag": Policy.DO_NOT_TAG,
        }[self.value]


class JobState(models.TextChoices):
    """Where a job stands.

    Failed: the reason is known. Errored: the program has a fault, whose traceback is
    kept.
    """

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    ERRORED = "errored", _("Errored")
    CANCELLED = "cancelled", _("Cancelled")


LIVE_STATES = (JobState.QUEUED, JobState.RUNNING)
REPEATABLE_STATES = (JobState.FAILED, JobState.ERRORED, JobState.CANCELLED)


class Verdict(models.TextChoices):
    """What a person's decisions say of one label on one photograph.

    Corrected is rejected, by a person who put another term on the photograph instead.
    """

    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")
    CORRECTED = "corrected", _("Corrected")
    ASSIGNED = "assigned", _("Assigned by hand")

    @property
    def present(self) -> bool:
        """Whether the photograph shows what the label says."""
        return self in {Verdict.ACCEPTED, Verdict.ASSIGNED}


class Reason(models.TextChoices):
    """The codes of reasons that jobs give besides those of the archive and pictures."""

    POLICY = "policy", _("A restriction forbids it")
    WORKER_LOST = "worker_lost", _("The worker stopped each time")
    OUT_OF_MEMORY = "out_of_memory", _("Not enough memory")
    MASTER_MISSING = "master_missing", _("The master file is not in the store")
    MODEL_UNAVAILABLE = "model_unavailable", _("The model cannot be used")
    RESULTS_AWAY = "results_away", _("Waiting for the results database")
    CATALOGUE_BUSY = "catalogue_busy", _("Waiting for the catalogue")
