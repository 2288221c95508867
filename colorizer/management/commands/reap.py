"""`manage.py reap`: take jobs back from workers that are gone."""

from typing import Any

from django.core.management.base import BaseCommand

from colorizer import jobs


class Command(BaseCommand):
    """Take jobs back from workers that are gone, and wake the queue."""

    help = "Take jobs back from workers that are gone, and wake the queue."

    def handle(self, *args: Any, **options: Any) -> None:
        """Reap once and tell what was found."""
        found = jobs.reap()
        self.stdout.write(
            f"{found.requeued} back in the queue, {found.failed} given up,"
            f" {found.cancelled} cancelled."
        )
