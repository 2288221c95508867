"""Machine vision for the archive, as a Django application."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ColorizerConfig(AppConfig):
    """Offers its verbs wherever photographs are selected, and keeps lost jobs found."""

    name = "colorizer"
    verbose_name = _("Machine vision")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the bulk actions, the reaper's schedule and the workers' start."""
        from django_q.signals import post_spawn  # noqa: PLC0415  needs the registry

        from colorizer import actions, panels  # noqa: PLC0415  needs the registry

        actions.register()
        panels.register()
        post_migrate.connect(
            schedule_reaper, sender=self, dispatch_uid="colorizer.reaper"
        )
        post_spawn.connect(worker_started, dispatch_uid="colorizer.worker_started")


def schedule_reaper(using: str = "default", **_signal: Any) -> None:
    """See that lost jobs and new features are looked for once a minute."""
    from colorizer import queues  # noqa: PLC0415  needs the registry

    if using == "default":
        queues.schedule_every_minute("reap jobs", "colorizer.jobs.reap")
        queues.schedule_every_minute(
            "index what looks alike", "colorizer.alike.keeping.refresh_when_due"
        )


def worker_started(**_signal: Any) -> None:
    """Put back at once what a worker of this machine lost when it was killed."""
    from django.db import DatabaseError, connection  # noqa: PLC0415  after the fork

    from colorizer import jobs  # noqa: PLC0415  needs the registry

    try:
        jobs.reap()
    except DatabaseError:  # the schedule looks again within a minute
        connection.close()
