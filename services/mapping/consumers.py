"""Which event goes to which handler."""

from services.mapping.programmes.handlers import when_programme_activated
from services.mapping.schema import metadata
from shared.consumer import Consumer, reactions
from shared.contracts import coordination
from shared.contracts.coordination import ProgrammeActivated
from shared.runtime import Runtime


def consumer(runtime: Runtime) -> Consumer:
    """Mapping reacts to what coordination publishes."""
    return Consumer(
        "entaskan.mapping.reactions",
        [coordination.TOPIC],
        engine=runtime.engine,
        metadata=metadata,
        handle=reactions(runtime.database, {ProgrammeActivated: when_programme_activated}),
        on_commit=runtime.relay.wake,
    )
