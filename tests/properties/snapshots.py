"""States of a database that can be gone back to within milliseconds."""

from collections.abc import Sequence
from typing import Any

# Without triggers there are no foreign keys to keep to, so tables may be emptied and filled in any order.
_FREELY = "SET LOCAL session_replication_role = replica"


class Snapshots:
    """The kept states of one database; `connection` is a superuser's."""

    def __init__(self, connection: Any, tables: Sequence[str]) -> None:
        self._connection = connection
        self._tables = tables
        self._restore: dict[str, str] = {}

    async def keep(self, name: str) -> None:
        """Remember the state as of now under a name."""
        await self._connection.execute(f"CREATE SCHEMA kept_{name}")
        statements = [_FREELY]
        for table in self._tables:
            copy = f"kept_{name}.{table.replace('.', '_')}"
            statements.append(f"DELETE FROM {table}")
            if await self._connection.fetchval(f"SELECT EXISTS (SELECT FROM {table})"):
                await self._connection.execute(f"CREATE TABLE {copy} AS TABLE {table}")
                found = await self._connection.fetch("SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum", copy)
                columns = ", ".join(f'"{row["attname"]}"' for row in found)
                statements.append(f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {copy}")
        self._restore[name] = "; ".join(statements)

    async def restore(self, name: str) -> None:
        """Go back to a kept state."""
        await self._connection.execute(self._restore[name])
