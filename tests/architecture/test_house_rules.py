"""House rules that a linter does not know."""

import ast
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.schema import CreateSchema

from services.embedded.system import SERVICES
from shared.database import create_engine
from shared.http.app import Service, create_app
from shared.http.requests import router
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for package in ("services", "shared") for path in (ROOT / package).rglob("*.py") if "__pycache__" not in path.parts)
MAX_LINES = 400
MAX_BYTES = 1 << 20
VAGUE = frozenset({"util", "utils", "common", "helper", "helpers", "manager", "managers", "misc", "service", "base", "core", "lib"})


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_module_is_two_concepts() -> None:
    too_long = {_name(path): count for path in MODULES if (count := len(path.read_text().splitlines())) > MAX_LINES}
    assert too_long == {}, f"a module past {MAX_LINES} lines is two concepts"


def test_no_large_file_is_tracked() -> None:
    assert {_name(path): path.stat().st_size for path in _tracked() if path.stat().st_size > MAX_BYTES} == {}


def test_names_say_what_is_inside() -> None:
    parts = {part for path in MODULES for part in path.relative_to(ROOT).with_suffix("").parts}
    assert parts & VAGUE == set()


def test_tracked_files_hold_nothing_of_one_machine() -> None:
    """No path of a developer's machine and no private package index."""
    strange = [b"/" + b"work/", b"/ho" + b"me/", b"/Us" + b"ers/", b"registry" + b".npmjs.org", b"extra-" + b"index-url"]
    found = {_name(path): [mark.decode() for mark in strange if mark in path.read_bytes()] for path in _tracked() if path.suffix not in {".png", ".woff2"}}
    assert {name: marks for name, marks in found.items() if marks} == {}


@pytest.mark.parametrize("path", [path for path in MODULES if path.parent.name != "versions"], ids=_name)
def test_everything_public_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text())
    silent = [] if ast.get_docstring(tree) else ["the module"]
    silent += [name for name, node in _public(tree) if not ast.get_docstring(node)]
    assert silent == []


def _public(tree: ast.Module | ast.ClassDef, within: str = "") -> Iterator[tuple[str, Any]]:
    """Public classes and functions of a module, and the public methods of its public classes."""
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
            yield within + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _public(node, f"{node.name}.")


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_migrations_make_the_tables(service: Service, database_url: Callable[..., Any]) -> None:
    engine = create_engine(await database_url(service.name))
    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(_differences, service.metadata) == []
    finally:
        await engine.dispose()


def _differences(connection: Connection, metadata: MetaData) -> list[Any]:
    """What a further migration would have to change, in the default schema and in those that tables name."""
    schemas = {table.schema for table in metadata.tables.values()} | {None}
    options = {"include_schemas": True, "include_name": lambda name, kind, parents: kind != "schema" or name in schemas, "compare_type": True}
    found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    return [each for each in found if not _is_alembics_own(each)]


def _is_alembics_own(difference: Any) -> bool:
    return isinstance(difference, tuple) and difference[0] == "remove_table" and difference[1].name == "alembic_version"


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_migrations_make_the_same_columns_constraints_and_indexes(service: Service, database_url: Callable[..., Any]) -> None:
    """Alembic's comparison leaves out check constraints, predicates of indexes and defaults; the catalogue of PostgreSQL does not."""
    migrated, created = create_engine(await database_url(service.name)), create_engine(await database_url())
    try:
        async with created.begin() as connection:
            for schema in {table.schema for table in service.metadata.tables.values() if table.schema}:
                await connection.execute(CreateSchema(schema))
            await connection.run_sync(service.metadata.create_all)
        assert await _catalogue(migrated) == await _catalogue(created)
    finally:
        await migrated.dispose()
        await created.dispose()


_CATALOGUE = """
SELECT 'column', table_schema, table_name, column_name, concat_ws(' ', udt_name, is_nullable, column_default, is_identity, identity_generation,
       numeric_precision, numeric_scale, character_maximum_length)
FROM information_schema.columns
UNION ALL SELECT 'constraint', n.nspname, t.relname, c.conname, pg_get_constraintdef(c.oid)
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
UNION ALL SELECT 'index', schemaname, tablename, indexname, indexdef FROM pg_indexes
"""


async def _catalogue(engine: AsyncEngine) -> set[tuple[str, ...]]:
    async with engine.connect() as connection:
        rows = (await connection.execute(text(_CATALOGUE))).all()
    return {tuple(row) for row in rows if row[1] not in ("pg_catalog", "information_schema", "pg_toast") and row[2] != "alembic_version"}


async def test_a_missing_migration_would_be_noticed(database_url: Callable[..., Any]) -> None:
    coordination = next(service for service in SERVICES if service.name == "coordination")
    engine = create_engine(await database_url("mapping"))
    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(_differences, coordination.metadata) != []
    finally:
        await engine.dispose()


def test_a_route_that_does_not_say_who_may_call_it_stops_the_build(settings: Callable[..., Settings]) -> None:
    open_routes = router("open")

    @open_routes.get("/open")
    async def anybody() -> None: ...

    service = Service(name="coordination", title="Open", description="Open", metadata=MetaData(), routers=[open_routes])
    with pytest.raises(TypeError, match="/v1/open does not say who may call it"):
        create_app(service, settings("postgresql+asyncpg://nobody@127.0.0.1:1/none", "postgresql+asyncpg://nobody@127.0.0.1:1/none"))
