"""Sending: each endpoint by itself, so that one that hangs delays no other; at least once, whatever dies on the way.

A process claims an endpoint by moving its `next_at` behind the time it may need. If it dies, the endpoint is due again then.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import BigInteger, Row, and_, bindparam, exists, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import clock, telemetry
from shared.database import Database
from shared.envelope import record_of
from shared.failures import is_transient
from shared.http.feed_reader import cloud_event
from shared.outbox import outbox_of
from shared.webhooks.addresses import Network, Unusable, target
from shared.webhooks.rules import DeliveryState, EndpointState, Failure, PauseReason, WebhookTestedJustNow, retry_after, signatures
from shared.webhooks.tables import deliveries_of, webhooks_of

POLL_SECONDS = 0.5
TIMEOUT_SECONDS = 15.0
TURN_SECONDS = 30.0
"""How long an endpoint is sent to before the next look at the feed."""
LEASE = timedelta(seconds=TURN_SECONDS + 2 * TIMEOUT_SECONDS)
WINDOW = 1000
"""So many events of the feed are made out to an endpoint at once."""
MAX_AT_ONCE = 200
TEST_EVERY_SECONDS = 10
log = telemetry.logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to: the status answered, or why there was none."""

    status: int | None = None
    failure: Failure | None = None

    @property
    def gone(self) -> bool:
        """The receiver asks not to be called again."""
        return self.status == 410


