"""Which event goes to which handler."""

from services.mapping.prioritisation.reactions import (
    when_application_drafted,
    when_application_ended,
    when_financing_granted,
    when_group_activated,
    when_group_ended,
)
from services.mapping.programmes.handlers import when_programme_activated, when_programme_amended
from services.mapping.schema import metadata
from shared.consumer import Consumer, reactions
from shared.contracts import coordination, facilitation
from shared.contracts.coordination import ProgrammeActivated, ProgrammeAmended
from shared.contracts.facilitation import (
    FinancingApplicationDrafted,
    FinancingDeclined,
    FinancingGranted,
    FinancingRejected,
    FinancingWithdrawn,
    GroupActivated,
)
from shared.contracts.facilitation_registry import GroupBecameDormant, GroupDissolved, GroupMerged, GroupSplit
from shared.runtime import Runtime


def consumer(runtime: Runtime) -> Consumer:
    """Mapping reacts to what coordination publishes, and knows from facilitation what is under way in a location."""
    return Consumer(
        "entaskan.mapping.reactions",
        [coordination.TOPIC, facilitation.ENTERPRISES, facilitation.FINANCING],
        engine=runtime.engine,
        metadata=metadata,
        handle=reactions(
            runtime.database,
            {
                ProgrammeActivated: when_programme_activated,
                ProgrammeAmended: when_programme_amended,
                GroupActivated: when_group_activated,
                GroupBecameDormant: when_group_ended,
                GroupDissolved: when_group_ended,
                GroupMerged: when_group_ended,
                GroupSplit: when_group_ended,
                FinancingApplicationDrafted: when_application_drafted,
                FinancingGranted: when_financing_granted,
                FinancingDeclined: when_application_ended,
                FinancingRejected: when_application_ended,
                FinancingWithdrawn: when_application_ended,
            },
        ),
        on_commit=runtime.relay.wake,
    )
