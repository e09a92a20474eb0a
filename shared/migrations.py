"""Alembic for a service: bring its database to the newest revision, and say what that is."""

from functools import cache
from pathlib import Path
from typing import Literal

from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import TypeDecorator


def folder_of(service: str) -> str:
    """Where the migrations of a service are."""
    return str(Path(__file__).parent.parent / "services" / service / "migrations")


def _config(folder: str) -> Config:
    config = Config()
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def head_of(folder: str) -> str | None:
    """The newest revision in a migrations folder."""
    return ScriptDirectory.from_config(_config(folder)).get_current_head()


async def upgrade(engine: AsyncEngine, folder: str) -> None:
    """Apply what is missing, in one transaction; concurrent callers wait for each other."""
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('entaskan-migrations'))"))
        await connection.run_sync(_upgrade, folder)


def _upgrade(connection: Connection, folder: str) -> None:
    config = _config(folder)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def run(metadata: MetaData, *, schemas: bool = False) -> None:
    """What each `migrations/env.py` does: migrate on the connection that `upgrade` opened."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, include_schemas=schemas, compare_server_default=False, render_item=_render_plain)
    with context.begin_transaction():
        context.run_migrations()


def _render_plain(kind: str, item: object, _autogenerate: object) -> str | Literal[False]:
    """Revisions name plain column types, so that they stay readable when our own types change."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return "postgresql.JSONB()" if isinstance(item.impl_instance, JSONB) else f"sa.{type(item.impl_instance).__name__}()"
    return False
