"""A real Kafka broker for tests, and how to empty it."""

import asyncio
import sys
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

sys.path.insert(0, str(Path(__file__).parents[1] / "deploy" / "kafka"))

from broker import Broker, free_port

__all__ = ["Broker", "free_port", "without_topics"]


async def without_topics(bootstrap: str) -> None:
    """Delete every topic, and with them the offsets that groups committed."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        async with asyncio.timeout(20):
            while topics := [topic for topic in await admin.list_topics() if not topic.startswith("__")]:
                await admin.delete_topics(topics)
    finally:
        await admin.close()
