"""The few differences between SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, String, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

Insert = sqlite.Insert | postgresql.Insert


class random_token(GenericFunction[str]):
    """32 random hexadecimal digits, different in each row."""

    type = String()
    inherit_cache = True


@compiles(random_token, "sqlite")
def _random_token_sqlite(_element: Any, _compiler: Any, **_kw: Any) -> str:
    return "lower(hex(randomblob(16)))"


@compiles(random_token, "postgresql")
def _random_token_postgresql(_element: Any, _compiler: Any, **_kw: Any) -> str:
    return "replace(CAST(gen_random_uuid() AS TEXT), '-', '')"


def insert(conn: Connection, table: Table) -> Insert:
    """An INSERT with ON CONFLICT. Use RETURNING to count: psycopg's rowcount is -1 when nothing conflicts."""
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)
