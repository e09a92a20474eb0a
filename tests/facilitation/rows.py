"""Rows as other parts of facilitation would hold them."""

from datetime import date
from typing import Any, get_origin
from uuid import uuid4

from sqlalchemy import ARRAY, Column, Date, LargeBinary, Table, Text

from shared.tables import Code, Typed

ON = date(2026, 7, 1)


def filled(table: Table, **given: Any) -> dict[str, Any]:
    """A row with something of the right kind in every further column that must not be null."""

    def something(column: Column[Any]) -> Any:
        kind = column.type
        if isinstance(kind, Code):
            return next(iter(kind.enumeration))
        if isinstance(kind, Typed):
            return {} if get_origin(kind.value_type) is dict else []
        if isinstance(kind, ARRAY):
            return []
        return {Text: "x", LargeBinary: uuid4().bytes, Date: ON}.get(type(kind), 1)

    return {column.name: something(column) for column in table.columns if not column.nullable and column.name not in given} | given
