"""A service's events for those without Kafka: `GET /v1/events` answers as an http-feed (http-feeds.org) or streams server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from shared import telemetry
from shared.contracts import EVENT_TYPES
from shared.errors import Problem, Refused
from shared.failures import is_transient
from shared.http.access import Allow
from shared.http.feed_reader import Batch, Feed
from shared.http.problems import ProblemDocument
from shared.http.requests import FormatNotAvailable, StrictRoute
from shared.runtime import Runtime
from shared.security.identity import Role

BATCH = "application/cloudevents-batch+json"
STREAM = "text/event-stream"
DEFAULT_LIMIT = 500
MAX_LIMIT = 1000
MAX_TIMEOUT = 30_000
KEEP_ALIVE_SECONDS = 15.0
RECONNECT_MILLISECONDS = 2000

READERS = Allow(Role.COORDINATOR, Role.PROGRAMME_OWNER, Role.PARTNER_MINISTRY, Role.AUDITOR)
"""Every reader is given the same events, of all regions and institutions, so only roles that see all of them may read: what the APIs
keep from a region, a lender or a mentor, the feed must not tell.
"""

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=StrictRoute)
log = telemetry.logger(__name__)


class LastEventUnknown(Problem):
    """The feed holds no event by the id after which the reader wants to go on."""

    status = 404
    code = "last_event_unknown"
    message = ("Peristiwa lastEventId tidak ada dalam umpan layanan ini.", "The event lastEventId is not in the feed of this service.")
    action = (
        "Bila peristiwa itu baru saja datang lewat Kafka, ulangi beberapa detik lagi. Bila tidak, mulai lagi tanpa lastEventId: umpan dibaca dari awal; "
        "yang sudah diterapkan dikenali dari subject dan sequence.",
        "If that event came by Kafka a moment ago, repeat in a few seconds. Otherwise start again without lastEventId: the feed is then read from its "
        "beginning; what you applied before is known by its subject and sequence.",
    )


class EventTypeUnknown(Refused):
    """The filter names a type that this service does not publish: the answer would be empty for ever."""

    code = "event_type_unknown"
    message = ("Layanan ini tidak menerbitkan jenis peristiwa itu.", "This service does not publish that type of event.")
    action = ("Jenis yang diterbitkan: {published_types}.", "Types that it publishes: {published_types}.")


class CloudEvent(BaseModel):
    """An event in the JSON format of CloudEvents 1.0; the same attributes and values as the `ce_` headers on Kafka."""

    model_config = ConfigDict(extra="allow")

    specversion: str = Field(description="always 1.0", examples=["1.0"])
    id: UUID = Field(description="of this event; the same when it comes again; goes into `lastEventId`")
    source: str = Field(description="the service that published it", examples=["/entaskan/coordination"])
    type: str = Field(description="what happened, and the version of its schema")
    subject: UUID = Field(description="the thing it happened to")
    time: str = Field(description="when, in UTC", examples=["2024-11-24T03:00:00.000000Z"])
    datacontenttype: str = Field(examples=["application/json"])
    dataschema: str = Field(description="the name of the JSON Schema of `data`")
    partitionkey: str = Field(description="the record key on Kafka, which is the subject")
    sequence: str = Field(description="1, 2, 3, … for this subject, without gaps", examples=["1"])
    correlationid: str = Field(description="the same for all events that one request caused")
    causationid: str = Field("", description="the event or request that caused this one; may be absent")
    actor: str = Field("", description="the pseudonym of who did it; may be absent")
    traceparent: str = Field("", description="W3C trace context; may be absent")
    data: dict[str, Any] = Field(description="what the type's schema says")


_SUBJECT = "01977f1e-9d5c-7a3a-8f64-1f2b3c4d5e6f"
_EXAMPLE = {
    "specversion": "1.0",
    "id": "01977f1e-9d5d-7c11-9a52-6b7c8d9e0f10",
    "source": "/entaskan/coordination",
    "type": "entaskan.coordination.InstitutionRegistered.v1",
    "subject": _SUBJECT,
    "time": "2024-11-24T03:00:00.000000Z",
    "dataschema": "https://entaskan.id/schemas/entaskan.coordination.InstitutionRegistered.v1.json",
    "partitionkey": _SUBJECT,
    "sequence": "1",
    "correlationid": "5b1f0e9c2a7d4e38",
    "actor": "demo-programme_owner",
    "datacontenttype": "application/json",
    "data": {
        "institution_id": _SUBJECT,
        "institution_code": "kemenkop_ukm",
        "institution_type": "ministry",
        "parent_institution_id": None,
        "sector_code": None,
    },
}
_STREAM_EXAMPLE = f'event: {_EXAMPLE["type"]}\ndata: {{"specversion":"1.0","id":"{_EXAMPLE["id"]}", … }}\nid: {_EXAMPLE["id"]}\n\n: ping\n\n'
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Peristiwa menurut urutan umpan / events in the order of the feed",
        "headers": {
            "Last-Event-ID": {
                "description": "the last event looked at; with a filter, going on after it spares looking at the same events again",
                "schema": {"type": "string", "format": "uuid"},
            }
        },
        "content": {
            BATCH: {"schema": {"type": "array", "items": CloudEvent.model_json_schema()}, "example": [_EXAMPLE]},
            STREAM: {"schema": {"type": "string"}, "example": _STREAM_EXAMPLE},
        },
    },
    406: {"model": ProblemDocument, "description": "Format tidak tersedia / format not available", "content": {"application/problem+json": {}}},
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asked for."""

    limit: int
    types: Sequence[str]
    subject: UUID | None

    async def after(self, feed: Feed, position: int) -> Batch:
        """The next of it."""
        return await feed.after(position, limit=self.limit, types=self.types, subject=self.subject)


