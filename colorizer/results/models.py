"""The machine's drafts: what a model made of a picture, whole and unchanged.

One document a job. They live in MongoDB, or in an SQLite file where there is none;
rows of the catalogue are named by their keys, for no foreign key crosses databases.
Indexes are plain ones, because MongoDB's planner does not use the partial indexes
that unique fields get.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class MachineResult(models.Model):
    """What every draft tells: of what, by which model, how, for whom, how fast."""

    id = models.UUIDField(
        primary_key=True, db_column="_id", default=uuid.uuid4, editable=False
    )
    job_id = models.UUIDField(_("job"))
    photograph_id = models.BigIntegerField(_("photograph"))
    master_id = models.BigIntegerField(_("master"))
    input_sha256 = models.CharField(_("SHA-256 of the master"), max_length=64)
    model_name = models.CharField(_("model"), max_length=100)
    model_version = models.CharField(_("version"), max_length=60)
    model_sha256 = models.CharField(_("SHA-256 of the weights"), max_length=64)
    parameters = models.JSONField(
        _("parameters"), default=dict, help_text=_("With the choice made on tone.")
    )
    device = models.CharField(_("device"), max_length=60)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    seconds = models.JSONField(
        _("seconds"),
        default=dict,
        help_text=_("For decoding, the network, composing, and all of it."),
    )
    operator = models.CharField(_("operator"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        """Abstract: each kind of draft has a collection of its own."""

        abstract = True

    def __str__(self) -> str:
        """Return the model and the photograph."""
        return f"{self.model_name} {self.model_version} on {self.photograph_id}"


class ColorizationResult(MachineResult):
    """The colours that a model predicted, as a file of the store and in figures."""

    chroma_sha256 = models.CharField(
        _("SHA-256 of the chroma plane"),
        max_length=64,
        help_text=_("Names the file in the store of derivatives."),
    )
    width = models.PositiveIntegerField(_("width of the chroma plane"))
    height = models.PositiveIntegerField(_("height of the chroma plane"))
    statistics = models.JSONField(_("chroma statistics"), default=dict)

    class Meta:
        """Looked up by job, photograph, master and model."""

        verbose_name = _("colorization draft")
        verbose_name_plural = _("colorization drafts")
        indexes = [
            models.Index(fields=["job_id"], name="colorization_by_job"),
            models.Index(fields=["photograph_id"], name="colorization_by_photograph"),
            models.Index(fields=["master_id"], name="colorization_by_master"),
            models.Index(fields=["model_sha256"], name="colorization_by_model"),
            models.Index(fields=["created_at"], name="colorization_by_time"),
        ]


class TaggingResult(MachineResult):
    """Every label's score, those too that are far below what is suggested."""

    scores = models.JSONField(
        _("scores"), default=dict, help_text=_("Label to calibrated probability.")
    )
    thresholds = models.JSONField(
        _("thresholds"),
        default=dict,
        help_text=_("Label to the score from which it is suggested."),
    )
    features = models.BinaryField(
        _("features"),
        null=True,
        help_text=_(
            "The picture to the last layer: float16 of length 1. Drafts from"
            " before have none."
        ),
    )
    regions = models.JSONField(
        _("regions"),
        null=True,
        help_text=_("Suggested label to where its score comes from: rows of 0–255."),
    )

    class Meta:
        """Looked up by job, photograph, master and model."""

        verbose_name = _("tagging draft")
        verbose_name_plural = _("tagging drafts")
        indexes = [
            models.Index(fields=["job_id"], name="tagging_by_job"),
            models.Index(fields=["photograph_id"], name="tagging_by_photograph"),
            models.Index(fields=["master_id"], name="tagging_by_master"),
            models.Index(fields=["model_sha256"], name="tagging_by_model"),
            models.Index(fields=["created_at"], name="tagging_by_time"),
            models.Index(
                fields=["model_sha256", "created_at"], name="tagging_by_model_and_time"
            ),
        ]
