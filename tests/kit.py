"""What tests work with: a service served in process, and callers with tokens."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy import select

from shared.http.app import Service
from shared.http.host import host
from shared.outbox import outbox_of
from shared.runtime import Runtime
from shared.security.demo_issuer import issue_token
from shared.security.identity import Role


class Person:
    """A caller with a token: `Person(issuer, Role.LENDER, institution_id=…)`."""

    def __init__(
        self, issuer: Path, role: Role, *, name: str | None = None, institution_id: UUID | None = None, regions: Sequence[str] = (), **token: Any
    ) -> None:
        self.name = name or f"{role}-{uuid4().hex[:6]}"
        self.institution_id = institution_id
        self.token = issue_token(issuer, subject=self.name, role=role, institution_id=institution_id, regions=regions, **token)


class Served:
    """One service mounted under its path, called without a network."""

    def __init__(self, service: Service, app: FastAPI) -> None:
        self.service = service
        self.app = app
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(host({service.name: app}), raise_app_exceptions=False), base_url=f"http://test/{service.name}"
        )

    @property
    def runtime(self) -> Runtime:
        runtime: Runtime = self.app.state.runtime
        return runtime

    async def get(self, path: str, person: Person | None = None, **kwargs: Any) -> httpx.Response:
        """GET under the service's path, such as `/v1/programmes`."""
        return await self.client.get(path, headers=_headers(person, kwargs.pop("headers", {})), **kwargs)

    async def post(
        self, path: str, person: Person | None = None, body: Any = None, *, key: str | None = None, if_match: str | None = None, **kwargs: Any
    ) -> httpx.Response:
        """POST with a fresh Idempotency-Key unless `key` is given; `if_match` is an ETag."""
        headers = {"Idempotency-Key": key or uuid4().hex} | ({"If-Match": if_match} if if_match else {})
        return await self.client.post(path, json=body, headers=_headers(person, headers | kwargs.pop("headers", {})), **kwargs)

    async def insist(self, path: str, person: Person | None = None, body: Any = None, **kwargs: Any) -> httpx.Response:
        """POST as a patient client: who is told that the database is busy comes again with the same key."""
        key = uuid4().hex
        while (answer := await self.post(path, person, body, key=key, **kwargs)).status_code == 503:
            await asyncio.sleep(0.2)
        return answer

    async def act(self, path: str, verb: str, person: Person | None = None, body: Any = None, **kwargs: Any) -> httpx.Response:
        """A transition: reads the ETag at `path`, then POSTs to `path/verb` with it."""
        etag = (await self.get(path, person)).headers.get("etag", '"1"')
        return await self.post(f"{path}/{verb}", person, body, if_match=etag, **kwargs)

    async def outbox(self) -> list[Any]:
        """Every event recorded, in order."""
        outbox = outbox_of(self.service.metadata)
        async with self.runtime.engine.connect() as connection:
            return list((await connection.execute(select(outbox).order_by(outbox.c.position))).all())


def _headers(person: Person | None, headers: dict[str, str]) -> dict[str, str]:
    return ({"Authorization": f"Bearer {person.token}"} if person else {}) | headers
