"""Time and identifiers: aware UTC instants, business dates in western Indonesian time (WIB), UUIDs that sort by time."""

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

# Waktu Indonesia Barat has had no daylight saving since 1964: a fixed offset is exact for business dates.
WIB = timezone(timedelta(hours=7), "WIB")


def _system() -> datetime:
    return datetime.now(UTC)


def now() -> datetime:
    """The current instant, in UTC."""
    return _system()


def today() -> date:
    """The current business date, in WIB."""
    return _system().astimezone(WIB).date()


def new_id() -> UUID:
    """A random UUIDv7: never derived from a NIK, an NIB or anything else about a person."""
    return uuid7()


def id_caused_by(cause: UUID, purpose: str) -> UUID:
    """The id of what a reaction creates: the same for the same cause and purpose, so a replay meets its own earlier effect."""
    return uuid5(cause, purpose)


async def pause(stopping: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until it is time to stop."""
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
