"""What an administrator has decided about the public gallery."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class GallerySettings(models.Model):
    """One row: whether the public may look, and how it is greeted."""

    open = models.BooleanField(
        _("open to the public"),
        default=False,
        help_text=_("Whoever reaches this address sees what is published."),
    )
    indexed = models.BooleanField(_("may be found by search engines"), default=False)
    downloads = models.BooleanField(
        _("access copies may be downloaded"),
        default=True,
        help_text=_("JPEG with a caption below the picture and in its metadata."),
    )
    name = models.CharField(_("name of the archive"), max_length=200, blank=True)
    welcome = models.TextField(
        _("welcome"), blank=True, help_text=_("A few sentences for the first page.")
    )
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        """For administrators."""

        verbose_name = _("gallery settings")
        verbose_name_plural = _("gallery settings")

    def __str__(self) -> str:
        """Return the name."""
        return self.name or str(_("Gallery"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the one row."""
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def current(cls) -> GallerySettings:
        """Return the settings as they stand; closed where nobody has decided."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
