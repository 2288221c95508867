"""Which photographs wait for a decision: `Photograph.waits`, kept by triggers.

Whether a suggestion or a colorization of a photograph waits is asked for whole
archives: in the tree, in the facets, on the desk. Asking every photograph for its
suggestions takes a second at 100,000; one indexed column takes a moment. Triggers keep
it, whoever decides; they step aside for migrations like those of the search index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connections

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

_WAITS = (
    "EXISTS (SELECT 1 FROM archive_suggestion s WHERE s.photograph_id = p.id "
    "AND s.state = 'awaiting') OR EXISTS (SELECT 1 FROM archive_derivative d "
    "JOIN archive_masterfile m ON m.id = d.master_id WHERE m.photograph_id = p.id "
    "AND d.purpose = 'colorization' AND d.review_state = 'awaiting')"
)
_ALL = (
    f"UPDATE archive_photograph AS p SET waits = ({_WAITS}) WHERE p.waits <> ({_WAITS})"
)
_OF_MASTER = "(SELECT photograph_id FROM archive_masterfile WHERE id = {row}.master_id)"
# Table → event → the photograph that may wait from now on, or no longer.
TRIGGERS = {
    "archive_suggestion": {
        "INSERT": "NEW.photograph_id",
        "UPDATE OF state": "NEW.photograph_id",
        "DELETE": "OLD.photograph_id",
    },
    "archive_derivative": {
        "INSERT": _OF_MASTER.format(row="NEW"),
        "UPDATE OF review_state": _OF_MASTER.format(row="NEW"),
        "DELETE": _OF_MASTER.format(row="OLD"),
    },
}


def statements(vendor: str) -> list[str]:
    """Return what settles every photograph, then what makes the triggers."""
    every = _ALL
    if vendor == "sqlite":
        # Without statistics it would look through all that waits in the archive for
        # what one photograph has; a plus keeps it from the index of what waits.
        every = every.replace("d.purpose", "+d.purpose")
        every = every.replace("d.review_state", "+d.review_state")
    made = [every]
    for table, events in TRIGGERS.items():
        for event, key in events.items():
            name = _name(table, event)
            one = f"{every} AND p.id = {key}"
            head = f"CREATE TRIGGER {name} AFTER {event} ON {table}"
            if vendor == "sqlite":
                # SQLite's triggers know no alias of the table that they update.
                plain = one.replace(" AS p ", " ").replace("p.", "archive_photograph.")
                made.append(f"{head} BEGIN {plain}; END")
                continue
            # Two who decide on one photograph at once wait for each other at its row,
            # and the second then sees what the first decided.
            lock = f"PERFORM 1 FROM archive_photograph WHERE id = {key} FOR UPDATE;"
            made += [
                (
                    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger "
                    f"LANGUAGE plpgsql AS $$ BEGIN {lock} {one}; RETURN NULL; END $$"
                ),
                f"{head} FOR EACH ROW EXECUTE FUNCTION {name}()",
            ]
    return made


def make(using: str = "default") -> None:
    """Settle every photograph, and keep it so from now on."""
    connection = connections[using]
    drop_triggers(using)
    with connection.cursor() as cursor:
        for statement in statements(connection.vendor):
            cursor.execute(statement)


def drop_triggers(using: str = "default") -> None:
    """Leave what is settled, kept by nobody."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for table, events in TRIGGERS.items():
            where = f" ON {table}" if connection.vendor == "postgresql" else ""
            for event in events:
                cursor.execute(f"DROP TRIGGER IF EXISTS {_name(table, event)}{where}")


def before_migrations(using: str, plan: Any = (), **_signal: Any) -> None:
    """Get out of the way of migrations; called by Django before they run."""
    if using == "default" and plan:
        drop_triggers(using)


def after_migrations(using: str, plan: Any = (), **_signal: Any) -> None:
    """Settle everything where migrations ran; called by Django after them."""
    if using == "default" and plan and _has_the_column(connections[using]):
        make(using)


def _has_the_column(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        if not {"archive_photograph", *TRIGGERS} <= set(tables):
            return False
        described = connection.introspection.get_table_description(
            cursor, "archive_photograph"
        )
    return "waits" in {column.name for column in described}


def _name(table: str, event: str) -> str:
    return f"{table}_waits_{event.split()[0].lower()}"
