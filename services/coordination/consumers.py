"""Which event goes to which handler."""

from services.coordination.locations.handlers import when_location_deprioritised, when_location_prioritised
from services.coordination.schema import metadata
from shared.consumer import Consumer, reactions
from shared.contracts import mapping
from shared.contracts.mapping import LocationDeprioritised, LocationPrioritised
from shared.runtime import Runtime


def consumer(runtime: Runtime) -> Consumer:
    """Coordination reacts to what mapping publishes."""
    return Consumer(
        "entaskan.coordination.reactions",
        [mapping.TOPIC],
        engine=runtime.engine,
        metadata=metadata,
        handle=reactions(runtime.database, {LocationPrioritised: when_location_prioritised, LocationDeprioritised: when_location_deprioritised}),
        on_commit=runtime.relay.wake,
    )
