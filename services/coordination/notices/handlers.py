"""Which event tells whom what, and which event settles it. Coordination listens to its own events for that, so nothing else has to think of notices."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.coordination.action_items.domain import ActionItem
from services.coordination.changes.domain import ChangeRequest
from services.coordination.commitments.domain import Commitment
from services.coordination.notices.domain import Kind
from services.coordination.notices.tables import raised, resolved
from services.coordination.plans.domain import ActionPlan
from services.coordination.programmes.domain import Programme
from shared.contracts import coordination as c
from shared.contracts import coordination_commitments as k
from shared.contracts import coordination_meetings as m
from shared.contracts import coordination_packs as q
from shared.contracts import coordination_plans as p
from shared.database import Transaction, UnitOfWork
from shared.envelope import Message

_LATE = (Kind.DUE_SOON, Kind.OVERDUE, Kind.ESCALATED)
_ITEM = (Kind.ACTION_ITEM, Kind.ACTION_ITEM_DUE_SOON, Kind.ACTION_ITEM_OVERDUE, Kind.WAITED_FOR)


def _facts(event: Any) -> dict[str, Any]:
    """What a sentence may need: codes, dates, amounts."""
    return {name: value for name, value in asdict(event).items() if not isinstance(value, UUID) and not name.endswith("_hashes")}


async def _institution_of(uow: UnitOfWork, aggregate: type[Commitment] | type[ActionPlan], id: UUID) -> tuple[UUID, UUID]:
    """The institution of a commitment or a plan, and the lead of its programme."""
    found = await uow.get(aggregate, id)
    return found.institution_id, (await uow.get(Programme, found.programme_id)).lead_institution_id


async def tell(transaction: Transaction, event: Any, message: Message) -> None:
    """Raise and settle the notices of one event."""
    async with transaction() as uow:
        for institution_id, kind, subject_id, version in await _told(uow, event):
            uow.also(raised(institution_id, kind, subject_id, message.id, _facts(event) | _extra(event), version))
        for subject_id, kinds in _settled(event):
            uow.also(resolved(subject_id, kinds))


def _extra(event: Any) -> dict[str, Any]:
    decisions = {k.ChangeApplied: "approved", k.ChangeRejected: "rejected", k.ChangeRevisionRequested: "revision_requested"}
    return {"decision": decisions[type(event)]} if type(event) in decisions else {}


_Told = list[tuple[UUID, Kind, UUID, object]]


async def _told(uow: UnitOfWork, event: Any) -> _Told:
    """Institution, kind, subject and version of what an event says."""
    if isinstance(event, c.ParticipationInvited):
        return [(event.institution_id, Kind.INVITED, event.participation_id, "")]
    if isinstance(event, c.ConvergenceGapDetected):
        lead = (await uow.get(Programme, event.programme_id)).lead_institution_id
        return [(lead, Kind.GAP, event.location_id, f"{event.quarter}/{'+'.join(event.missing_intervention_codes)}")]
    if isinstance(event, m.MeetingScheduled):
        return [(id, Kind.MEETING, event.meeting_id, "") for id in event.invited_institution_ids]
    if isinstance(event, q.QuarterlyPackFrozen):
        return [((await uow.get(Programme, event.programme_id)).lead_institution_id, Kind.PACK_FROZEN, event.pack_id, event.pack_version)]
    if type(event) in _OF_COMMITMENTS:
        return await _of_commitment(uow, event)
    if type(event) in _OF_PLANS:
        institution, _ = await _institution_of(uow, ActionPlan, event.plan_id)
        return [(institution, _OF_PLANS[type(event)], event.plan_id, _plan_version(event))]
    if type(event) in _OF_ITEMS:
        return await _of_item(uow, event)
    if isinstance(event, k.ChangeApplied | k.ChangeRejected | k.ChangeRevisionRequested):
        asked_by = (await uow.get(ChangeRequest, event.change_request_id)).institution_id
        return [(asked_by, Kind.CHANGE_DECIDED, event.change_request_id, type(event).__name__)] if asked_by else []
    return []


_OF_COMMITMENTS: dict[type, Kind] = {
    k.CommitmentDueSoonReached: Kind.DUE_SOON,
    k.CommitmentFellOverdue: Kind.OVERDUE,
    k.CommitmentEscalated: Kind.ESCALATED,
    k.CommitmentProgressDisputed: Kind.PROGRESS_DISPUTED,
    k.CommitmentFulfilmentReported: Kind.FULFILMENT_TO_CONFIRM,
    k.CommitmentFulfilmentRejected: Kind.FULFILMENT_REJECTED,
}
_OF_PLANS: dict[type, Kind] = {
    p.ActionPlanRevisionRequested: Kind.PLAN_RETURNED,
    p.ActionPlanRejected: Kind.PLAN_REJECTED,
    p.ActionPlanApproved: Kind.PLAN_APPROVED,
    p.PlanOverlapDetected: Kind.OVERLAP,
}
_OF_ITEMS: dict[type, Kind] = {
    m.ActionItemOpened: Kind.ACTION_ITEM,
    m.ActionItemDueSoonReached: Kind.ACTION_ITEM_DUE_SOON,
    m.ActionItemFellOverdue: Kind.ACTION_ITEM_OVERDUE,
    m.ActionItemBlocked: Kind.WAITED_FOR,
}


async def _of_commitment(uow: UnitOfWork, event: Any) -> _Told:
    institution, lead = await _institution_of(uow, Commitment, event.commitment_id)
    kind, subject = _OF_COMMITMENTS[type(event)], event.commitment_id
    if isinstance(event, k.CommitmentDueSoonReached):
        return [(institution, kind, subject, f"{event.due_version}/{event.working_days_left}")]
    if isinstance(event, k.CommitmentFellOverdue):
        return [(each, kind, subject, event.due_version) for each in sorted({institution, lead})]
    if isinstance(event, k.CommitmentEscalated):
        return [(event.escalated_to_institution_id, kind, subject, (await uow.get(Commitment, subject)).due_version * 100 + event.escalation_level)]
    if isinstance(event, k.CommitmentProgressDisputed):
        return [(institution, kind, subject, event.report_id)]
    version = len((await uow.get(Commitment, subject)).reports)
    return [(lead if isinstance(event, k.CommitmentFulfilmentReported) else institution, kind, subject, version)]


def _plan_version(event: Any) -> object:
    if isinstance(event, p.PlanOverlapDetected):
        return f"{event.other_plan_id}/{event.location_code}/{event.intervention_code}/{event.quarter}"
    return f"{event.plan_version}/{getattr(event, 'approval_tier', '')}/{getattr(event, 'reason_code', '')}"


async def _of_item(uow: UnitOfWork, event: Any) -> _Told:
    item = await uow.get(ActionItem, event.action_item_id)
    kind = _OF_ITEMS[type(event)]
    if isinstance(event, m.ActionItemBlocked):
        return [(event.waiting_on_institution_id, kind, item.id, event.blocker_code)]
    return [(item.owner_institution_id, kind, item.id, getattr(event, "working_days_left", ""))]


def _settled(event: Any) -> list[tuple[UUID, tuple[Kind, ...]]]:
    """Subject and kinds of what an event settles."""
    match event:
        case k.CommitmentFulfilled() | k.CommitmentReleased():
            return [(event.commitment_id, (*_LATE, Kind.FULFILMENT_TO_CONFIRM, Kind.PROGRESS_DISPUTED, Kind.FULFILMENT_REJECTED))]
        case k.CommitmentRescheduled():
            return [(event.commitment_id, _LATE)]
        case k.CommitmentFulfilmentRejected():
            return [(event.commitment_id, (Kind.FULFILMENT_TO_CONFIRM,))]
        case m.ActionItemCompleted() | m.ActionItemDropped():
            return [(event.action_item_id, _ITEM)]
        case m.ActionItemUnblocked():
            return [(event.action_item_id, (Kind.WAITED_FOR,))]
        case c.ParticipationAccepted() | c.ParticipationDeclined() | c.ParticipationInvitationExpired():
            return [(event.participation_id, (Kind.INVITED,))]
        case c.ConvergenceGapClosed():
            return [(event.location_id, (Kind.GAP,))]
        case p.ActionPlanSuperseded():
            return [(event.plan_id, (Kind.OVERLAP, Kind.PLAN_APPROVED))]
        case m.MeetingHeld() | m.MeetingCancelled():
            return [(event.meeting_id, (Kind.MEETING,))]
    return []


TELLING: tuple[type, ...] = (
    *_OF_COMMITMENTS,
    *_OF_PLANS,
    *_OF_ITEMS,
    c.ParticipationInvited,
    c.ParticipationAccepted,
    c.ParticipationDeclined,
    c.ParticipationInvitationExpired,
    c.ConvergenceGapDetected,
    c.ConvergenceGapClosed,
    k.CommitmentFulfilled,
    k.CommitmentReleased,
    k.CommitmentRescheduled,
    k.ChangeApplied,
    k.ChangeRejected,
    k.ChangeRevisionRequested,
    m.MeetingScheduled,
    m.MeetingHeld,
    m.MeetingCancelled,
    m.ActionItemCompleted,
    m.ActionItemDropped,
    m.ActionItemUnblocked,
    p.ActionPlanSuperseded,
    q.QuarterlyPackFrozen,
)
"""The events that raise or settle notices."""
