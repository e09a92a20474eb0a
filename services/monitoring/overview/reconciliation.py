"""Reconciliation (rekonsiliasi): the view against the services' own public totals, to the rupiah."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.monitoring.overview import queries
from shared import clock, telemetry
from shared.database import Database
from shared.errors import Problem

FIGURES_OF = {
    "coordination": ("commitments", "pledged_idr", "verified_idr", "fulfilled"),
    "mapping": ("locations", "rank", "province_code"),
    "facilitation": ("enterprises", "groups", "active_groups", "applications", "requested_idr", "grants", "granted_idr", "declined"),
}
"""Which figures each service answers for. A location counts as 1; its rank and province code are compared as numbers."""

CODES = ("rank", "province_code")
TIMEOUT_SECONDS = 5.0
MAX_ANSWER_BYTES = 2_000_000
EVERY_SECONDS = 60.0
log = telemetry.logger(__name__)


class ServiceUnreachable(Problem):
    """A service's totals could not be read, so nothing can be said."""

    status = 503
    code = "service_unreachable"
    message = ("Jumlah dari layanan {service} tidak dapat dibaca.", "The totals of the {service} service cannot be read.")
    action = ("Periksa layanan itu lalu ulangi.", "Check that service, then repeat.")


class Difference(BaseModel):
    """One figure that is not the same on both sides."""

    service: str = Field(examples=["facilitation"])
    figure: str = Field(examples=["granted_idr"])
    region_code: str = Field(examples=["53.04"])
    monitored: int = Field(description="what the view holds")
    reported: int = Field(description="what the service itself sums up")
    difference: int = Field(description="monitored minus reported")


class Total(BaseModel):
    """One figure over all regions."""

    service: str
    figure: str
    monitored: int
    reported: int
    difference: int


class Reconciliation(BaseModel):
    """The comparison. The view follows the services by events, so a difference may only mean that some are still on their way."""

    programme_id: UUID
    all_zero: bool = Field(description="every figure is the same in every region")
    differences: list[Difference]
    totals: list[Total]
    as_of: datetime | None = Field(description="time of the newest event in the view")
    compared_at: datetime
    outboxes: dict[str, str | None] = Field(description="what each service says of events that are not yet on the log; null where it does not say")
    note: str = Field(
        description="how to read a difference",
        examples=["The view is eventually consistent: a difference that lasts is an error, one that goes away was lag."],
    )


NOTE = (
    "Pandangan ini konsisten pada akhirnya: selisih yang hilang dengan sendirinya adalah keterlambatan, selisih yang menetap adalah kesalahan. / "
    "The view is eventually consistent: a difference that goes away by itself was lag, one that lasts is an error."
)


class _Item(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)

    region_code: str = Field(min_length=1, max_length=13)


class _Totals(BaseModel):
    items: list[_Item] = Field(max_length=2000)


