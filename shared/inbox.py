"""The inbox: how far each subject's events were applied here, and the messages that wait for an operator.

Events of one subject are numbered 1, 2, 3, … by their publisher. Keeping the last number applied, in the transaction of the
effect, drops every duplicate, notices every gap, and grows with the number of subjects rather than of events. Its event's id is kept
beside it: another event under that number means that the publisher's database lost what it had published, and wrote a second history.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    bindparam,
    case,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.envelope import MAX_SUBJECT, Malformed, Message, decode
from shared.eventlog import StoredRecord

CONFLICT = "sequence_conflict"
GAP = "sequence_gap"
MALFORMED = "malformed"
REFUSED = "refused"

Read = tuple[StoredRecord, Message | Malformed]
"""A record and what could be made of it."""


class Mark(NamedTuple):
    """How far a subject was applied, why it waits if it does, and the id of the event applied last where it is known."""

    sequence: int = 0
    blocked: str | None = None
    last_id: UUID | None = None

    def contradicts(self, message: Message) -> bool:
        """Whether the last number applied was another event's."""
        return message.sequence == self.sequence and self.last_id not in (None, message.id)

    def suspects(self, message: Message | Malformed) -> bool:
        """Whether it will be parked for what it is, not for what came before it."""
        return isinstance(message, Malformed) or self.contradicts(message)


