"""The index of words: a table of the database's own engine, kept by triggers.

SQLite has an FTS5 table, PostgreSQL a table of `tsvector`s under a GIN index; both are
called `archive_photographwords`. Triggers renew a photograph's row whenever its
description, its terms, or a word of one of its terms changes, whoever changes it.

All of it is derived, so no migration carries it: before migrations run, the triggers
are dropped (on SQLite, a table that triggers name cannot be made anew), and after them
the index is made from nothing. That takes seconds at 100,000 photographs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connections

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "archive_photographwords"
# Field → weight in FTS5's BM25, and the class that PostgreSQL's ts_rank weighs by.
FIELDS = {
    "reference_code": (10, "A"),
    "title": (10, "A"),
    "creator": (5, "B"),
    "terms": (5, "B"),
    "place": (3, "C"),
    "date_text": (2, "C"),
    "inscriptions": (2, "C"),
    "description": (1, "D"),
    "extent_and_medium": (1, "D"),
    "notes": (1, "D"),
}
OWN = [name for name in FIELDS if name != "terms"]

# Table → event → which photographs are to be indexed anew, in the words of both.
_BEARERS = "SELECT photograph_id FROM archive_assignment WHERE term_id = {row}.{key}"
TRIGGERS = {
    "archive_photograph": {
        "INSERT": "NEW.id",
        f"UPDATE OF {', '.join(OWN)}": "NEW.id",
        "DELETE": "OLD.id",
    },
    "archive_assignment": {
        "INSERT": "NEW.photograph_id",
        "UPDATE OF term_id, photograph_id": "OLD.photograph_id, NEW.photograph_id",
        "DELETE": "OLD.photograph_id",
    },
    "archive_term": {"UPDATE OF label": _BEARERS.format(row="NEW", key="id")},
    "archive_termsynonym": {
        "INSERT": _BEARERS.format(row="NEW", key="term_id"),
        "UPDATE OF label": _BEARERS.format(row="NEW", key="term_id"),
        "DELETE": _BEARERS.format(row="OLD", key="term_id"),
    },
}


def _name(table: str, event: str) -> str:
    return f"{table}_words_{event.split()[0].lower()}"


def _statements(vendor: str) -> list[str]:
    return _sqlite() if vendor == "sqlite" else _postgresql()


# SQLite


def _sqlite_rows(chosen: str) -> str:
    """Return the statement that indexes the photographs whose keys are chosen."""
    terms = (
        "(SELECT group_concat(words.label, ' / ') FROM archive_assignment borne JOIN ("
        "SELECT id AS term_id, label FROM archive_term "
        "UNION ALL SELECT term_id, label FROM archive_termsynonym"
        ") words ON words.term_id = borne.term_id WHERE borne.photograph_id = p.id)"
    )
    values = [terms if name == "terms" else f"p.{name}" for name in FIELDS]
    return (
        f"INSERT INTO {TABLE} (rowid, {', '.join(FIELDS)}) "
        f"SELECT p.id, {', '.join(values)} FROM archive_photograph p{chosen}"
    )


def _sqlite() -> list[str]:
    weights = ", ".join(f"{weight}.0" for weight, _class in FIELDS.values())
    made = [
        (
            f"CREATE VIRTUAL TABLE {TABLE} USING fts5({', '.join(FIELDS)}, "
            "tokenize = \"unicode61 remove_diacritics 2\", prefix = '2 3')"
        ),
        f"INSERT INTO {TABLE} ({TABLE}, rank) VALUES ('rank', 'bm25({weights})')",
        _sqlite_rows(""),
    ]
    for table, events in TRIGGERS.items():
        for event, keys in events.items():
            made.append(
                f"CREATE TRIGGER {_name(table, event)} AFTER {event} ON {table} BEGIN "
                f"DELETE FROM {TABLE} WHERE rowid IN ({keys}); "
                f"{_sqlite_rows(f' WHERE p.id IN ({keys})')}; END"
            )
    return made


# PostgreSQL

# Accents and everything that is neither letter nor digit are taken out before words are
# made, so that both databases find the same words. A vector holds at most a mebibyte.
_FOLDED = r"""
CREATE OR REPLACE FUNCTION archive_folded(written text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT regexp_replace(
    regexp_replace(normalize(left(written, 50000), NFKD), '[\u0300-\u036f]', '', 'g'),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4'
    '\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u2000-\u206f\u2190-\u2bff\u3000-\u3004]+',
    ' ', 'g')
$$
"""
# Between fields stands a word that nobody writes, so that no phrase spans two of them.
_BETWEEN = "ʬʬ"


def _postgresql() -> list[str]:
    values = {
        "terms": (
            f"(SELECT string_agg(words.label, ' {_BETWEEN} ') "
            "FROM archive_assignment borne JOIN ("
            "SELECT id AS term_id, label FROM archive_term "
            "UNION ALL SELECT term_id, label FROM archive_termsynonym"
            ") words ON words.term_id = borne.term_id WHERE borne.photograph_id = p.id)"
        )
    }
    vector = " || ".join(
        "setweight(to_tsvector('simple', "
        f"archive_folded(coalesce({values.get(name, f'p.{name}')}, ''))"
        f" || ' {_BETWEEN}'), '{class_}')"
        for name, (_weight, class_) in FIELDS.items()
    )
    made = [
        _FOLDED,
        f"CREATE TABLE {TABLE} (rowid bigint PRIMARY KEY, {TABLE} tsvector NOT NULL)",
        f"CREATE INDEX {TABLE}_gin ON {TABLE} USING gin ({TABLE})",
        # Two who change one photograph at once wait for each other at its row, and the
        # second then sees what the first wrote.
        f"""
CREATE OR REPLACE FUNCTION archive_index_words(keys bigint[]) RETURNS void
LANGUAGE plpgsql AS $$ BEGIN
PERFORM 1 FROM {TABLE} WHERE rowid = ANY(keys) ORDER BY rowid FOR UPDATE;
INSERT INTO {TABLE} SELECT p.id, ts_delete({vector}, '{_BETWEEN}')
FROM archive_photograph p WHERE p.id = ANY(keys)
ON CONFLICT (rowid) DO UPDATE SET {TABLE} = excluded.{TABLE};
END $$""",
        "SELECT archive_index_words(ARRAY(SELECT id FROM archive_photograph))",
    ]
    for table, events in TRIGGERS.items():
        for event, keys in events.items():
            name = _name(table, event)
            chosen = keys if keys.startswith("SELECT") else f"VALUES ({keys})"
            chosen = chosen.replace(", ", "), (") if chosen != keys else chosen
            work = f"PERFORM archive_index_words(ARRAY({chosen}));"
            if (table, event) == ("archive_photograph", "DELETE"):
                work = f"DELETE FROM {TABLE} WHERE rowid = OLD.id;"
            made += [
                (
                    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger "
                    f"LANGUAGE plpgsql AS $$ BEGIN {work} RETURN NULL; END $$"
                ),
                (
                    f"CREATE TRIGGER {name} AFTER {event} ON {table} "
                    f"FOR EACH ROW EXECUTE FUNCTION {name}()"
                ),
            ]
    made += [
        (
            f"CREATE OR REPLACE FUNCTION {TABLE}_emptied() RETURNS trigger "
            f"LANGUAGE plpgsql AS $$ BEGIN TRUNCATE {TABLE}; RETURN NULL; END $$"
        ),
        (
            f"CREATE TRIGGER {TABLE}_emptied AFTER TRUNCATE ON archive_photograph "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_emptied()"
        ),
    ]
    return made


# Both


def make(using: str = "default") -> None:
    """Make the index and its triggers from nothing."""
    connection = connections[using]
    drop_triggers(using)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        for statement in _statements(connection.vendor):
            cursor.execute(statement)


def drop_triggers(using: str = "default") -> None:
    """Leave the index as it stands, kept by nobody."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for table, events in TRIGGERS.items():
            for event in events:
                _drop(cursor, connection, _name(table, event), table)
        if connection.vendor == "postgresql":
            _drop(cursor, connection, f"{TABLE}_emptied", "archive_photograph")


def _drop(
    cursor: Any, connection: BaseDatabaseWrapper, trigger: str, table: str
) -> None:
    where = f" ON {table}" if connection.vendor == "postgresql" else ""
    cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}{where}")


def before_migrations(using: str, plan: Any = (), **_signal: Any) -> None:
    """Get out of the way of migrations; called by Django before they run."""
    if using == "default" and plan:
        drop_triggers(using)


def after_migrations(using: str, plan: Any = (), **_signal: Any) -> None:
    """Make the index anew where migrations ran; called by Django after them.

    Where only a part of the history was applied there is nothing to index yet.
    """
    if using != "default":
        return
    connection = connections[using]
    tables = connection.introspection.table_names()
    if (plan or TABLE not in tables) and _has_every_field(connection, tables):
        make(using)


def _has_every_field(connection: BaseDatabaseWrapper, tables: list[str]) -> bool:
    if not set(TRIGGERS) <= set(tables):
        return False
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(
            cursor, "archive_photograph"
        )
    return set(OWN) <= {column.name for column in described}
