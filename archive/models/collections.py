"""Collections: the levels of archival description above the photograph."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from archive.models.description import Described
from archive.querysets import CollectionManager
from archive.vocabularies import Level


class Collection(Described, MP_Node):  # type: ignore[misc]
    """A fonds, series or file: a node of the archival hierarchy.

    The tree is a materialised path (`django-treebeard`): everything below a node has
    a path that starts with the node's own, so one indexed prefix finds a subtree.
    Restrictions accumulate: a flag here holds for everything below.
    """

    level = models.CharField(
        _("level of description"),
        max_length=10,
        choices=Level.choices,
        default=Level.FONDS,
    )

    node_order_by = ["reference_code"]
    objects = CollectionManager()

    class Meta(MP_Node.Meta):  # type: ignore[misc]
        """Levels are held by the database."""

        abstract = False
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level__in=Level.values),
                name="collection_level_is_isadg",
            ),
        ]

    def __str__(self) -> str:
        """Return the reference code and the title."""
        return f"{self.reference_code} {self.title}".strip()

    def get_absolute_url(self) -> str:
        """Return the address of the collection's page."""
        return reverse("archive:collection", args=[self.pk])

    def check_level_below(self, parent: Collection | None) -> None:
        """Refuse a level that stands above its parent's.

        Raises:
            ValidationError: for example a fonds inside a series.
        """
        if parent is not None and Level(self.level).depth < Level(parent.level).depth:
            message = _("A %(level)s cannot stand inside a %(parent)s.") % {
                "level": self.get_level_display().lower(),
                "parent": parent.get_level_display().lower(),
            }
            raise ValidationError({"level": message})
