"""The event log on Apache Kafka, by aiokafka: idempotent producer, acks from all replicas, offsets committed by hand."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from operator import itemgetter
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError, TopicAlreadyExistsError
from aiokafka.structs import TopicPartition

from shared import crash, telemetry
from shared.eventlog import PARTITIONS, Batch, LogUnavailable, Partition, Record, StoredRecord, Subscription
from shared.eventlog.rewind import Rewinds
from shared.eventlog.unreadable import tolerate

MAX_MESSAGE_BYTES = 1_000_000
_value_of = itemgetter(1)
log = telemetry.logger(__name__)
tolerate()


class KafkaLog:
    """Topics of a Kafka cluster. `client` are options that every aiokafka client is given, `member` those of a group's consumers."""

    def __init__(self, bootstrap_servers: str, client: Mapping[str, Any] | None = None, member: Mapping[str, Any] | None = None) -> None:
        self._client = {"bootstrap_servers": bootstrap_servers, **(client or {})}
        self._member = dict(member or {})
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._rewinds_of: dict[str, Rewinds] = {}
        """By group, for the life of the process: a topic that goes takes the offsets that the group committed with it."""

    @classmethod
    def at(cls, url: str) -> Self:
        """The log behind `kafka://[user:password@]host:port[,host:port][?ca=…&session_timeout_ms=…&max_poll_interval_ms=…]`.

        With a user, SCRAM-SHA-512 is spoken; with `ca` (a file of certificates, or `system`) over TLS.
        """
        parts = urlsplit(url)
        login, _, servers = parts.netloc.rpartition("@")
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        ca = options.pop("ca", None)
        member = {name: int(value) for name, value in options.items() if name in ("session_timeout_ms", "max_poll_interval_ms")}
        if unknown := options.keys() - member.keys():
            raise ValueError(f"unknown options in the event log's URL: {', '.join(sorted(unknown))}")
        client: dict[str, Any] = {}
        if ca:
            client |= {"security_protocol": "SSL", "ssl_context": ssl.create_default_context(cafile=None if ca == "system" else ca)}
        if login:
            user, _, password = login.partition(":")
            client |= {"security_protocol": "SASL_SSL" if ca else "SASL_PLAINTEXT", "sasl_mechanism": "SCRAM-SHA-512"}
            client |= {"sasl_plain_username": unquote(user), "sasl_plain_password": unquote(password)}
        return cls(servers, client, member)

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
        admin = AIOKafkaAdminClient(**self._client)
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
            sent = []
            for record in records:
                crash.point("relay.mid_batch")
                sent.append(await producer.send(record.topic, record.value, key=record.key, headers=list(record.headers)))
            # One is answered; of the others nothing is known yet.
            for first in sent[:1]:
                first.add_done_callback(lambda _: crash.point("relay.after_send"))
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
                    **self._client,
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
            **self._client,
            **self._member,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=4 << 20,
            fetch_max_wait_ms=100,
            metadata_max_age_ms=10_000,  # a topic that was made anew is found again so soon, instead of in five minutes
        )
        subscription = _KafkaSubscription(consumer, group, self._rewinds_of.setdefault(group, Rewinds()))
        consumer.subscribe(topics, listener=subscription)
        try:
            await consumer.start()
            yield subscription
        except KafkaError as error:
            raise LogUnavailable(repr(error)) from error
        finally:
            await consumer.stop()

    async def replay(self, topics: Sequence[str], positions: Mapping[Partition, int]) -> AsyncIterator[Batch]:
        """Read by explicit assignment, so that no group notices."""
        # What is asked for is there: the broker shall not hold back its answer because one of the partitions is at its end already.
        consumer = AIOKafkaConsumer(**self._client, enable_auto_commit=False, max_partition_fetch_bytes=4 << 20, fetch_max_wait_ms=5)
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


class _KafkaSubscription(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, consumer: AIOKafkaConsumer, group: str, rewinds: Rewinds) -> None:
        self._consumer = consumer
        self._group = group
        self._next: dict[TopicPartition, int] = {}
        self._rewinds = rewinds
        self._fetched_before_rebalance = False
        self._assigned: frozenset[TopicPartition] = frozenset()

    async def fetch(self, *, max_records: int, timeout: float) -> list[Batch]:
        await self._learn_what_is_settled(timeout)
        fetched = await self._consumer.getmany(timeout_ms=int(timeout * 1000), max_records=max_records)
        self._fetched_before_rebalance = False  # only now: a rebalance during the wait was before these records
        for tp, messages in fetched.items():
            if messages:
                if self._rewinds.begins_before(tp, messages[0].offset):
                    self._went_back(tp, messages[0].offset)
                self._next[tp] = messages[-1].offset + 1
        for tp in self._consumer.assignment():
            end = self._consumer.highwater(tp)
            if end is not None and self._rewinds.ends_before(tp, end):
                self._went_back(tp, end)
                self._next[tp] = end
        return [(Partition(tp.topic, tp.partition), [_stored(message) for message in messages]) for tp, messages in fetched.items() if messages]

    async def _learn_what_is_settled(self, timeout: float) -> None:
        """Of partitions that are new to this member: what the group did before."""
        assigned = frozenset(self._consumer.assignment())
        try:
            async with asyncio.timeout(timeout):
                for tp in assigned - self._assigned:
                    self._rewinds.settle(tp, await self._consumer.committed(tp) or 0)
                self._assigned = assigned
        except TimeoutError:
            log.info("the group's offsets are not known yet", group=self._group)

    def _went_back(self, tp: TopicPartition, offset: int) -> None:
        # What is known already will be dropped as duplicate; what was lost must be published again.
        telemetry.LOG_REWOUND.labels(self._group).inc()
        log.error("the log went back: it lost records, publish them again", topic=tp.topic, partition=tp.partition, offset=offset)

    def behind(self) -> int:
        ends = {tp: self._consumer.highwater(tp) for tp in self._consumer.assignment() if tp in self._next}
        return sum(max(0, end - self._next[tp]) for tp, end in ends.items() if end is not None)

    async def commit(self, positions: Mapping[Partition, int]) -> bool:
        offsets = {TopicPartition(*partition): next_offset for partition, next_offset in positions.items()}
        try:
            if self._fetched_before_rebalance:
                # As a member again, it would be believed, and set the group back to before what another one did meanwhile.
                raise CommitFailedError("the group was rebalanced since the fetch")
            await self._consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError):
            # Somebody else owns one of them now. What was committed for none is seen again; the inbox makes that harmless.
            log.info("partitions moved to another member", partitions=sorted(f"{tp.topic}/{tp.partition}" for tp in offsets))
            return False
        for tp, next_offset in offsets.items():
            self._rewinds.settle(tp, next_offset)
        return True

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        self._fetched_before_rebalance = True

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        self._assigned = frozenset()

    async def seek(self, partition: Partition, offset: int) -> None:
        self._next[TopicPartition(*partition)] = offset
        try:
            self._consumer.seek(TopicPartition(*partition), offset)
        except IllegalStateError:
            log.info("partition moved to another member", topic=partition.topic, partition=partition.number)


def _stored(message: Any) -> StoredRecord:
    headers = message.headers
    # Kafka knows headers without a value; nobody tells them from empty ones.
    if None in map(_value_of, headers):
        headers = [(name, value or b"") for name, value in headers]
    return StoredRecord(message.topic, message.partition, message.offset, message.key, message.value, headers)
