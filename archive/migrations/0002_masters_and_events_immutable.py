"""Masters and events cannot be updated, whoever asks the database.

On SQLite a later migration that rebuilds one of these tables loses its trigger and
must end by running `install` again.
"""

from django.db import migrations

TABLES = {"archive_masterfile": "master files", "archive_event": "events"}


def install(apps, schema_editor):
    """Refuse UPDATE on both tables, in the words of each database."""
    vendor = schema_editor.connection.vendor
    for table, words in TABLES.items():
        sentence = f"{words} are never changed"
        if vendor == "sqlite":
            schema_editor.execute(
                f"CREATE TRIGGER IF NOT EXISTS {table}_immutable "
                f"BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            )
        elif vendor == "postgresql":
            schema_editor.execute(
                f"CREATE OR REPLACE FUNCTION {table}_immutable() RETURNS trigger "
                f"AS $$ BEGIN RAISE EXCEPTION '{sentence}'; END $$ LANGUAGE plpgsql"
            )
            schema_editor.execute(
                f"CREATE TRIGGER {table}_immutable BEFORE UPDATE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_immutable()"
            )


def remove(apps, schema_editor):
    """Take the triggers away again."""
    vendor = schema_editor.connection.vendor
    for table in TABLES:
        if vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_immutable")
        elif vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {table}_immutable ON {table}")
            schema_editor.execute(f"DROP FUNCTION {table}_immutable()")


class Migration(migrations.Migration):
    dependencies = [("archive", "0001_catalogue")]
    operations = [migrations.RunPython(install, remove)]
