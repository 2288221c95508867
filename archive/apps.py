"""The catalogue as a Django application."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class ArchiveConfig(AppConfig):
    """Registers what others call: bulk actions, roles, search, language."""

    name = "archive"
    verbose_name = _("Archive")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Offer the bulk actions, greet people, keep roles and indexes in step."""
        from archive import bulk, language, search_index, waiting  # noqa: PLC0415  needs the app registry
        from archive.roles import establish_roles  # noqa: PLC0415  needs the app registry

        bulk.register()
        user_logged_in.connect(language.greet, dispatch_uid="archive.language")
        post_migrate.connect(establish_roles, dispatch_uid="archive.roles")
        for kept in (search_index, waiting):
            pre_migrate.connect(kept.before_migrations, sender=self)
            post_migrate.connect(kept.after_migrations, sender=self)
