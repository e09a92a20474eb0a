"""The projection: reads what the fold needs, folds, and writes each table once a batch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Table, Uuid, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.monitoring.overview import tables
from services.monitoring.overview.fold import Change, Commitment, Group, Known, fold, subjects_to_know
from shared.envelope import Message


async def project(connection: AsyncConnection, messages: Sequence[Message]) -> None:
    """Apply fresh messages to the view, inside the transaction of `connection`."""
    change = fold(messages, await _known(connection, messages))
    for statement, table, rows in _writes(change):
        if rows:
            # Sorted by key, so that writers never wait for each other in a ring.
            rows = sorted(rows, key=lambda row: row[: len(table.primary_key)])
            columns = zip(*rows, strict=True)
            await connection.execute(statement, dict(zip(table.columns.keys(), map(list, columns), strict=True)))


async def _known(connection: AsyncConnection, messages: Sequence[Message]) -> Known:
    commitments, groups = subjects_to_know(messages)
    known = Known()
    if commitments:
        rows = await connection.execute(_COMMITMENTS, {"ids": commitments})
        known.commitments = {row[0]: Commitment(*row[1:]) for row in rows}
    if groups:
        rows = await connection.execute(_GROUPS, {"ids": groups})
        known.groups = {row[0]: Group(*row[1:]) for row in rows}
    return known


def _states(table: Table) -> Any:
    (key,) = table.primary_key
    return select(*table.c).where(key == func.any(bindparam("ids", type_=ARRAY(Uuid))))


_COMMITMENTS, _GROUPS = _states(tables.commitments), _states(tables.groups)


def _writing(table: Table, *, adding: Iterable[str] = (), newest: Iterable[str] = (), only_later_by: Sequence[str] = ()) -> Insert:
    """An upsert of arrays: the columns `adding` are added to, `newest` take the greater value, all others are replaced."""
    arrays = [bindparam(column.name, type_=ARRAY(column.type)) for column in table.c]
    given = func.unnest(*arrays).table_valued(*table.c.keys(), name="given").render_derived()
    statement = insert(table).from_select(table.c.keys(), select(*given.c))
    values: dict[str, ColumnElement[Any]] = {}
    for column in table.c:
        new = statement.excluded[column.name]
        if column.name in adding:
            values[column.name] = column + new
        elif column.name in newest:
            values[column.name] = func.greatest(column, new)
        elif not column.primary_key:
            values[column.name] = new
    later = None
    if only_later_by:
        later = tuple_(*(statement.excluded[name] for name in only_later_by)) >= tuple_(*(table.c[name] for name in only_later_by))
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=values, where=later)


_PROGRAMMES = _writing(tables.programmes)
_REGIONS = _writing(tables.regions)
_LOCATIONS = _writing(tables.locations, only_later_by=("effective_from", "prioritised_at"))
_ENDED = _writing(tables.ended_priorities)
_FIGURES = _writing(tables.figures, adding=tables.FIGURES)
_REGION_FIGURES = _writing(tables.region_figures, adding=tables.REGION_FIGURES)
_COMMITMENT_STATES = _writing(tables.commitments)
_GROUP_STATES = _writing(tables.groups)
_FRESHNESS = _writing(tables.freshness, adding=("events",), newest=("newest_event_at",))


def _writes(change: Change) -> list[tuple[Insert, Table, list[tuple[Any, ...]]]]:
    return [
        (_PROGRAMMES, tables.programmes, _named(tables.programmes, change.programmes)),
        (_REGIONS, tables.regions, _named(tables.regions, change.regions)),
        (_LOCATIONS, tables.locations, _rows(change.locations)),
        (_ENDED, tables.ended_priorities, _rows(change.ended)),
        (_FIGURES, tables.figures, _rows(change.figures)),
        (_REGION_FIGURES, tables.region_figures, _rows(change.region_figures)),
        (_COMMITMENT_STATES, tables.commitments, _rows(change.commitments)),
        (_GROUP_STATES, tables.groups, _rows(change.groups)),
        (_FRESHNESS, tables.freshness, _rows(change.freshness)),
    ]


def _rows(by_key: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
    """Key and fields, which are the table's columns in its order."""
    if not by_key:
        return []
    values_of = attrgetter(*(field.name for field in fields(next(iter(by_key.values())))))
    return [(*(key if isinstance(key, tuple) else (key,)), *values_of(value)) for key, value in by_key.items()]


def _named(table: Table, events: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
    """An event's values by the names of the columns."""
    return [tuple(getattr(event, column.name) for column in table.c) for event in events.values()]
