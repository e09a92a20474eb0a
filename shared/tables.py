"""Aggregates as tables: what every service has, column types, and the declaration of an aggregate's table."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import msgspec
from sqlalchemy import Column, Integer, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

from shared.aggregate import Aggregate
from shared.errors import Problem
from shared.inbox import define_inbox
from shared.outbox import define_outbox
from shared.saving import Statements
from shared.webhooks.tables import define_webhooks

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Typed(TypeDecorator[Any]):
    """A JSONB column that holds a dataclass, a list of them or a plain JSON value, of the type given."""

    impl = JSONB
    cache_ok = True

    def __init__(self, value_type: Any) -> None:
        super().__init__()
        self.value_type = value_type

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        """To plain JSON values."""
        return None if value is None else msgspec.to_builtins(value, str_keys=True)

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        """Back to the declared type."""
        return None if value is None else msgspec.convert(value, self.value_type, strict=False)


class Code(TypeDecorator[Any]):
    """A text column that holds one of the values of a string enumeration."""

    impl = Text
    cache_ok = True

    def __init__(self, enumeration: type[Any]) -> None:
        super().__init__()
        self.enumeration = enumeration

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        """To its wire value."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        """Back to the enumeration."""
        return None if value is None else self.enumeration(value)


def service_metadata(*, inbox_schema: str | None = None) -> MetaData:
    """The tables that every service has: outbox, idempotency keys, inbox, parked messages, webhooks. Its own are added to them."""
    metadata = MetaData(naming_convention=NAMING)
    define_outbox(metadata)
    define_inbox(metadata, schema=inbox_schema)
    define_webhooks(metadata)
    return metadata


def refuse(metadata: MetaData, refusals: Mapping[str, type[Problem]]) -> None:
    """Say what a violation of a named unique or check constraint means to the domain."""
    metadata.info.setdefault("refusals", {}).update(refusals)


def persisted(
    metadata: MetaData,
    aggregate: type[Aggregate],
    name: str,
    *columns: Any,
    refusals: Mapping[str, type[Problem]] | None = None,
) -> Table:
    """The table of an aggregate: `id`, `version` and the given columns, one for each further field of the class.

    `refusals`: see `refuse`.
    """
    table = Table(name, metadata, Column("id", Uuid, primary_key=True), Column("version", Integer, nullable=False), *columns)
    expected = {field.name for field in fields(aggregate) if field.init}
    if expected != set(table.columns.keys()):
        raise TypeError(f"{name} and {aggregate.__name__} differ in {sorted(expected ^ set(table.columns.keys()))}")
    metadata.info.setdefault("aggregates", {})[aggregate] = Statements(table)
    refuse(metadata, refusals or {})
    return table