class Reconciler:
    """Compares, and remembers each programme's last outcome for a short while, so that readers cannot multiply requests."""

    def __init__(self, database: Database, public_url: str, transport: Callable[[], httpx.AsyncBaseTransport | None] = lambda: None) -> None:
        self._database = database
        self._url = public_url.rstrip("/")
        self._transport = transport
        self._comparing: dict[UUID, asyncio.Lock] = {}
        self._last: dict[UUID, tuple[float, Reconciliation | ServiceUnreachable]] = {}

    async def compare(self, programme_id: UUID, *, max_age: float = 0.0, timeout: float = TIMEOUT_SECONDS) -> Reconciliation:
        """The comparison for a known programme, at most `max_age` seconds old; `ServiceUnreachable` names who did not answer."""
        async with self._comparing.setdefault(programme_id, asyncio.Lock()):
            at, outcome = self._last.get(programme_id, (float("-inf"), None))
            if outcome is None or time.monotonic() - at > max_age:
                try:
                    outcome = await self._compare(programme_id, timeout)
                except ServiceUnreachable as unreachable:
                    outcome = unreachable
                self._last[programme_id] = time.monotonic(), outcome
        if isinstance(outcome, ServiceUnreachable):
            raise ServiceUnreachable(**outcome.facts)
        return outcome

    async def _compare(self, programme_id: UUID, timeout: float) -> Reconciliation:
        async with httpx.AsyncClient(transport=self._transport(), timeout=timeout, follow_redirects=False, trust_env=False) as client:
            names = list(FIGURES_OF)
            answers = await asyncio.gather(*(self._totals(client, name, programme_id) for name in names))
            backlogs = await asyncio.gather(*(self._outbox(client, name) for name in names))
        async with self._database.reading() as connection:
            found = await queries.sources(connection)
            monitored = await queries.monitored(connection, programme_id)
        differences: list[Difference] = []
        totals: list[Total] = []
        for service, reported in zip(names, answers, strict=True):
            for figure in FIGURES_OF[service]:
                sums = [0, 0]
                for region in sorted(monitored.keys() | reported.keys()):
                    ours, theirs = monitored.get(region, {}).get(figure, 0), reported.get(region, {}).get(figure, 0)
                    sums[0] += ours
                    sums[1] += theirs
                    if ours != theirs:
                        differences.append(
                            Difference(service=service, figure=figure, region_code=region, monitored=ours, reported=theirs, difference=ours - theirs)
                        )
                if figure not in CODES:
                    totals.append(Total(service=service, figure=figure, monitored=sums[0], reported=sums[1], difference=sums[0] - sums[1]))
        return Reconciliation(
            programme_id=programme_id,
            all_zero=not differences,
            differences=differences,
            totals=totals,
            as_of=queries.newest(found),
            compared_at=clock.now(),
            outboxes=dict(zip(names, backlogs, strict=True)),
            note=NOTE,
        )

    async def _totals(self, client: httpx.AsyncClient, service: str, programme_id: UUID) -> dict[str, dict[str, int]]:
        try:
            body = await _bounded(client, f"{self._url}/{service}/v1/totals", {"programme_id": str(programme_id)})
            items = _Totals.model_validate_json(body).items
            return {item.region_code: _numbers(service, item) for item in items}
        except (httpx.HTTPError, ValidationError, ValueError) as error:
            log.warning("totals cannot be read", service_asked=service, error=type(error).__name__)
            raise ServiceUnreachable(service=service) from error

    async def _outbox(self, client: httpx.AsyncClient, service: str) -> str | None:
        """A hint only: what the service's readiness says of its outbox."""
        with suppress(httpx.HTTPError, ValueError, KeyError, TypeError):
            detail = (await client.get(f"{self._url}/{service}/readyz")).json()["checks"]["outbox"]["detail"]
            return str(detail)[:200]
        return None

    async def run(self, stopping: asyncio.Event) -> None:
        """Compare every programme now and then, for the metric that alerts watch."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), EVERY_SECONDS)
                return
            try:
                await self.measure()
            except Exception as error:
                telemetry.RECONCILE_DIFFERENCE.clear()  # what was found before is no finding of now
                log.warning("reconciliation was not possible", error=repr(error))

    async def measure(self) -> None:
        """Compare every programme now and set the metric."""
        async with self._database.reading() as connection:
            programmes = await queries.programme_rows(connection)
        outcomes = [await self.compare(row["programme_id"]) for row in programmes]
        for figure in [figure for names in FIGURES_OF.values() for figure in names]:
            differing = sum(abs(found.difference) for outcome in outcomes for found in outcome.differences if found.figure == figure)
            telemetry.RECONCILE_DIFFERENCE.labels(figure).set(differing)


async def _bounded(client: httpx.AsyncClient, url: str, params: dict[str, str]) -> bytes:
    body = bytearray()
    async with client.stream("GET", url, params=params) as response:
        response.raise_for_status()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                raise ValueError("the answer is too large")
    return bytes(body)


def _numbers(service: str, item: _Item) -> dict[str, int]:
    """An item's figures as whole numbers; `ValueError` for one that is missing or no number."""
    given: dict[str, Any] = {"locations": 1, **(item.model_extra or {})}
    return {figure: _whole(given.get(figure)) for figure in FIGURES_OF[service]}


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        return int(value)
    raise ValueError("a figure is missing or no whole number")
