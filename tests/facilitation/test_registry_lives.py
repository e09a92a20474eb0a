"""Every command of enterprises, groups, waivers and duplicate candidates from every state, against tables written down apart from the code."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.facilitation.duplicates.domain import CandidateStatus, Decision, DuplicateCandidate
from services.facilitation.duplicates.scoring import Score
from services.facilitation.enterprises.domain import Channel, Enterprise, EnterpriseStatus, LegalityType, Merge, Owner
from services.facilitation.groups.domain import Group, GroupStatus, MemberRole
from services.facilitation.groups.minimums import GroupType
from services.facilitation.waivers.domain import Waiver, WaiverStatus
from shared.clock import new_id
from shared.errors import IllegalTransition
from shared.money import Rupiah

ON = date(2026, 6, 1)
HASH = "9f" * 32


def enterprise(status: EnterpriseStatus = EnterpriseStatus.REGISTERED) -> Enterprise:
    owner = Owner(
        name="Lodia Nenohai", nik=b"n", nik_index=b"i", nik_masked="530499******0001", birth_index=b"b", keys=["lodia", "nenohae"], sex=None, warnings=[]
    )
    made = Enterprise.register(
        id=new_id(),
        name="Tenun",
        name_keys=["tenun"],
        owner=owner,
        region_code="53.04",
        kbli_section="C",
        kbli_code="13122",
        capital_idr=Rupiah(1),
        annual_sales_idr=Rupiah(1),
        nib=None,
        consent_purpose="programme_facilitation",
        consent_on=ON,
        by="registrar",
        channel=Channel.FORM,
        duplicate_candidates=0,
        on=ON,
    )
    made.status = status
    if status is EnterpriseStatus.MERGED:
        made.merge = _merge()
    made.recorded.clear()
    return made


def _merge() -> Merge:
    return Merge(
        merge_id=new_id(),
        surviving_enterprise_id=new_id(),
        decided_by="decider",
        merged_on=ON,
        reversible_until=ON + timedelta(days=30),
        status_before=EnterpriseStatus.VERIFIED,
        group_id=None,
        member_role=None,
    )


def group(status: GroupStatus = GroupStatus.FORMING) -> Group:
    made = Group.form(id=new_id(), name="Kelompok", group_type=GroupType.KELOMPOK, region_code="53.04", kbli_section="C", on=ON)
    made.status, made.member_count, made.programme_id = status, 9, uuid4()
    made.recorded.clear()
    return made


def waiver(status: WaiverStatus = WaiverStatus.REQUESTED) -> Waiver:
    made = Waiver.request(
        id=new_id(),
        programme_id=uuid4(),
        region_code="53.04",
        group_id=None,
        reason_code="natural_disaster",
        valid_from=ON,
        valid_to=ON,
        by="regency",
        on=ON,
    )
    made.status = status
    made.recorded.clear()
    return made


def candidate(status: CandidateStatus = CandidateStatus.OPEN, decision: Decision = Decision.DISTINCT) -> DuplicateCandidate:
    one, other = new_id(), new_id()
    made = DuplicateCandidate.flag(
        id=new_id(), region_code="53.04", enterprise_id=one, other_enterprise_id=other, score=Score(80, ("owner_name",)), rule_version=1
    )
    made.status, made.proposed_by, made.proposed_decision = status, "first", decision
    made.surviving_enterprise_id = one if decision is Decision.SAME else None
    made.recorded.clear()
    return made


ENTERPRISE: dict[str, Callable[[Any], Any]] = {
    "verify": lambda e: e.verify("somebody", "field_visit"),
    "activate": lambda e: e.activate(group_id=uuid4(), location_priority_id=uuid4(), waiver_id=None, on=ON),
    "upgrade_legality": lambda e: e.upgrade_legality(legality_type=LegalityType.HALAL, nib=None, risk_level=None, valid_until=ON, on=ON),
    "link_household": lambda e: e.link_household(source_code="dtsen", source_version="2025", welfare_decile=1, on=ON),
    "assess_eligibility": lambda e: e.assess_eligibility(service_code="market", outcome="eligible", reason_codes=[], rule_version=1, inputs_hash=HASH),
    "pause": lambda e: e.pause("rest"),
    "climb": lambda e: e.climb("grouped", 1, ON),
    "graduate": lambda e: e.graduate(group_id=None, criteria_version=1, on=ON),
    "relapse": lambda e: e.relapse("lost_market"),
    "exit": lambda e: e.exit("moved"),
    "merge": lambda e: e.merge_into(_merge()),
    "unmerge": lambda e: e.unmerge("somebody", ON),
    "withdraw_consent": lambda e: e.withdraw_consent(ON),
    "renew_consent": lambda e: e.renew_consent("programme_facilitation", ON, ON),
}
GROUP: dict[str, Callable[[Any], Any]] = {
    "verify": lambda g: g.verify(facts={"minutes_hash": HASH}, has_head=True, on=ON),
    "activate": lambda g: g.activate(uuid4(), ON),
    "join": lambda g: g.join(membership_id=uuid4(), enterprise_id=uuid4(), enterprise_region="53.04", role=MemberRole.MEMBER, on=ON),
    "leave": lambda g: g.leave(membership_id=uuid4(), enterprise_id=uuid4(), reason_code="moved", on=ON),
    "transfer": lambda g: g.transfer(membership_id=uuid4(), enterprise_id=uuid4(), to_group_id=uuid4(), on=ON),
    "change_head": lambda g: g.change_head(membership_id=uuid4(), is_head=False, minutes_hash=HASH),
    "incorporate": lambda g: g.incorporate({"cooperative_number": "5304010010012", "legal_entity_ref": "AHU-1"}, ON),
    "record_annual_meeting": lambda g: (setattr(g, "group_type", GroupType.KOPERASI), g.record_annual_meeting(2025, HASH, ON)),
    "flag_dormant": lambda g: g.flag_dormant(12, "inactive"),
    "split": lambda g: g.split([uuid4(), uuid4()], ON),
    "merge": lambda g: g.merge_into(uuid4(), ON),
    "dissolve": lambda g: g.dissolve("members_left", ON),
}
WAIVER: dict[str, Callable[[Any], Any]] = {
    "grant": lambda w: w.grant("owner"),
    "refuse": lambda w: w.refuse("owner", "outside_programme"),
    "revoke": lambda w: w.revoke("ended", ON),
}
CANDIDATE: dict[str, Callable[[Any], Any]] = {
    "propose": lambda c: c.propose("first", Decision.DISTINCT, None),
    "disagree": lambda c: c.disagree("second"),
    "agree_distinct": lambda c: c.agree("second"),
    "agree_same": lambda c: (
        setattr(c, "proposed_decision", Decision.SAME),
        setattr(c, "surviving_enterprise_id", c.enterprise_id),
        c.agree("second"),
    ),
    "reverse": lambda c: c.reverse("third"),
    "clear": lambda c: c.clear(),
    "reflag": lambda c: c.reflag(Score(75, ("owner_name",)), 1),
}

# State -> command -> state, as in the catalogue of lifecycles; what is not here is illegal.
LIVE = {"link_household": None, "exit": "exited", "merge": "merged", "withdraw_consent": "paused"}
TABLES: dict[Any, dict[str, dict[str, str | None]]] = {
    enterprise: {
        "registered": {**LIVE, "verify": "verified", "upgrade_legality": None},
        "verified": {**LIVE, "activate": "active", "upgrade_legality": None, "assess_eligibility": None},
        "active": {**LIVE, "upgrade_legality": None, "assess_eligibility": None, "pause": "paused", "climb": None, "graduate": "graduated"},
        "paused": {**LIVE, "activate": "active", "assess_eligibility": None, "renew_consent": None},
        "graduated": {"relapse": "active", "merge": "merged", "withdraw_consent": "paused"},
        "exited": {},
        "merged": {"unmerge": "verified"},
    },
    group: {
        "forming": {"verify": "verified", "join": None, "leave": None, "change_head": None, "dissolve": "dissolved"},
        "verified": {"activate": "active", "join": None, "leave": None, "change_head": None, "dissolve": "dissolved"},
        "active": {
            **dict.fromkeys(("join", "leave", "transfer", "change_head", "incorporate", "record_annual_meeting")),
            "flag_dormant": "dormant",
            "split": "split",
            "merge": "merged",
            "dissolve": "dissolved",
        },
        "dormant": {"activate": "active", "dissolve": "dissolved"},
        "split": {},
        "merged": {},
        "dissolved": {},
    },
    waiver: {"requested": {"grant": "granted", "refuse": "refused"}, "granted": {"revoke": "revoked"}, "refused": {}, "revoked": {}},
    candidate: {
        "open": {"propose": "proposed", "clear": "cleared"},
        "proposed": {"disagree": "open", "agree_distinct": "distinct", "agree_same": "merged", "clear": "cleared"},
        "distinct": {},
        "merged": {"reverse": "distinct"},
        "cleared": {"reflag": "open"},
    },
}
COMMANDS = {enterprise: ENTERPRISE, group: GROUP, waiver: WAIVER, candidate: CANDIDATE}
STATES = {enterprise: EnterpriseStatus, group: GroupStatus, waiver: WaiverStatus, candidate: CandidateStatus}
CASES = [(make, state, command) for make, table in TABLES.items() for state in table for command in COMMANDS[make]]


@pytest.mark.parametrize(("make", "state", "command"), CASES, ids=[f"{make.__name__}-{state}-{command}" for make, state, command in CASES])
def test_a_command_leads_where_the_table_says_or_is_refused(make: Callable[..., Any], state: str, command: str) -> None:
    allowed = TABLES[make][state]
    subject = make(STATES[make](state))
    if command in allowed:
        COMMANDS[make][command](subject)
        assert subject.status == (allowed[command] or state)
        assert len(subject.recorded) >= 1, "a change is an event"
    else:
        with pytest.raises(IllegalTransition) as refused:
            COMMANDS[make][command](subject)
        assert refused.value.facts == {"state": state, "allowed_transitions": sorted(allowed)}
        assert (subject.status, subject.recorded) == (state, [])


@pytest.mark.parametrize("make", list(TABLES), ids=lambda make: make.__name__)
def test_every_state_and_command_is_in_the_tables(make: Any) -> None:
    assert set(TABLES[make]) == {str(state) for state in STATES[make]}
    assert set(COMMANDS[make]) == set(make().LIFE)
