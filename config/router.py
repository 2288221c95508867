"""Which database a model lives in: documents in `results`, all else in `default`."""

from typing import Any

from django.db.models import Model

RESULTS_APP = "results"
RESULTS_ALIAS = "results"


class ResultsRouter:
    """Send the app labelled `results` to the alias `results`, and nothing else."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        """Return the alias that holds the model's rows, or None for the default."""
        return RESULTS_ALIAS if model._meta.app_label == RESULTS_APP else None

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        """Return the alias that holds the model's rows, or None for the default."""
        return self.db_for_read(model, **hints)

    def allow_relation(self, first: Model, second: Model, **hints: Any) -> bool | None:
        """Refuse relations that cross the two databases."""
        sides = {
            side._meta.app_label == RESULTS_APP  # ours or not
            for side in (first, second)
        }
        return False if len(sides) > 1 else None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Say whether an app's migrations run on a database."""
        return (app_label == RESULTS_APP) == (db == RESULTS_ALIAS)
