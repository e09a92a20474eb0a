"""After the log lost records (a disk, a topic made anew): what the outbox still has and the log does not is published again."""

from uuid import UUID

from sqlalchemy import ARRAY, MetaData, Uuid, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.contracts import EVENT_TYPES
from shared.eventlog import EventLog
from shared.outbox import outbox_of

CHUNK = 5000


async def republish_missing(service: str, engine: AsyncEngine, metadata: MetaData, event_log: EventLog) -> tuple[int, int]:
    """Take the mark from every published event that is not on the log, so that the relay publishes it again, in order.

    Answers how many events were published, and how many of them were missing. `LogUnavailable` when the log cannot be read; then
    nothing was changed.
    """
    outbox = outbox_of(metadata)
    async with engine.connect() as connection:
        # What is marked from now on was acknowledged after the log's ends are read below, and proves nothing.
        before = await connection.scalar(select(func.clock_timestamp()))
    on_log: set[bytes] = set()
    topics = sorted({kind.topic for kind in EVENT_TYPES.values() if kind.publisher == service})
    async for _, records in event_log.replay(topics, {}):
        on_log.update(value for record in records for name, value in record.headers if name == "ce_id")
    unmark = update(outbox).where(outbox.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid)))).values(published_at=None)
    published, missing, position = 0, 0, 0
    while True:
        async with engine.begin() as connection:
            page = select(outbox.c.position, outbox.c.id).where(outbox.c.position > position, outbox.c.published_at < before)
            rows = (await connection.execute(page.order_by(outbox.c.position).limit(CHUNK))).all()
            if not rows:
                return published, missing
            lost: list[UUID] = [row.id for row in rows if str(row.id).encode() not in on_log]
            if lost:
                await connection.execute(unmark, {"ids": lost})
            published, missing, position = published + len(rows), missing + len(lost), rows[-1].position
