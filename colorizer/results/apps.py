"""The drafts as a Django application of their own, so that a router can place them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResultsConfig(AppConfig):
    """Holds two kinds of documents."""

    name = "colorizer.results"
    label = "results"
    verbose_name = _("Machine drafts")
    default_auto_field = "django.db.models.BigAutoField"
