"""What we are measured against: the same two rows inserted by a plain ORM application and by raw asyncpg, nothing else."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from fastapi import Depends, FastAPI, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, DateTime, Identity
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

URL = os.environ["BENCH_DATABASE_URL"]
TABLES = """
CREATE TABLE IF NOT EXISTS plain_institutions (id uuid PRIMARY KEY, code text NOT NULL, name text NOT NULL, institution_type text NOT NULL);
CREATE TABLE IF NOT EXISTS plain_outbox (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL, topic text NOT NULL,
    key text NOT NULL, payload jsonb NOT NULL, created_at timestamptz NOT NULL);
"""


class Base(DeclarativeBase):
    pass


class InstitutionRow(Base):
    __tablename__ = "plain_institutions"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    institution_type: Mapped[str]


class OutboxRow(Base):
    __tablename__ = "plain_outbox"
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    event_id: Mapped[UUID]
    topic: Mapped[str]
    key: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class InstitutionIn(BaseModel):
    code: str = Field(max_length=64)
    name: str = Field(max_length=200)
    institution_type: str


class InstitutionOut(InstitutionIn):
    id: UUID


engine = create_async_engine(URL, pool_size=16, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.pool = await asyncpg.create_pool(URL.replace("+asyncpg", ""), min_size=16, max_size=16)
    async with app.state.pool.acquire() as connection:
        await connection.execute(TABLES)
    yield
    await app.state.pool.close()
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


@app.post("/orm", status_code=201, response_model=InstitutionOut)
async def orm(body: InstitutionIn, db: AsyncSession = Depends(session)) -> Any:
    row = InstitutionRow(id=uuid4(), **body.model_dump())
    async with db.begin():
        db.add(row)
        payload = {"id": str(row.id), **body.model_dump()}
        db.add(OutboxRow(event_id=uuid4(), topic="institutions", key=str(row.id), payload=payload, created_at=datetime.now(UTC)))
    return row


@app.post("/raw")
async def raw(request: Request) -> Response:
    body = json.loads(await request.body())
    id = uuid4()
    payload = json.dumps({"id": str(id), **body})
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        await connection.execute("INSERT INTO plain_institutions VALUES ($1, $2, $3, $4)", id, body["code"], body["name"], body["institution_type"])
        await connection.execute(
            "INSERT INTO plain_outbox (event_id, topic, key, payload, created_at) VALUES ($1, $2, $3, $4, $5)",
            uuid4(), "institutions", str(id), payload, datetime.now(UTC),
        )  # fmt: skip
    return Response(json.dumps({"id": str(id), **body}), 201, media_type="application/json")
