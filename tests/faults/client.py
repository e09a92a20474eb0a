"""The client of a fault run: it sends each command until it has an answer, and writes down what it was told.

The acknowledged log is the ground truth of I6: whatever was answered with 2xx must be there afterwards, once.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Literal
from uuid import UUID

import httpx

from shared.security.demo_issuer import issue_token
from shared.security.identity import Role

RETRIED_CODES = {"idempotency_key_used", "concurrent_change"}
Outcome = Literal["acked", "refused", "unknown"]


@dataclass(frozen=True)
class Mark:
    """How a created row is found again whatever happened: `table.column = value` holds for it and for no other command's row."""

    service: str
    table: str
    column: str
    value: str


@dataclass
class Sent:
    """One command as the client saw it. `unknown` means that it gave up: the command may have happened, once."""

    key: str
    service: str
    path: str
    body: Any
    outcome: Outcome = "unknown"
    attempts: int = 0
    status: int | None = None
    code: str | None = None
    replayed: bool = False
    id: str | None = None
    version: int | None = None
    seconds: float = 0.0
    mark: Mark | None = None
    failures: list[str] = field(default_factory=list)


class GivenUp(Exception):
    """A command of a client's story was refused or has no known outcome: the rest of that story cannot be told."""


class AckedLog:
    """All commands of a world since its reset, in memory and as JSON lines."""

    def __init__(self, path: Path | None = None) -> None:
        self.sent: list[Sent] = []
        self.niks = 0
        self._file = path.open("a") if path else None

    def add(self, sent: Sent) -> None:
        """A command came to its end."""
        self.sent.append(sent)
        if self._file:
            self._file.write(json.dumps(asdict(sent)) + "\n")
            self._file.flush()

    @property
    def acked(self) -> list[Sent]:
        return [sent for sent in self.sent if sent.outcome == "acked"]

    def close(self) -> None:
        if self._file:
            self._file.close()


class Person:
    """A caller with a token; tokens are made once."""

    _tokens: dict[tuple[Any, ...], str] = {}

    def __init__(self, issuer: Path, name: str, role: Role, institution: str | None = None, regions: tuple[str, ...] = ()) -> None:
        who = (issuer, name, role, institution, regions)
        if who not in self._tokens:
            self._tokens[who] = issue_token(issuer, subject=name, role=role, institution_id=UUID(institution) if institution else None, regions=regions)
        self.headers = {"Authorization": f"Bearer {self._tokens[who]}", "Accept-Language": "en"}


class Client:
    """Sends commands over its own connections. `url_of` is asked anew on every attempt: a service may have moved."""

    def __init__(self, log: AckedLog, url_of: Callable[[str], str], random: Random, *, patience: float = 90.0, pause: float = 0.05) -> None:
        self._log = log
        self._url_of = url_of
        self._random = random
        self._patience = patience
        self._pause = pause
        self._http = httpx.AsyncClient(timeout=15, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def create(self, service: str, path: str, who: Person, body: Any, mark: Mark) -> dict[str, Any]:
        """Something new under a fresh key; what the service answered."""
        return await self._send(Sent(self._key(), service, path, body, mark=mark), who, {})

    async def change(self, service: str, path: str, verb: str, who: Person, body: Any, version: int) -> dict[str, Any]:
        """A transition from `version`; `_version` in the answer is the new one."""
        return await self._send(Sent(self._key(), service, f"{path}/{verb}", body), who, {"If-Match": f'"{version}"'})

    def _key(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    async def _send(self, sent: Sent, who: Person, headers: dict[str, str]) -> dict[str, Any]:
        started = time.monotonic()
        headers = who.headers | headers | {"Idempotency-Key": sent.key}
        try:
            while time.monotonic() - started < self._patience:
                sent.attempts += 1
                answer = await self._attempt(sent, headers)
                if answer is not None:
                    return answer
                # As clients should: later each time, and not all at once.
                await asyncio.sleep(min(1.0, self._pause * 2 ** min(sent.attempts, 6)) * self._random.uniform(0.5, 1))
            raise GivenUp(f"{sent.path}: no answer within {self._patience:g} s")
        finally:
            sent.seconds = time.monotonic() - started
            self._log.add(sent)

    async def _attempt(self, sent: Sent, headers: dict[str, str]) -> dict[str, Any] | None:
        try:
            answer = await self._http.post(f"{self._url_of(sent.service)}/v1/{sent.path}", headers=headers, json=sent.body)
        except httpx.TransportError as error:
            sent.failures.append(type(error).__name__)
            return None
        sent.status = answer.status_code
        document: dict[str, Any] = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        sent.code = document.get("code")
        if answer.is_success:
            sent.outcome, sent.id, sent.version = "acked", document["id"], int(answer.headers["ETag"].strip('"'))
            sent.replayed = answer.headers.get("Idempotency-Replayed") == "true"
            return document | {"_version": sent.version}
        if answer.status_code >= 500 or answer.status_code == 429 or sent.code in RETRIED_CODES:
            sent.failures.append(f"{answer.status_code} {sent.code}")
            return None
        sent.outcome = "refused"
        raise GivenUp(f"{sent.path}: {answer.status_code} {answer.text[:300]}")


def told(sent: Iterable[Sent]) -> list[str]:
    """What clients saw go wrong, except connections that the server closed for idleness just as they were used again."""
    return [failure for each in sent for failure in each.failures if failure not in ("ReadError", "RemoteProtocolError")]
