"""Which event goes to which handler."""

from services.facilitation.locations.handlers import when_location_deprioritised, when_location_prioritised
from services.facilitation.region_points.handlers import when_region_registered
from services.facilitation.schema import metadata
from shared.consumer import Consumer, Reaction, reactions
from shared.contracts import mapping
from shared.contracts.mapping import LocationDeprioritised, LocationPrioritised, RegionRegistered
from shared.runtime import Runtime

_REACTIONS: dict[type, Reaction] = {
    LocationPrioritised: when_location_prioritised,
    LocationDeprioritised: when_location_deprioritised,
    RegionRegistered: when_region_registered,
}


def consumer(runtime: Runtime) -> Consumer:
    """Facilitation knows priority locations and where regions lie from what mapping publishes, and from nothing else."""
    return Consumer(
        "entaskan.facilitation.reactions",
        [mapping.TOPIC],
        engine=runtime.engine,
        metadata=metadata,
        handle=reactions(runtime.database, _REACTIONS),
        on_commit=runtime.relay.wake,
    )
