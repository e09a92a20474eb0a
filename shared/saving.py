"""Saving an aggregate: the one statement that writes its state, its events and the stored answer together."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import CTE
from sqlalchemy.types import TypeDecorator

from shared.outbox import idempotency_keys_of, outbox_of


class Statements:
    """The prebuilt statements of one aggregate's table.

    The event insert selects from the `RETURNING` of the state change, so the aggregate's row lock is always taken before an
    outbox position is drawn: positions of one aggregate are in the order of its versions.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.state = [column for column in table.columns if column.name not in ("id", "version")]
        count = bindparam("event_count", type_=Integer)
        inserted = (
            insert(table)
            .from_select(
                ["id", "version", *(column.name for column in self.state)],
                select(cast(bindparam("subject"), Uuid), cast(count, Integer), *(cast(_state(c), _sql_type(c)) for c in self.state)),
            )
            .returning(table.c.id)
            .cte("saved")
        )
        updated = (
            update(table)
            .where(table.c.id == bindparam("subject", type_=Uuid), table.c.version == bindparam("loaded_version", type_=Integer))
            .values({c.name: _state(c) for c in self.state} | {"version": table.c.version + count})
            .returning(table.c.id)
            .cte("saved")
        )
        self.load = select(table).where(table.c.id == bindparam("subject", type_=Uuid))
        self.insert = {remember: Saving(_with_events(table.metadata, inserted, remember)) for remember in (False, True)}
        self.update = {remember: Saving(_with_events(table.metadata, updated, remember)) for remember in (False, True)}


def to_json(value: Any) -> str:
    """JSON as it is stored."""
    return msgspec.json.encode(value).decode()


_DIALECT = asyncpg_dialect(json_serializer=to_json)  # type: ignore[no-untyped-call]


class Saving:
    """One statement that saves; it tells how many aggregates it saved, 0 or 1."""

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        compiled = statement.compile(dialect=_DIALECT)
        self._text = str(compiled)
        self._arguments = [(name, _conversion(compiled.binds[name].type)) for name in compiled.positiontup or ()]

    async def within(self, connection: AsyncConnection, parameters: Mapping[str, Any]) -> int:
        """Run in the transaction of `connection`."""
        return int(await connection.scalar(self._statement, parameters) or 0)

    async def alone(self, connection: AsyncConnection, parameters: Mapping[str, Any]) -> int:
        """Run on a `connection` that is in no transaction, so that it commits by itself.

        It is handed to the driver as it was compiled once: SQLAlchemy's way to execute takes longer than the statement.
        """
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        arguments = [convert(parameters[name]) if convert else parameters[name] for name, convert in self._arguments]
        try:
            return int(await driver.fetchval(self._text, *arguments))
        except Exception as error:
            if driver.is_closed():
                await connection.invalidate()
                raise ConnectionResetError("the connection to the database was lost") from error
            raise


def _conversion(type_: Any) -> Any | None:
    """What SQLAlchemy does to a value before the driver gets it; nothing for arrays, which are all of plain values here and which the
    driver takes as they are.
    """
    return None if isinstance(type_, ARRAY) else type_.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _state(column: Column[Any]) -> Any:
    return bindparam(f"state_{column.name}", type_=column.type)


def _sql_type(column: Column[Any]) -> Any:
    return column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type


def _with_events(metadata: MetaData, saved: CTE, remember: bool) -> Select[Any]:
    outbox = outbox_of(metadata)
    arrays = [bindparam(name, type_=ARRAY(type_)) for name, type_ in (("event_ids", Uuid), ("event_types", Text), ("event_topics", Text), ("event_data", Text))]
    events = func.unnest(*arrays).table_valued("id", "type", "topic", "data", with_ordinality="n", name="event").render_derived()
    whole: dict[str, ColumnElement[Any]] = {
        "id": events.c.id,
        "type": events.c.type,
        "topic": events.c.topic,
        "subject": saved.c.id,
        "sequence": cast(bindparam("loaded_version"), Integer) + cast(events.c.n, Integer),
        "time": func.statement_timestamp(),
        "data": events.c.data,
        "correlation_id": cast(bindparam("correlation_id"), Text),
        "causation_id": cast(bindparam("causation_id"), Text),
        "actor": cast(bindparam("actor"), Text),
        "traceparent": cast(bindparam("traceparent"), Text),
    }
    # Positions are drawn in the order of the rows, and the rows come in the order in which the aggregate recorded them.
    rows = select(*whole.values()).select_from(saved.join(events, true())).order_by(events.c.n)
    published = insert(outbox).from_select(list(whole), rows).returning(outbox.c.position).cte("published")
    counts = [select(func.count()).select_from(saved).scalar_subquery(), select(func.count()).select_from(published).scalar_subquery()]
    if remember:
        keys = idempotency_keys_of(metadata)
        answer: dict[str, ColumnElement[Any]] = {
            "key": cast(bindparam("key"), LargeBinary),
            "fingerprint": cast(bindparam("fingerprint"), LargeBinary),
            "status": cast(bindparam("status"), Integer),
            "answer": cast(bindparam("answer"), LargeBinary),
            "etag": cast(bindparam("etag"), String),
        }
        remembered = insert(keys).from_select(list(answer), select(*answer.values()).select_from(saved)).returning(keys.c.status).cte("remembered")
        counts.append(select(func.count()).select_from(remembered).scalar_subquery())
    return select(*counts)
