"""Which event goes to which handler."""

from services.facilitation.locations.handlers import when_location_deprioritised, when_location_prioritised
from services.facilitation.mentoring.reactions import when_financing_declined
from services.facilitation.providers.domain import STATUS_AFTER
from services.facilitation.providers.handlers import when_institution_changed
from services.facilitation.region_points.handlers import when_region_registered
from services.facilitation.schema import metadata
from shared.consumer import Consumer, Reaction, reactions
from shared.contracts import coordination, facilitation, mapping
from shared.contracts.facilitation import FinancingDeclined
from shared.contracts.mapping import LocationDeprioritised, LocationPrioritised, RegionRegistered
from shared.runtime import Runtime

_REACTIONS: dict[type, Reaction] = {
    LocationPrioritised: when_location_prioritised,
    LocationDeprioritised: when_location_deprioritised,
    RegionRegistered: when_region_registered,
    FinancingDeclined: when_financing_declined,
    **dict.fromkeys(STATUS_AFTER, when_institution_changed),
}


def consumer(runtime: Runtime) -> Consumer:
    """Facilitation knows priority locations and where regions lie from mapping, verified institutions from coordination, and from nothing else.

    To its own refusals of credit it listens too: each opens a goal of mentoring.
    """
    return Consumer(
        "entaskan.facilitation.reactions",
        [mapping.TOPIC, coordination.TOPIC, facilitation.FINANCING],
        engine=runtime.engine,
        metadata=metadata,
        handle=reactions(runtime.database, _REACTIONS),
        on_commit=runtime.relay.wake,
    )
