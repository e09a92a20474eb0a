"""The published language: every event that leaves a service, as a frozen dataclass.

One module a publisher, or several that begin with its name. The registry is filled on import, so `import shared.contracts` knows them all.
Only the standard library is used here: consumers outside Python read the generated catalogue instead.
"""

from shared.contracts import (
    coordination,
    coordination_commitments,
    coordination_meetings,
    coordination_packs,
    coordination_plans,
    facilitation,
    facilitation_loans,
    facilitation_market,
    facilitation_mentoring,
    facilitation_registry,
    facilitation_training,
    mapping,
    mapping_figures,
    mapping_runs,
    monitoring,
)
from shared.contracts.registry import EVENT_TYPES, Event, EventType, event_type_of

__all__ = [
    "EVENT_TYPES",
    "Event",
    "EventType",
    "coordination",
    "coordination_commitments",
    "coordination_meetings",
    "coordination_packs",
    "coordination_plans",
    "event_type_of",
    "facilitation",
    "facilitation_loans",
    "facilitation_market",
    "facilitation_mentoring",
    "facilitation_registry",
    "facilitation_training",
    "mapping",
    "mapping_figures",
    "mapping_runs",
    "monitoring",
]