@router.get(
    "",
    operation_id="read_events",
    summary="Baca peristiwa / Read events",
    response_class=Response,
    response_model=None,
    responses=_RESPONSES,
    dependencies=[Depends(READERS)],
)
async def read_events(
    request: Request,
    last_event_id: Annotated[UUID | None, Query(alias="lastEventId", description="id of the last event processed; without it, from the first event on")] = None,
    last_event_id_header: Annotated[UUID | None, Header(alias="Last-Event-ID", description="the same, as browsers send it; counts before the query")] = None,
    timeout: Annotated[int, Query(ge=0, le=MAX_TIMEOUT, description="milliseconds to wait for an event when there is none")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="at most so many events at once")] = DEFAULT_LIMIT,
    types: Annotated[
        Sequence[str],
        Query(alias="type", max_length=50, description="only events of this type; may be repeated", examples=[[_EXAMPLE["type"]]]),
    ] = (),
    subject: Annotated[UUID | None, Query(description="only events of this subject")] = None,
) -> Response:
    """The events that this service published, in the order in which it did, from the first on or after `lastEventId`.

    `Accept: application/cloudevents-batch+json` (or none in particular) is answered with a batch, at once or, with `timeout`, as soon as
    there is an event. `Accept: text/event-stream` is answered with a stream that stays open: `id` is the event's id, `event` its type,
    `data` the same JSON. Delivery is at least once by the position that the reader keeps; events of one subject come in order.
    """
    feed, runtime = _feed(request), _runtime(request)
    streaming = _prefers_stream(request.headers.get("accept", ""))
    published = sorted(kind.wire_type for kind in EVENT_TYPES.values() if kind.publisher == runtime.service)
    if not set(types) <= set(published):
        raise EventTypeUnknown(published_types=published)
    last_id = last_event_id_header or last_event_id
    position = await feed.position_of(last_id) if last_id else 0
    if position is None:
        oldest = await feed.oldest()
        raise LastEventUnknown(**{"oldest_event_id": str(oldest)} if oldest else {})
    wanted = Wanted(limit, types, subject)
    if streaming:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return EventSourceResponse(_stream(request, feed, position, wanted), headers=headers)
    batch = await _next(feed, position, wanted, timeout / 1000)
    headers = {"Cache-Control": "no-store"}
    if seen_id := batch.seen_id or last_id:
        headers["Last-Event-ID"] = str(seen_id)
    return Response(b"[%b]" % b",".join(event.json for event in batch.events), headers=headers, media_type=BATCH)


async def _next(feed: Feed, position: int, wanted: Wanted, seconds: float) -> Batch:
    """The next events, waited for if there are none; a filter goes on from what it has looked at."""
    now = asyncio.get_running_loop().time
    deadline = now() + seconds
    while True:
        batch = await wanted.after(feed, position)
        position = batch.seen
        if batch.events or not await feed.wait(position, deadline - now()):
            return batch


async def _stream(request: Request, feed: Feed, position: int, wanted: Wanted) -> AsyncIterator[bytes]:
    """Frames without end, until the service stops, the token expires or (by cancellation) the reader is gone."""
    yield format_sse_event(retry=RECONNECT_MILLISECONDS)
    while not feed.ended and await _still_allowed(request):
        try:
            batch = await wanted.after(feed, position)
        except Exception as error:
            if not is_transient(error):
                raise
            # Browsers give up for good on an answer of 503, so the stream stays and tries again.
            log.warning("a stream of events waits for the database", error=type(error).__name__)
            yield KEEPALIVE_COMMENT
            await asyncio.sleep(1)
            continue
        frames = [format_sse_event(id=str(event.id), event=event.type, data_str=event.json.decode()) for event in batch.events]
        if batch.seen > position and (not batch.events or batch.events[-1].id != batch.seen_id):
            # An id without data moves the reader's position and is no event to it.
            frames.append(format_sse_event(id=str(batch.seen_id)))
        if frames:
            yield b"".join(frames)
        position = batch.seen
        if not batch.more and not await feed.wait(position, KEEP_ALIVE_SECONDS):
            yield KEEPALIVE_COMMENT


async def _still_allowed(request: Request) -> bool:
    try:
        await READERS(request)
    except Problem:
        return False
    return True


def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


def _feed(request: Request) -> Feed:
    """The running service's feed, which begins with its first reader."""
    runtime = _runtime(request)
    feed: Feed | None = getattr(request.app.state, "feed", None)
    if feed is None or feed.database is not runtime.database:
        feed = request.app.state.feed = Feed(runtime.database)
        runtime.spawn("feed", feed.watch(runtime.stopping))
    return feed


def _prefers_stream(accept: str) -> bool:
    """Whether a stream is preferred to a batch; of equals, the one named first. `FormatNotAvailable` when neither is accepted."""
    kinds = {STREAM: True, "text/*": True, BATCH: False, "application/json": False, "application/*": False, "*/*": False}
    best, streaming = 0.0, False
    for item in accept.lower().split(",") if accept.strip() else ["*/*"]:
        kind, *parameters = (part.strip() for part in item.split(";"))
        quality = next((_quality(each[2:]) for each in parameters if each.startswith("q=")), 1.0)
        if kind in kinds and quality > best:
            best, streaming = quality, kinds[kind]
    if not best:
        raise FormatNotAvailable(media_types=[BATCH, STREAM])
    return streaming


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
