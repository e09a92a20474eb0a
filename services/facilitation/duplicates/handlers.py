"""What can be done with candidates: flag, decide by two people, merge and reverse, compute again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from services.facilitation.duplicates.domain import CandidateStatus, Decision, DuplicateCandidate
from services.facilitation.duplicates.scoring import Compared, DuplicateRules, Score, rules_on, score
from services.facilitation.duplicates.tables import PAIRS, compared_of, duplicate_candidates, worth_comparing
from services.facilitation.enterprises.domain import Enterprise, Merge
from services.facilitation.enterprises.tables import place_of
from services.facilitation.groups.domain import Group, GroupStatus, MemberRole
from services.facilitation.groups.handlers import take_in
from services.facilitation.groups.tables import active_membership, membership_left
from services.facilitation.scope import get_within
from shared.clock import id_caused_by
from shared.database import Transaction, UnitOfWork
from shared.security.identity import Caller


@dataclass(frozen=True, slots=True)
class LooksLike:
    """An enterprise that another one looks like, and why."""

    enterprise_id: UUID
    score: Score


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """What a computation found: pairs compared, candidates flagged and cleared, and how many are open now."""

    compared: int
    flagged: int
    cleared: int
    open: int


def candidate_id(one: UUID, other: UUID) -> UUID:
    """A pair has one candidate, whichever of the two came first."""
    older, newer = sorted((one, other))
    return id_caused_by(older, f"duplicate-{newer}")


async def look_alikes(uow: UnitOfWork, one: Compared, on: date) -> list[LooksLike]:
    """Those that an enterprise which is about to be registered looks like, the likest first."""
    rules = rules_on(on)
    found = [LooksLike(row.id, score(one, Compared.of(row), rules)) for row in (await uow.connection.execute(worth_comparing(one))).all()]
    alike = [each for each in found if each.score.points >= rules.threshold]
    return sorted(alike, key=lambda each: (-each.score.points, each.enterprise_id))


def flag(uow: UnitOfWork, enterprise: Enterprise, alike: Sequence[LooksLike], on: date) -> None:
    """Ask two people about each."""
    for each in alike:
        uow.add(_flagged(enterprise.id, each.enterprise_id, enterprise.region_code, each.score, rules_on(on)))


def _flagged(enterprise_id: UUID, other_id: UUID, region_code: str, found: Score, rules: DuplicateRules) -> DuplicateCandidate:
    return DuplicateCandidate.flag(
        id=candidate_id(enterprise_id, other_id),
        region_code=region_code,
        enterprise_id=enterprise_id,
        other_enterprise_id=other_id,
        score=found,
        rule_version=rules.version,
    )


async def propose(transaction: Transaction, id: UUID, caller: Caller, *, decision: Decision, surviving_enterprise_id: UUID | None) -> DuplicateCandidate:
    """Say what they are, as the first of two people."""
    async with transaction() as uow:
        candidate = await get_within(uow, DuplicateCandidate, id, caller)
        candidate.propose(caller.subject, decision, surviving_enterprise_id)
    return candidate


async def disagree(transaction: Transaction, id: UUID, caller: Caller) -> DuplicateCandidate:
    """See it differently, as the second of two people."""
    async with transaction() as uow:
        candidate = await get_within(uow, DuplicateCandidate, id, caller)
        candidate.disagree(caller.subject)
    return candidate


async def agree(transaction: Transaction, id: UUID, caller: Caller, on: date) -> DuplicateCandidate:
    """Agree, as the second of two people; two that are the same become one, and its group keeps a member where the other was none."""
    async with transaction() as uow:
        candidate = await get_within(uow, DuplicateCandidate, id, caller)
        candidate.agree(caller.subject)
        if candidate.status is CandidateStatus.MERGED:
            await _merge(uow, candidate, caller.subject, on)
    return candidate


async def _merge(uow: UnitOfWork, candidate: DuplicateCandidate, by: str, on: date) -> None:
    gone = await uow.get(Enterprise, candidate.merged_enterprise_id)
    survivor = await uow.get(Enterprise, candidate.other_enterprise_id if gone.id == candidate.enterprise_id else candidate.enterprise_id)
    place = (await uow.connection.execute(place_of(gone.id))).one_or_none()
    merge = Merge(
        merge_id=candidate.id,
        surviving_enterprise_id=survivor.id,
        decided_by=by,
        merged_on=on,
        reversible_until=on + timedelta(days=rules_on(on).reversible_days),
        status_before=gone.status,
        group_id=place.group_id if place else None,
        member_role=place.member_role if place else None,
    )
    gone.merge_into(merge)
    if place:
        group = await uow.get(Group, place.group_id)
        membership_id = await uow.connection.scalar(active_membership(group.id, gone.id))
        assert membership_id, "its place was just read"
        group.leave(membership_id=membership_id, enterprise_id=gone.id, reason_code="merged", on=on)
        uow.also(membership_left(membership_id, on, "merged"))
        if (await uow.connection.execute(place_of(survivor.id))).one_or_none() is None and survivor.region_code == group.region_code:
            take_in(uow, group, survivor, MemberRole(place.member_role), on)


async def unmerge(transaction: Transaction, enterprise_id: UUID, caller: Caller, on: date) -> Enterprise:
    """Undo a merge: the enterprise is what it was, and in its group again if that is still open."""
    async with transaction() as uow:
        enterprise = await get_within(uow, Enterprise, enterprise_id, caller)
        undone = enterprise.unmerge(caller.subject, on)
        (await uow.get(DuplicateCandidate, undone.merge_id)).reverse(caller.subject)
        if undone.group_id:
            group = await uow.get(Group, undone.group_id)
            if group.status in (GroupStatus.FORMING, GroupStatus.VERIFIED, GroupStatus.ACTIVE):
                take_in(uow, group, enterprise, MemberRole.MEMBER, on)
    return enterprise


async def compute_again(transaction: Transaction, region_code: str, on: date) -> RunOutcome:
    """Compare a regency's enterprises with all others: flag what looks alike, and clear what does not any longer."""
    rules, flagged, cleared, still = rules_on(on), 0, 0, set()
    async with transaction() as uow:
        pairs = (await uow.connection.execute(PAIRS, {"region_code": region_code})).all()
        d = duplicate_candidates.c
        known = (await uow.connection.execute(select(d.id, d.status, d.enterprise_id, d.other_enterprise_id).where(d.region_code == region_code))).all()
        of_pair = {candidate_id(row.enterprise_id, row.other_enterprise_id): row for row in known}
        compared = {row.id: Compared.of(row) for row in (await uow.connection.execute(compared_of({id for pair in pairs for id in pair}))).all()}
        for pair in pairs:
            found = score(compared[pair.enterprise_id], compared[pair.other_id], rules)
            if found.points < rules.threshold:
                continue
            id = candidate_id(pair.enterprise_id, pair.other_id)
            still.add(id)
            if row := of_pair.get(id):
                if row.status is CandidateStatus.CLEARED:
                    (await uow.get(DuplicateCandidate, id)).reflag(found, rules.version)
                    flagged += 1
            elif await uow.find(DuplicateCandidate, id) is None:  # it may belong to the other's region
                uow.add(_flagged(pair.enterprise_id, pair.other_id, region_code, found, rules))
                flagged += 1
        for id, row in of_pair.items():
            if id not in still and row.status in (CandidateStatus.OPEN, CandidateStatus.PROPOSED):
                (await uow.get(DuplicateCandidate, id)).clear()
                cleared += 1
        unresolved = sum(row.status in (CandidateStatus.OPEN, CandidateStatus.PROPOSED) for row in known)
    return RunOutcome(compared=len(pairs), flagged=flagged, cleared=cleared, open=unresolved + flagged - cleared)
