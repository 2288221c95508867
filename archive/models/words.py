"""The words of each photograph, in the index of the database's own search engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.expressions import Col

from archive.models.photographs import Photograph

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

    from archive.search_query import Query

    Compiled = tuple[str, tuple[Any, ...]]


class IndexField(models.Field):  # type: ignore[type-arg]
    """All words of a row: an FTS5 table's column of its own name, or a `tsvector`."""


@IndexField.register_lookup
class Hold(models.Lookup[Any]):
    """`words__hold=query`: whether the row holds every wanted phrase."""

    lookup_name = "hold"
    prepare_rhs = False
    rhs: Query

    def get_db_prep_lookup(self, value: Any, connection: Any) -> Any:
        """Leave the query to the database's own way of writing it."""
        return "%s", (value,)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> Compiled:
        """Ask FTS5."""
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} MATCH %s", (*parameters, self.rhs.for_fts5())

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> Compiled:
        """Ask the index of vectors."""
        column, parameters = self.process_lhs(compiler, connection)
        asked = (*parameters, self.rhs.for_tsquery())
        return f"{column} @@ to_tsquery('simple', %s)", asked


class Rank(models.Expression):
    """How well a row that holds the query fits it: the best has the smallest number.

    SQLite weighs by BM25, PostgreSQL by `ts_rank`; both weigh code and title most.
    """

    output_field = models.FloatField()

    def __init__(self, query: Query, column: str = "words__words") -> None:
        """Rank by this query, on the path to the index column."""
        super().__init__()
        self.query = query
        self.column: Any = models.F(column)

    def get_source_expressions(self) -> list[Any]:
        """Return the column."""
        return [self.column]

    def set_source_expressions(self, expressions: Any) -> None:
        """Take over the column as the query resolved it."""
        (self.column,) = expressions

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> Compiled:
        """Read FTS5's hidden column; it knows the query from the filter."""
        assert isinstance(self.column, Col)  # noqa: S101  narrows the type
        return f"{compiler.quote_name_unless_alias(self.column.alias)}.rank", ()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> Compiled:
        """Weigh the vector."""
        column, parameters = compiler.compile(self.column)
        asked = (*parameters, self.query.for_tsquery())
        return f"-ts_rank({column}, to_tsquery('simple', %s))", asked


class PhotographWords(models.Model):
    """One photograph's row in the index; kept by triggers, never written from here.

    `archive.search_index` makes the table, which is a different one in each database.
    """

    photograph = models.OneToOneField(
        Photograph,
        on_delete=models.DO_NOTHING,
        primary_key=True,
        db_column="rowid",
        db_constraint=False,
        related_name="words",
    )
    words = IndexField(db_column="archive_photographwords")

    class Meta:
        """No table of Django's, and no permissions: it is no thing of the catalogue."""

        managed = False
        db_table = "archive_photographwords"
        default_permissions = ()

    def __str__(self) -> str:
        """Return the photograph's key."""
        return str(self.pk)

    @staticmethod
    def rank(query: Query) -> Rank:
        """Return the order of photographs that hold the query, the best first."""
        return Rank(query)
