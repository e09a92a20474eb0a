"""Which event goes to which handler."""

from services.facilitation.locations.handlers import when_location_deprioritised, when_location_prioritised
from services.facilitation.region_points.handlers import when_region_registered
from services.facilitation.schema import metadata
from shared.consumer import Consumer, Reaction, reactions
from shared.contracts import mapping
from shared.contracts.mapping import LocationDeprioritised, LocationPrioritised, RegionRegistered
from services.facilitation.providers.domain import STATUS_AFTER
from services.facilitation.providers.handlers import when_institution_changed
from services.facilitation.schema import metadata
from shared.consumer import Consumer, reactions
from shared.contracts import coordination, mapping
from shared.contracts.mapping import LocationDeprioritised, LocationPrioritised
from shared.runtime import Runtime

_REACTIONS: dict[type, Reaction] = {
    LocationPrioritised: when_location_prioritised,
    LocationDeprioritised: when_location_deprioritised,
    RegionRegistered: when_region_registered,
}


def consumer(runtime: Runtime) -> Consumer:
    """Facilitation knows priority locations and where regions lie from what mapping publishes, and from nothing else."""
    """Facilitation knows priority locations from what mapping publishes, verified institutions from coordination, and both from nothing else."""
    return Consumer(
        "entaskan.facilitation.reactions",
        [mapping.TOPIC, coordination.TOPIC],
        engine=runtime.engine,
        metadata=metadata,
        handle=reactions(runtime.database, _REACTIONS),
        handle=reactions(
            runtime.database,
            {
                LocationPrioritised: when_location_prioritised,
                LocationDeprioritised: when_location_deprioritised,
                **dict.fromkeys(STATUS_AFTER, when_institution_changed),
            },
        ),
        on_commit=runtime.relay.wake,
    )