class Sender:
    """Sends a service's events to its active endpoints until told to stop. `key` is what signing secrets are derived from."""

    def __init__(self, service: str, database: Database, key: bytes, own_networks: Sequence[Network]) -> None:
        self._service = service
        self._database = database
        self._key = key
        self._own_networks = own_networks
        self._endpoints, self._deliveries, self._outbox = (of(database.metadata) for of in (webhooks_of, deliveries_of, outbox_of))
        self._tested: dict[UUID, float] = {}
        self._turns: dict[UUID, asyncio.Task[None]] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Look for endpoints that are due; a database that is away is waited for. What is being sent at the end is sent again later."""
        delay = POLL_SECONDS
        try:
            while not stopping.is_set():
                try:
                    for endpoint in await self._claimed():
                        turn = self._turns[endpoint.id] = asyncio.create_task(self._turn(endpoint))
                        turn.add_done_callback(lambda _, id=endpoint.id: self._turns.pop(id, None))  # type: ignore[misc]
                    delay = POLL_SECONDS
                except Exception as error:
                    if not is_transient(error):
                        raise
                    log.warning("webhooks wait for the database", service=self._service, error=type(error).__name__)
                    delay = min(delay * 2, 5.0)
                await clock.pause(stopping, delay)
        finally:
            turns = list(self._turns.values())
            for turn in turns:
                turn.cancel()
            await asyncio.gather(*turns, return_exceptions=True)

    async def _claimed(self) -> Sequence[Row[Any]]:
        """Endpoints with something to send, claimed for this process, their deliveries made out."""
        room = MAX_AT_ONCE - len(self._turns)
        e, d, now = self._endpoints.c, self._deliveries.c, clock.now()
        newest = select(func.coalesce(func.max(self._outbox.c.feed_seq), 0)).scalar_subquery()
        waits = exists().where(d.webhook_id == e.id, d.state == DeliveryState.PENDING, d.next_at <= now)
        due = (
            select(e.id)
            .where(e.state == EndpointState.ACTIVE, e.next_at <= now, e.id.not_in(list(self._turns)), or_(e.position < newest, waits))
            .order_by(e.next_at)
            .limit(room)
            .with_for_update(skip_locked=True)
        )
        async with self._database.reading() as connection:  # mostly nothing is due, and then nothing is locked
            if not room or not await connection.scalar(select(exists().where(e.state == EndpointState.ACTIVE, e.next_at <= now))):
                return []
        async with self._database.engine.begin() as connection:
            claim = update(self._endpoints).where(e.id.in_(due)).values(next_at=now + LEASE).returning(self._endpoints)
            claimed: Sequence[Row[Any]] = (await connection.execute(claim)).all()
            for endpoint in claimed:
                await self._make_out(connection, endpoint)
        return claimed

    async def _make_out(self, connection: AsyncConnection, endpoint: Row[Any]) -> None:
        """One delivery for each further event that the endpoint wants, and the position behind them."""
        o, now = self._outbox.c, clock.now()
        newest = int(await connection.scalar(select(func.max(o.feed_seq))) or 0)
        until = min(newest, endpoint.position + WINDOW)
        values = [
            func.gen_random_uuid(),
            literal(endpoint.id),
            o.feed_seq,
            o.id,
            o.type,
            literal(str(DeliveryState.PENDING)),
            literal(0),
            bindparam("now", now),
        ]
        wanted = select(*values).where(o.feed_seq > endpoint.position, o.feed_seq <= until)
        if endpoint.types:
            wanted = wanted.where(o.type.in_(endpoint.types))
        names = ["id", "webhook_id", "feed_seq", "event_id", "type", "state", "attempts", "next_at"]
        await connection.execute(insert(self._deliveries).from_select(names, wanted))
        await connection.execute(update(self._endpoints).where(self._endpoints.c.id == endpoint.id).values(position=literal(until, BigInteger)))

    async def _turn(self, endpoint: Row[Any]) -> None:
        """Send what waits, in order, until a failure or the end of the turn."""
        ends = asyncio.get_running_loop().time() + TURN_SECONDS
        try:
            while asyncio.get_running_loop().time() < ends and (delivery := await self._next(endpoint.id)):
                outcome = await self.send(endpoint, str(delivery.event_id), cloud_event(record_of(delivery)).decode())
                telemetry.WEBHOOKS_SENT.labels(self._service, "failed" if outcome.failure else "delivered").inc()
                await self._record(endpoint, delivery, outcome)
                if outcome.failure:
                    return
            async with self._database.engine.begin() as connection:
                await connection.execute(self._changed(endpoint.id, next_at=clock.now()))
        except Exception as error:
            if not is_transient(error):
                # The others go on; this one is tried again when its lease ends.
                log.error("a webhook cannot be served", service=self._service, webhook=str(endpoint.id), exc_info=error)
            else:
                log.warning("a webhook waits for the database", service=self._service, webhook=str(endpoint.id), error=type(error).__name__)

    async def _next(self, endpoint_id: UUID) -> Row[Any] | None:
        """What was never tried first, so that one event that the receiver refuses keeps none from it."""
        d, e = self._deliveries.c, self._endpoints.c
        named = [d.id.label("delivery_id"), d.event_id, d.attempts]
        statement = (
            select(*named, *[column for column in self._outbox.c if column.name != "position"])
            .join(self._outbox, self._outbox.c.feed_seq == d.feed_seq)
            .join(self._endpoints, e.id == d.webhook_id)
            .where(d.webhook_id == endpoint_id, e.state == EndpointState.ACTIVE, d.state == DeliveryState.PENDING, d.next_at <= clock.now())
            .order_by(d.attempts, d.feed_seq)
            .limit(1)
        )
        async with self._database.reading() as connection:
            return (await connection.execute(statement)).one_or_none()

    async def test(self, endpoint: Row[Any]) -> Outcome:
        """A message about nothing, now and once; `WebhookTestedJustNow` when the last one was not ten seconds ago."""
        now = asyncio.get_running_loop().time()
        self._tested = {id: at for id, at in self._tested.items() if at > now - TEST_EVERY_SECONDS}
        if endpoint.id in self._tested:
            raise WebhookTestedJustNow(seconds=TEST_EVERY_SECONDS)
        self._tested[endpoint.id] = now
        message = {"specversion": "1.0", "id": str(clock.new_id()), "source": f"/{self._service}", "type": "entaskan.webhook.test"}
        return await self.send(endpoint, message["id"], json.dumps(message | {"time": clock.now().isoformat(), "data": {}}))

    async def send(self, endpoint: Row[Any], message_id: str, body: str) -> Outcome:
        """One attempt, signed. Redirects are not followed and nothing of the answer but its status is read."""
        at = clock.now()
        headers = {
            "Content-Type": "application/cloudevents+json",
            "User-Agent": "Entaskan-Webhooks/1",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signatures(self._key, endpoint.id, endpoint.secret_version, endpoint.rotated_at, message_id, at, body),
        }
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                where = await target(endpoint.url, self._own_networks)
                # A connection of its own for each attempt: one that is kept would be found by IP address, whatever the name was.
                async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT_SECONDS) as client:
                    request = client.build_request(
                        "POST", where.url, content=body.encode(), headers=headers | {"Host": where.netloc}, extensions={"sni_hostname": where.host}
                    )
                    answer = await client.send(request, stream=True)
                    await answer.aclose()
        except Unusable as error:
            return Outcome(failure=error.failure)
        except (TimeoutError, httpx.TimeoutException):
            return Outcome(failure=Failure.TIMED_OUT)
        except (httpx.HTTPError, OSError):
            return Outcome(failure=Failure.CONNECTION_FAILED)
        return Outcome(answer.status_code, None if 200 <= answer.status_code < 300 else Failure.HTTP_STATUS)

    async def _record(self, endpoint: Row[Any], delivery: Row[Any], outcome: Outcome) -> None:
        """Write down an attempt; after a failure the endpoint waits, and after too many, or when it is gone, it is paused."""
        d, now = self._deliveries.c, clock.now()
        values: dict[str, Any] = {"attempts": delivery.attempts + 1, "attempted_at": now, "status": outcome.status, "failure": outcome.failure}
        async with self._database.engine.begin() as connection:
            written = update(self._deliveries).where(d.id == delivery.delivery_id, d.state == DeliveryState.PENDING)
            if not outcome.failure:
                await connection.execute(written.values(values | {"state": DeliveryState.DELIVERED}))
                await connection.execute(self._changed(endpoint.id, failures=0))
                return
            again = retry_after(delivery.attempts + 1)
            await connection.execute(written.values(values | ({"next_at": now + again} if again else {"state": DeliveryState.DEAD})))
            failures = await connection.scalar(select(self._endpoints.c.failures).where(self._endpoints.c.id == endpoint.id).with_for_update())
            if failures is None:
                return  # deleted meanwhile
            wait = retry_after(failures + 1)
            if reason := PauseReason.GONE if outcome.gone else None if wait else PauseReason.FAILING:
                await connection.execute(self._changed(endpoint.id, state=EndpointState.PAUSED, pause_reason=reason, failures=failures + 1))
                log.warning("a webhook was paused", service=self._service, webhook=str(endpoint.id), reason=str(reason))
            else:
                await connection.execute(self._changed(endpoint.id, failures=failures + 1, next_at=now + (wait or timedelta())))

    def _changed(self, endpoint_id: UUID, **values: Any) -> Any:
        """Of an endpoint that is still active: what its owner decided meanwhile stays."""
        e = self._endpoints.c
        return update(self._endpoints).where(and_(e.id == endpoint_id, e.state == EndpointState.ACTIVE)).values(**values)
