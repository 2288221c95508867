"""What a collection and a photograph have in common: an ISAD(G) description."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from archive import dates
from archive.vocabularies import Rights


class Described(models.Model):
    """The descriptive fields (ISAD(G) 3.1–3.6) and the restrictions of one unit."""

    DESCRIPTIVE_FIELDS: ClassVar[tuple[str, ...]] = (
        "reference_code",
        "title",
        "creator",
        "date_text",
        "date_edtf",
        "description",
        "extent_and_medium",
        "place",
        "rights",
        "notes",
    )

    reference_code = models.CharField(_("reference code"), max_length=120, unique=True)
    title = models.CharField(_("title"), max_length=500, blank=True)
    creator = models.CharField(_("creator"), max_length=300, blank=True)
    date_text = models.CharField(
        _("date"), max_length=200, blank=True, help_text=_("As the curator writes it.")
    )
    date_edtf = models.CharField(
        _("date, EDTF"),
        max_length=100,
        blank=True,
        help_text=_("How the date is understood, for searching: 1923~, 192X, …"),
    )
    date_earliest = models.DateField(
        _("earliest day"), null=True, blank=True, editable=False
    )
    date_latest = models.DateField(
        _("latest day"), null=True, blank=True, editable=False
    )
    description = models.TextField(_("scope and content"), blank=True)
    extent_and_medium = models.CharField(
        _("extent and medium"), max_length=300, blank=True
    )
    place = models.CharField(_("place"), max_length=300, blank=True)
    rights = models.URLField(
        _("rights"), max_length=200, blank=True, choices=Rights.choices
    )
    notes = models.TextField(_("notes"), blank=True)

    do_not_colorize = models.BooleanField(_("do not colorize"), default=False)
    do_not_tag = models.BooleanField(_("do not tag"), default=False)
    sensitive = models.BooleanField(_("sensitive"), default=False)

    created_at = models.DateTimeField(_("catalogued"), auto_now_add=True)
    modified_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        """Abstract: each unit has a table of its own."""

        abstract = True

    def clean(self) -> None:
        """Derive the earliest and latest day from the EDTF expression.

        Raises:
            ValidationError: `date_edtf` is not EDTF level 0 or 1.
        """
        super().clean()
        self.derive_dates()

    def derive_dates(self) -> None:
        """Set `date_earliest` and `date_latest` from `date_edtf`.

        Raises:
            ValidationError: `date_edtf` is not EDTF level 0 or 1.
        """
        if not self.date_edtf:
            self.date_earliest = self.date_latest = None
            return
        try:
            days = dates.span(self.date_edtf)
        except dates.NotADate as problem:
            raise ValidationError({"date_edtf": str(problem)}) from problem
        self.date_earliest, self.date_latest = days.earliest, days.latest

    def descriptive_values(self) -> dict[str, Any]:
        """Return the descriptive fields by name, as they stand now."""
        return {name: getattr(self, name) for name in self.DESCRIPTIVE_FIELDS}
