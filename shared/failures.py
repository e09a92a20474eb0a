"""Which failures pass by themselves."""

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.errors import StaleVersion

# Connection, transaction rollback, resources, object not in the prerequisite state (locks), operator, system; then: idle too long in a
# transaction, and a server that became read-only, as in a failover.
_PASSING_CLASSES = {"08", "40", "53", "55", "57", "58"}
_PASSING_STATES = {"25P03", "25006"}


def is_transient(error: BaseException) -> bool:
    """Whether trying again may succeed: the connection, a lock, a shortage; never what the data itself causes."""
    # asyncpg's internal error is how a session looks that the server ended at the wrong moment; SQLAlchemy passes it on as it is.
    if isinstance(error, (StaleVersion, PoolTimeout, OSError, TimeoutError, asyncpg.InternalClientError)):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _passes(getattr(error.orig, "sqlstate", None))
    return isinstance(error, asyncpg.PostgresError) and _passes(error.sqlstate)


def _passes(state: str | None) -> bool:
    return state is not None and (state[:2] in _PASSING_CLASSES or state in _PASSING_STATES)
