"""A running service: its database, its relay, its consumer, and how they start and stop together."""

import asyncio
import signal
from collections.abc import Awaitable, Sequence

from sqlalchemy import MetaData

from shared import clock, telemetry
from shared.consumer import Consumer
from shared.database import Database, create_engine
from shared.eventlog import EventLog, LogUnavailable, event_log
from shared.outbox import Relay
from shared.settings import Settings

GRACE_SECONDS = 10.0
log = telemetry.logger(__name__)


def stop_process() -> None:
    """Ask this process to stop in order; whoever started it starts it again."""
    signal.raise_signal(signal.SIGTERM)


class Runtime:
    """The background half of a service."""

    def __init__(self, service: str, settings: Settings, metadata: MetaData, topics: Sequence[str], *, pool_size: int = 8) -> None:
        self.service = service
        self.topics = topics
        self.engine = create_engine(settings.database_url, pool_size=pool_size)
        self.event_log: EventLog = event_log(settings.event_log)
        self.relay = Relay(service, self.engine, metadata, self.event_log)
        self.database = Database(self.engine, metadata, on_commit=self.relay.wake)
        self.consumer: Consumer | None = None
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def consume(self, consumer: Consumer) -> None:
        """Have the service react to events."""
        self.consumer = consumer

    async def start(self) -> None:
        """Begin publishing and consuming; a log that is down is waited for in the background, so that HTTP serves at once."""
        self.spawn("relay", self._publish())
        if self.consumer:
            self.spawn("consumer", self._consume(self.consumer))

    def spawn(self, name: str, work: Awaitable[None]) -> None:
        """Run `work` until the service stops. Its unexpected end ends the process: a service with a dead relay must not look alive."""
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        task.set_name(f"{self.service} {name}")
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if task.cancelled() or (self._stopping.is_set() and not task.exception()):
            return
        log.critical("background task ended; stopping the process", task=task.get_name(), exc_info=task.exception())
        stop_process()

    async def _topics_ready(self) -> None:
        delay = 0.5
        while not self._stopping.is_set():
            try:
                await self.event_log.start(self.topics)
            except (LogUnavailable, OSError, TimeoutError) as error:
                log.warning("event log unavailable at start, trying again", service=self.service, error=repr(error))
                await clock.pause(self._stopping, delay)
                delay = min(delay * 2, 5.0)
            else:
                return

    async def _publish(self) -> None:
        await self._topics_ready()
        await self.relay.run(self._stopping)

    async def _consume(self, consumer: Consumer) -> None:
        await self._topics_ready()
        await consumer.run(self.event_log, self._stopping)

    def dead_tasks(self) -> list[str]:
        """Background tasks that ended."""
        return [task.get_name() for task in self._tasks if task.done()]

    async def stop(self) -> None:
        """Consumers finish their batch, the relay drains once, then everything is closed; what hangs is cancelled."""
        self._stopping.set()
        self.relay.wake()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)
            for task in late:
                log.warning("background task did not stop in time", task=task.get_name())
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.event_log.close()
        await self.engine.dispose()

    @property
    def stopping(self) -> asyncio.Event:
        """Set when the service is going down."""
        return self._stopping
