"""Which event goes to which handler."""

from collections.abc import Sequence

from services.coordination.action_items.reactions import when_recommendation_issued, when_target_missed
from services.coordination.board.handlers import when_region_registered
from services.coordination.convergence.handlers import when_action_plan_approved, when_convergence_gap_closed, when_convergence_gap_detected
from services.coordination.locations.handlers import when_location_deprioritised, when_location_prioritised
from services.coordination.notices.handlers import TELLING, tell
from services.coordination.schema import metadata
from shared.consumer import Consumer, Reaction, reactions
from shared.contracts import coordination, mapping, monitoring
from shared.contracts.coordination import ConvergenceGapClosed, ConvergenceGapDetected
from shared.contracts.coordination_plans import ActionPlanApproved
from shared.contracts.mapping import LocationDeprioritised, LocationPrioritised, RegionRegistered
from shared.contracts.monitoring import RecommendationIssued, TargetMissed
from shared.database import Transaction
from shared.envelope import Message
from shared.runtime import Runtime

_ACTING: dict[type, Reaction] = {
    RegionRegistered: when_region_registered,
    LocationPrioritised: when_location_prioritised,
    LocationDeprioritised: when_location_deprioritised,
    ActionPlanApproved: when_action_plan_approved,
    ConvergenceGapDetected: when_convergence_gap_detected,
    ConvergenceGapClosed: when_convergence_gap_closed,
    TargetMissed: when_target_missed,
    RecommendationIssued: when_recommendation_issued,
}


def _both(steps: Sequence[Reaction]) -> Reaction:
    async def react(transaction: Transaction, event: object, message: Message, /) -> None:
        for step in steps:
            await step(transaction, event, message)

    return react


def consumer(runtime: Runtime) -> Consumer:
    """Coordination reacts to what mapping and monitoring publish, and to its own events: it acts on some and tells institutions about others."""
    by_event = {kind: _both([*([_ACTING[kind]] if kind in _ACTING else []), *([tell] if kind in TELLING else [])]) for kind in {*_ACTING, *TELLING}}
    return Consumer(
        "entaskan.coordination.reactions",
        [mapping.TOPIC, coordination.TOPIC, monitoring.TOPIC],
        engine=runtime.engine,
        metadata=metadata,
        handle=reactions(runtime.database, by_event),
        on_commit=runtime.relay.wake,
    )
