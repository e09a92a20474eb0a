"""The event log on Apache Kafka, by aiokafka: idempotent producer, acks from all replicas, offsets committed by hand."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError, TopicAlreadyExistsError
from aiokafka.structs import TopicPartition

from shared import telemetry
from shared.eventlog import PARTITIONS, Batch, LogUnavailable, Partition, Record, StoredRecord, Subscription

MAX_MESSAGE_BYTES = 1_000_000
log = telemetry.logger(__name__)


class KafkaLog:
    """Topics of a Kafka cluster."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._servers = bootstrap_servers
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def start(self, topics: Sequence[str]) -> None:
        """Create the topics that are missing, replicated over up to three brokers; wait for a broker that is still starting."""
        async with self._admin() as admin:
            missing = set(topics) - set(await admin.list_topics())
            brokers = len((await admin.describe_cluster())["brokers"])
            for topic in sorted(missing):
                await self._create(admin, topic, min(3, brokers))

    async def _create(self, admin: AIOKafkaAdminClient, topic: str, replicas: int) -> None:
        settings = {
            "retention.ms": "-1",
            "cleanup.policy": "delete",
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            "min.insync.replicas": str(min(2, replicas)),
        }
        answer = await admin.create_topics([NewTopic(topic, PARTITIONS, replicas, topic_configs=settings)])
        # aiokafka reports errors in the answer; another service may have created the topic at the same moment.
        for name, code, *rest in answer.topic_errors:
            if code not in (0, TopicAlreadyExistsError.errno):
                raise LogUnavailable(f"topic {name} cannot be created: {rest or code}")

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
        try:
            await admin.start()
            yield admin
        except KafkaError as error:
            raise LogUnavailable(repr(error)) from error
        finally:
            await admin.close()

    async def append(self, records: Sequence[Record]) -> None:
        """Send in order and wait for all acknowledgements. After any error the producer is made anew, since it may be stuck."""
        try:
            producer = await self._started_producer()
            sent = [await producer.send(r.topic, r.value, key=r.key, headers=list(r.headers)) for r in records]
            await asyncio.gather(*sent)
        except KafkaError as error:
            await self._abandon_producer()
            raise LogUnavailable(repr(error)) from error
        except BaseException:  # a timeout's cancellation too: what was sent is unknown
            await self._abandon_producer()
            raise

    async def _started_producer(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._servers,
                    acks="all",
                    enable_idempotence=True,
                    linger_ms=0,
                    max_batch_size=262_144,
                    max_request_size=MAX_MESSAGE_BYTES,
                    request_timeout_ms=15_000,
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def _abandon_producer(self) -> None:
        """Stop without sending what is left: `stop` would wait for that for ever, and go on sending in the background once it is given up."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer._message_accumulator.fail_all(KafkaError("given up"))
            producer._sender.sender_task.cancel()
            await producer.client.close()
            with suppress(KafkaError, TimeoutError, OSError):
                await asyncio.wait_for(producer.stop(), 2)

    @asynccontextmanager
    async def subscribe(self, group: str, topics: Sequence[str]) -> AsyncIterator[Subscription]:
        """Join the group."""
        consumer = AIOKafkaConsumer(
            *topics,
            bootstrap_servers=self._servers,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=4 << 20,
            fetch_max_wait_ms=100,
        )
        try:
            await consumer.start()
            yield _KafkaSubscription(consumer)
        except KafkaError as error:
            raise LogUnavailable(repr(error)) from error
        finally:
            await consumer.stop()

    async def replay(self, topics: Sequence[str], positions: Mapping[Partition, int]) -> AsyncIterator[Batch]:
        """Read by explicit assignment, so that no group notices."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self._servers, enable_auto_commit=False, max_partition_fetch_bytes=4 << 20)
        try:
            await consumer.start()
            partitions = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
            ends = await consumer.end_offsets(partitions)
            left = {tp: end for tp, end in ends.items() if end > positions.get(Partition(tp.topic, tp.partition), 0)}
            if not left:
                return
            consumer.assign(list(left))
            for tp in left:
                consumer.seek(tp, positions.get(Partition(tp.topic, tp.partition), 0))
            while left:
                for tp, messages in (await consumer.getmany(timeout_ms=1000, max_records=10_000)).items():
                    if records := [_stored(message) for message in messages if tp in left and message.offset < left[tp]]:
                        yield Partition(tp.topic, tp.partition), records
                    if tp in left and messages[-1].offset >= left[tp] - 1:
                        del left[tp]
                        consumer.pause(tp)
        except KafkaError as error:
            raise LogUnavailable(repr(error)) from error
        finally:
            await consumer.stop()

    async def check(self) -> None:
        """Ask the cluster for its topics."""
        try:
            async with asyncio.timeout(3), self._admin() as admin:
                await admin.list_topics()
        except TimeoutError as error:
            raise LogUnavailable("no answer within 3 s") from error

    async def close(self) -> None:
        """Flush and stop the producer."""
        if self._producer is not None:
            try:
                await asyncio.wait_for(self._producer.stop(), 2)
                self._producer = None
            except (KafkaError, TimeoutError, OSError) as error:
                log.warning("the producer did not stop cleanly", error=repr(error))
                await self._abandon_producer()


class _KafkaSubscription:
    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def fetch(self, *, max_records: int, timeout: float) -> list[Batch]:
        fetched = await self._consumer.getmany(timeout_ms=int(timeout * 1000), max_records=max_records)
        return [(Partition(tp.topic, tp.partition), [_stored(message) for message in messages]) for tp, messages in fetched.items() if messages]

    async def commit(self, partition: Partition, next_offset: int) -> bool:
        try:
            await self._consumer.commit({TopicPartition(*partition): next_offset})
        except (CommitFailedError, IllegalStateError):
            # Somebody else owns the partition now and will see the records again; the inbox makes that harmless.
            log.info("partition moved to another member", topic=partition.topic, partition=partition.number)
            return False
        return True

    async def seek(self, partition: Partition, offset: int) -> None:
        try:
            self._consumer.seek(TopicPartition(*partition), offset)
        except IllegalStateError:
            log.info("partition moved to another member", topic=partition.topic, partition=partition.number)


def _stored(message: Any) -> StoredRecord:
    # Kafka knows headers without a value; nobody tells them from empty ones.
    headers = [(name, value or b"") for name, value in message.headers]
    return StoredRecord(message.topic, message.partition, message.offset, message.key, message.value, headers)
