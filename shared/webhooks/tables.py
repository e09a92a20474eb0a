"""The tables of webhooks, which every service has: endpoints, and one delivery for each event that an endpoint wants."""

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, ForeignKey, Index, Integer, MetaData, Table, Text, UniqueConstraint, Uuid, func

from shared.webhooks.rules import DeliveryState


def define_webhooks(metadata: MetaData) -> None:
    """Add `webhooks` and `webhook_deliveries` to a service's tables."""
    Table(
        "webhooks",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("institution_id", Uuid, nullable=False),
        Column("url", Text, nullable=False),
        Column("types", ARRAY(Text), nullable=False, comment="of events; empty for all"),
        Column("state", Text, nullable=False),
        Column("pause_reason", Text),
        Column("secret_version", Integer, nullable=False),
        Column("rotated_at", DateTime(timezone=True), nullable=False),
        Column("position", BigInteger, nullable=False, comment="feed_seq up to which deliveries were made out"),
        Column("failures", Integer, nullable=False, comment="in a row"),
        Column("next_at", DateTime(timezone=True), nullable=False, comment="not before; while a process sends, the end of its lease"),
        Column("created_by", Text, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        UniqueConstraint("institution_id", "url"),
    )
    deliveries = Table(
        "webhook_deliveries",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("webhook_id", Uuid, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
        Column("feed_seq", BigInteger, nullable=False),
        Column("event_id", Uuid, nullable=False),
        Column("type", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("next_at", DateTime(timezone=True), nullable=False),
        Column("failure", Text),
        Column("status", Integer, comment="HTTP status of the last attempt"),
        Column("attempted_at", DateTime(timezone=True)),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        UniqueConstraint("webhook_id", "feed_seq"),
    )
    d = deliveries.c
    Index("ix_webhook_deliveries_pending", d.webhook_id, d.attempts, d.feed_seq, postgresql_where=d.state == DeliveryState.PENDING)


def webhooks_of(metadata: MetaData) -> Table:
    """The service's endpoints."""
    return metadata.tables["webhooks"]


def deliveries_of(metadata: MetaData) -> Table:
    """The service's deliveries."""
    return metadata.tables["webhook_deliveries"]