def define_inbox(metadata: MetaData, *, schema: str | None = None) -> None:
    """Add `inbox` and `parked_messages` to a consuming service's tables."""
    Table(
        "inbox",
        metadata,
        Column("subject", Text, primary_key=True),
        Column("sequence", Integer, nullable=False),
        Column("blocked", Text, comment="why the subject waits: the reason code of its first parked message"),
        Column("last_id", Uuid, comment="of the event applied last"),
        schema=schema,
    )
    parked = Table(
        "parked_messages",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("subject", Text, nullable=False),
        Column("sequence", Integer),
        Column("type", Text),
        Column("reason_code", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("key", LargeBinary),
        Column("value", LargeBinary),
        Column("headers", JSONB, nullable=False, comment="pairs of name and value in Latin-1, byte for byte"),
        Column("parked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("resolution", Text, comment="replayed or discarded; null while waiting"),
        Column("resolved_by", Text),
        Column("resolved_at", DateTime(timezone=True)),
        schema=schema,
    )
    Index("uq_parked_messages_record", parked.c.topic, parked.c.partition, parked.c.offset, unique=True)
    Index("ix_parked_messages_waiting", parked.c.subject, parked.c.id, postgresql_where=parked.c.resolution.is_(None))


@dataclass(slots=True)
class Claim:
    """What a batch holds for us: `fresh` messages to be applied, in order; the rest is counted."""

    fresh: list[tuple[StoredRecord, Message]] = field(default_factory=list)
    parked: list[dict[str, Any]] = field(default_factory=list)
    marks: dict[str, Mark] = field(default_factory=dict)
    duplicates: int = 0

    @property
    def freed(self) -> list[str]:
        """Subjects that waited only for a missing predecessor, which is here now."""
        return [message.subject for _, message in self.fresh if self.marks[message.subject].blocked == GAP]


class Inbox:
    """The inbox tables of one consumer; every method runs in the caller's transaction."""

    def __init__(self, metadata: MetaData, *, schema: str | None = None) -> None:
        prefix = f"{schema}." if schema else ""
        self.marks = metadata.tables[f"{prefix}inbox"]
        self.parked = metadata.tables[f"{prefix}parked_messages"]
        self._known = select(self.marks).where(self.marks.c.subject == func.any(bindparam("subjects", type_=ARRAY(Text))))
        new = insert(self.marks).from_select(
            ["subject", "sequence", "blocked", "last_id"],
            select(
                func.unnest(
                    bindparam("subjects", type_=ARRAY(Text)),
                    bindparam("sequences", type_=ARRAY(Integer)),
                    bindparam("reasons", type_=ARRAY(Text)),
                    bindparam("ids", type_=ARRAY(Uuid)),
                )
                .table_valued("subject", "sequence", "blocked", "last_id", name="mark")
                .render_derived()
            ),
        )
        given = new.excluded
        known = {"sequence": given.sequence, "blocked": given.blocked, "last_id": given.last_id}
        self._remember = new.on_conflict_do_update(index_elements=["subject"], set_=known)
        # Who only changes why a subject waits need not know the id.
        same = case((given.sequence == self.marks.c.sequence, func.coalesce(given.last_id, self.marks.c.last_id)), else_=given.last_id)
        self._change = new.on_conflict_do_update(index_elements=["subject"], set_=known | {"last_id": same})

    async def claim(self, connection: AsyncConnection, batch: Sequence[Read]) -> Claim:
        """Sort a batch, in order within each partition, into fresh, duplicate and parked, and write down marks and parked messages."""
        subjects = [subject_of(record, message) for record, message in batch]
        rows = (await connection.execute(self._known, {"subjects": sorted(set(subjects))})).all()
        claim = Claim(marks={subject: Mark(sequence, blocked, last_id) for subject, sequence, blocked, last_id in rows})
        # Malformed or contradicting ones are known by their place on the log: no sequence tells that they were parked already.
        suspicious = [
            _place(record) for subject, (record, message) in zip(subjects, batch, strict=True) if claim.marks.get(subject, _NOTHING).suspects(message)
        ]
        known = await self._parked_before(connection, suspicious)
        for subject, (record, message) in zip(subjects, batch, strict=True):
            if known and _place(record) in known:
                claim.duplicates += 1
            else:
                self._sort(claim, subject, record, message)
        await self._write(connection, claim)
        return claim

    async def _parked_before(self, connection: AsyncConnection, places: list[tuple[str, int, int]]) -> set[tuple[str, int, int]]:
        if not places:
            return set()
        place = self.parked.c.topic, self.parked.c.partition, self.parked.c.offset
        return {tuple(row) for row in await connection.execute(select(*place).where(tuple_(*place).in_(places)))}

    def _sort(self, claim: Claim, subject: str, record: StoredRecord, message: Message | Malformed) -> None:
        known = claim.marks.get(subject, _NOTHING)
        applied, blocked, last_id = known
        if isinstance(message, Malformed):
            claim.parked.append(_parked_row(record, None, MALFORMED, str(message)))
            claim.marks[subject] = Mark(applied, blocked or MALFORMED, last_id)
        elif known.contradicts(message):
            claim.parked.append(_parked_row(record, message, CONFLICT, _contradiction(known, message)))
            claim.marks[subject] = Mark(applied, CONFLICT if blocked in (None, GAP) else blocked, last_id)
        elif message.sequence <= applied:
            claim.duplicates += 1
        elif message.sequence == applied + 1 and blocked in (None, GAP):
            claim.fresh.append((record, message))
            claim.marks[subject] = Mark(message.sequence, blocked, message.id)
        elif blocked:
            claim.parked.append(_parked_row(record, message, "waiting", f"waits behind an earlier message ({blocked})"))
        else:
            claim.parked.append(_parked_row(record, message, GAP, f"expected sequence {applied + 1}, got {message.sequence}"))
            claim.marks[subject] = Mark(applied, GAP, last_id)

    async def _write(self, connection: AsyncConnection, claim: Claim) -> None:
        if claim.parked:
            await connection.execute(insert(self.parked).on_conflict_do_nothing(), claim.parked)
        if subjects := sorted(claim.marks):
            sequences, reasons, ids = zip(*(claim.marks[subject] for subject in subjects), strict=True)
            await connection.execute(self._remember, {"subjects": subjects, "sequences": list(sequences), "reasons": list(reasons), "ids": list(ids)})

    async def park(self, connection: AsyncConnection, record: StoredRecord, message: Message, reason: str) -> None:
        """Set one message aside that the handler refused; its subject waits, all others flow."""
        await connection.execute(insert(self.parked).on_conflict_do_nothing(), [_parked_row(record, message, REFUSED, reason)])
        await self.mark(connection, message.subject, message.sequence - 1, REFUSED)

    async def refuse(self, connection: AsyncConnection, row: Any, applied: int, reason: str) -> None:
        """Keep a message that waited for its predecessor waiting, because the handler refused it."""
        await connection.execute(update(self.parked).where(self.parked.c.id == row.id).values(reason_code=REFUSED, reason=reason))
        await self.mark(connection, row.subject, applied, REFUSED)

    async def mark(self, connection: AsyncConnection, subject: str, sequence: int, blocked: str | None, last_id: UUID | None = None) -> None:
        """Set how far a subject was applied and whether it waits; without `last_id` the one of the same sequence stays."""
        await connection.execute(self._change, {"subjects": [subject], "sequences": [sequence], "reasons": [blocked], "ids": [last_id]})

    async def position(self, connection: AsyncConnection, subject: str) -> Mark:
        """How far a subject was applied, and why it waits."""
        row = (await connection.execute(self._known, {"subjects": [subject]})).one_or_none()
        return Mark(row.sequence, row.blocked, row.last_id) if row else _NOTHING

    async def waiting(self, connection: AsyncConnection, subject: str) -> list[Any]:
        """A subject's parked messages: by sequence, those without one first."""
        order = (self.parked.c.sequence.asc().nulls_first(), self.parked.c.id)
        statement = select(self.parked).where(self.parked.c.subject == subject, self.parked.c.resolution.is_(None)).order_by(*order)
        return list((await connection.execute(statement)).all())

    async def resolve(self, connection: AsyncConnection, id: int, resolution: str, by: str) -> None:
        """Keep a parked message as history."""
        values = {"resolution": resolution, "resolved_by": by, "resolved_at": func.now()}
        await connection.execute(update(self.parked).where(self.parked.c.id == id).values(values))

    async def count_waiting(self, connection: AsyncConnection) -> int:
        """How many messages wait for an operator."""
        return int(await connection.scalar(select(func.count()).select_from(self.parked).where(self.parked.c.resolution.is_(None))) or 0)


_NOTHING = Mark()


def _contradiction(known: Mark, message: Message) -> str:
    return f"sequence {message.sequence} was applied as event {known.last_id}: the publisher's database lost events that it had published"


def _place(record: StoredRecord) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset


def read(record: StoredRecord) -> Read:
    """A record with its message, or with the reason why it has none."""
    try:
        return record, decode(record)
    except Malformed as malformed:
        return record, malformed


def subject_of(record: StoredRecord, message: Message | Malformed) -> str:
    """Whose order a record belongs to: its subject, or its key where the envelope cannot be read."""
    if isinstance(message, Message):
        return message.subject
    if not record.key:
        return f"{record.topic}/{record.partition}"
    key = record.key.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
    return key if len(key) <= MAX_SUBJECT else f"sha256:{sha256(record.key).hexdigest()}"


def _parked_row(record: StoredRecord, message: Message | None, reason_code: str, reason: str) -> dict[str, Any]:
    return {
        "subject": subject_of(record, message or Malformed()),
        "sequence": message.sequence if message else None,
        "type": message.type if message else None,
        "reason_code": reason_code,
        "reason": reason,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": record.key,
        "value": record.value,
        # JSONB holds no NUL; bytes outside printable ASCII travel escaped.
        "headers": [[name.encode("unicode_escape").decode(), value.decode("latin-1").encode("unicode_escape").decode()] for name, value in record.headers],
    }


def stored_record(row: Any) -> StoredRecord:
    """The record as it was read from the log, from its parked row."""
    headers = [(_unescaped(name), _unescaped(value).encode("latin-1")) for name, value in row.headers]
    return StoredRecord(row.topic, row.partition, row.offset, row.key, row.value, headers)


def _unescaped(text: str) -> str:
    return text.encode().decode("unicode_escape")
