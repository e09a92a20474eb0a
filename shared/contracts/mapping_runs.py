"""Events of mapping about the life of a prioritisation run: constraints, review, objections, its end; and lists to compare it with."""

from datetime import date
from uuid import UUID

from shared.contracts.mapping import TOPIC
from shared.contracts.registry import event


@event("entaskan.mapping.PrioritisationConstraintsSet.v1", topic=TOPIC)
class PrioritisationConstraintsSet:
    """A run was given constraints: regions that must or must not be chosen, provinces with bounds of their own; a budget is read at the run."""

    run_id: UUID
    include_region_codes: list[str]
    exclude_region_codes: list[str]
    bounded_province_codes: list[str]


@event("entaskan.mapping.PrioritisationConstraintsConfirmed.v1", topic=TOPIC)
class PrioritisationConstraintsConfirmed:
    """Another person than who set them answers for the regions that must or must not be chosen."""

    run_id: UUID
    include_region_codes: list[str]
    exclude_region_codes: list[str]


@event("entaskan.mapping.PrioritisationAssessmentsWaived.v1", topic=TOPIC)
class PrioritisationAssessmentsWaived:
    """Regions may be ranked without validated, current assessments of both kinds; `region_codes` null means all that lack them."""

    run_id: UUID
    region_codes: list[str] | None
    reason_code: str


@event("entaskan.mapping.PrioritisationRunSubmitted.v1", topic=TOPIC)
class PrioritisationRunSubmitted:
    """The computed selection was handed over for review."""

    run_id: UUID
    result_hash: str


@event("entaskan.mapping.PrioritisationOverrideProposed.v1", topic=TOPIC)
class PrioritisationOverrideProposed:
    """Somebody wants a region in the place of another against the computed order; a second person decides."""

    run_id: UUID
    region_code: str
    replaced_region_code: str
    reason_code: str


@event("entaskan.mapping.PrioritisationOverrideRefused.v1", topic=TOPIC)
class PrioritisationOverrideRefused:
    """The second person did not confirm a proposed override; the computed order stands."""

    run_id: UUID
    region_code: str
    replaced_region_code: str


@event("entaskan.mapping.PrioritisationOverridden.v1", topic=TOPIC)
class PrioritisationOverridden:
    """A second person confirmed it: the region of rank `from_rank` takes the place of the one of rank `to_rank`."""

    run_id: UUID
    region_code: str
    from_rank: int
    to_rank: int
    reason_code: str
    replaced_region_code: str


@event("entaskan.mapping.ObjectionWindowOpened.v1", topic=TOPIC)
class ObjectionWindowOpened:
    """Regencies and cities may object to the selection from `opens_on` to `closes_on`, both included."""

    run_id: UUID
    opens_on: date
    closes_on: date


@event("entaskan.mapping.LocationObjectionFiled.v1", topic=TOPIC)
class LocationObjectionFiled:
    """The institution of a regency/city objects to the selection."""

    objection_id: UUID
    run_id: UUID
    region_code: str
    grounds_code: str


@event("entaskan.mapping.LocationObjectionDecided.v1", topic=TOPIC)
class LocationObjectionDecided:
    """Another person decided an objection: `upheld` or `rejected`."""

    objection_id: UUID
    run_id: UUID
    region_code: str
    decision_code: str


@event("entaskan.mapping.PrioritisationRunReplaced.v1", topic=TOPIC)
class PrioritisationRunReplaced:
    """A later run of the programme was published in place of this one; a `LocationDeprioritised` follows for each location that fell out."""

    run_id: UUID
    replaced_by_run_id: UUID
    effective_from: date


@event("entaskan.mapping.PrioritisationRunRevoked.v1", topic=TOPIC)
class PrioritisationRunRevoked:
    """The decree was revoked; a `LocationDeprioritised` follows for each location still in force."""

    run_id: UUID
    reason_code: str
    effective_from: date


@event("entaskan.mapping.PrioritisationRunDiscarded.v1", topic=TOPIC)
class PrioritisationRunDiscarded:
    """A run that was never published was given up."""

    run_id: UUID
    reason_code: str


@event("entaskan.mapping.SelectionRulesSet.v1", topic=TOPIC)
class SelectionRulesSet:
    """A programme's rules for runs that begin from now on: how many overrides a run may have, and how many days regions may object at least."""

    rules_id: UUID
    programme_id: UUID
    rules_version: int
    override_cap: int
    objection_days: int
    answer_days: int


@event("entaskan.mapping.ReferenceListRecorded.v1", topic=TOPIC)
class ReferenceListRecorded:
    """A list of regencies and cities from elsewhere was written down for comparison; the hash is SHA-256 of its Kemendagri codes."""

    reference_list_id: UUID
    scheme: str
    region_count: int
    list_hash: str
