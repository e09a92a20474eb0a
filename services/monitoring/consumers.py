"""Monitoring folds every event of every service into its view."""

from sqlalchemy.ext.asyncio import AsyncEngine

from services.monitoring.overview.projection import project
from services.monitoring.schema import VIEW, metadata
from shared.consumer import Consumer
from shared.contracts import EVENT_TYPES

GROUP = "entaskan.monitoring.view"
TOPICS = sorted({kind.topic for kind in EVENT_TYPES.values()})
BATCH = 2000


def view_consumer(engine: AsyncEngine, group: str = GROUP) -> Consumer:
    """The consumer of the view that is reached through `engine` (whose schema translation decides which one that is)."""
    return Consumer(group, TOPICS, engine=engine, metadata=metadata, handle=project, schema=VIEW, batch=BATCH)
