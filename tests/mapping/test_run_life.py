"""A run from its start to its end over HTTP, by the very table that the code uses; and what follows from an end."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.mapping.prioritisation.domain import PrioritisationRun, RunStatus
from shared.contracts.facilitation import FinancingApplicationDrafted, FinancingGranted, FinancingWithdrawn, GroupActivated
from shared.security.identity import Role
from tests.kit import Person
from tests.mapping.life import WAIVER, Life
from tests.messages import record

TABLE = {(state, verb) for state, verbs in PrioritisationRun.TRANSITIONS.items() for verb in verbs}
VERBS = sorted({verb for _, verb in TABLE})
DECREE = {"decree_ref": "Kepdep PMK 12/2024", "effective_from": "2024-03-01"}
FORCED = {"forced": [{"region_code": "53.04", "force": "include", "reason_code": "border_area", "note": "Wilayah perbatasan."}]}
OBJECTION = {"region_code": "53.03", "grounds_code": "data_wrong", "note": "Angka belum mutakhir."}
DECISION = {"decision_code": "rejected", "reason_code": "figures_confirmed", "note": "Angka telah dicocokkan."}
REASON = {"reason_code": "decree_revoked", "effective_from": "2024-04-01"}


@pytest.fixture
async def life(serving: Callable[..., Any], person: Callable[..., Person], eventually: Callable[..., Any]) -> Life:
    return await Life.begin(serving, person, eventually)


class Walk:
    """One run: what is allowed is done, and in every state all that is not allowed is refused."""

    def __init__(self, life: Life, path: str, done: set[tuple[str, str]]) -> None:
        self.life, self.path, self.done = life, path, done
        self.regency = life.person(Role.REGENCY, regions=["53.03"])
        self.objection = ""

    async def _send(self, verb: str, body: Any = None) -> Any:
        life = self.life
        bodies: dict[str, Any] = {
            "constrain": FORCED,
            "override": OBJECTION | {"reason_code": "objection_upheld", "replaced_region_code": "53.01"},
            "open_objections": {"days": 14},
            "publish": DECREE,
            "deprioritise": REASON | {"region_code": "53.04"},
            "revoke": REASON,
            "discard": {"reason_code": "figures_outdated"},
            "waive_assessments": WAIVER,
        }
        bodies["override"].pop("grounds_code")
        who = {"confirm_constraints": life.deputy, "confirm_override": life.coordinator, "refuse_override": life.coordinator}
        coordinating = {"lock", "publish", "deprioritise", "revoke", "open_objections", "discard"}
        if verb == "file_objection":
            return await life.served.post(f"{self.path}/objections", self.regency, OBJECTION)
        if verb == "decide_objection":
            return await life.served.act(f"/v1/objections/{self.objection}", "decide", life.coordinator, DECISION)
        caller = life.coordinator if verb in coordinating else who.get(verb, life.analyst)
        return await life.served.act(self.path, verb.replace("_", "-"), caller, body or bodies.get(verb))

    async def refused(self) -> None:
        """Everything that the table does not allow in this state."""
        before = await self.life.read(self.path)
        state = RunStatus(before["status"])
        allowed = PrioritisationRun.TRANSITIONS[state]
        for verb in VERBS:
            if verb in allowed or (verb == "decide_objection" and not self.objection):
                continue
            answer = await self._send(verb)
            assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition"), (state, verb, answer.text)
            assert answer.json()["allowed_transitions"] == sorted(allowed), (state, verb)
        assert await self.life.read(self.path) == before

    async def go(self, verb: str, body: Any = None) -> None:
        """One step that the table allows."""
        state = (await self.life.read(self.path))["status"]
        if verb == "override":
            body = await self.life.swap(self.path)
        answer = await self._send(verb, body)
        assert answer.status_code == (201 if verb == "file_objection" else 200), (state, verb, answer.text)
        if verb == "file_objection":
            self.objection = answer.json()["id"]
        self.done.add((state, verb))


async def test_every_transition_of_the_table_and_no_other(life: Life) -> None:
    done: set[tuple[str, str]] = set()
    programme = await life.programme(override_cap=4)

    async def walk(*steps: str) -> str:
        walked = Walk(life, await life.run(programme), done)
        await walked.refused()
        state = "draft"
        for step in steps:
            if step == "(window passes)":
                await life.window_passes(walked.path)
                continue
            await walked.go(step)
            if (now := (await life.read(walked.path))["status"]) != state:
                state = now
                await walked.refused()
        return walked.path

    swaps = ("override", "refuse_override", "override", "confirm_override")
    full = await walk(
        *("constrain", "confirm_constraints", "waive_assessments", "compute", "compute", "waive_assessments"),
        *("submit_review", *swaps, "open_objections", "file_objection", *swaps),
        *("decide_objection", "(window passes)", "lock", "publish", "deprioritise", "revoke"),
    )
    await walk("discard")
    await walk("constrain", "compute", "confirm_constraints", "discard")
    await walk("compute", "submit_review", "discard")
    await walk("compute", "submit_review", "lock")
    assert done == {(str(state), verb) for state, verb in TABLE}
    events = await life.names(full)
    assert {name: events.count(name) for name in sorted(set(events))} == {
        "LocationDeprioritised": 6,  # one by itself, five with the decree
        "LocationPrioritised": 6,
        "ObjectionWindowOpened": 1,
        "PrioritisationAssessmentsWaived": 3,
        "PrioritisationComputed": 1,
        "PrioritisationConstraintsConfirmed": 1,
        "PrioritisationConstraintsSet": 1,
        "PrioritisationOverridden": 2,
        "PrioritisationOverrideProposed": 4,
        "PrioritisationOverrideRefused": 2,
        "PrioritisationRunCreated": 1,
        "PrioritisationRunLocked": 1,
        "PrioritisationRunPublished": 1,
        "PrioritisationRunRevoked": 1,
        "PrioritisationRunSubmitted": 1,
    }


async def test_an_override_needs_a_second_person_keeps_the_constraints_and_counts(life: Life) -> None:
    path = await life.reviewed(await life.programme(override_cap=1))
    before = await life.read(path)
    swap = await life.swap(path)
    await life.ok(path, "override", life.deputy, swap)
    assert (await life.served.act(path, "lock", life.coordinator)).json()["code"] == "override_pending"
    assert (await life.served.act(path, "confirm-override", life.deputy)).json()["code"] == "four_eyes"
    after = await life.ok(path, "confirm-override", life.coordinator)
    assert set(before["region_codes"]) ^ set(after["region_codes"]) == {swap["region_code"], swap["replaced_region_code"]}
    assert after["result_hash"] == before["result_hash"]
    assert (await life.served.act(path, "override", life.deputy, await life.swap(path))).json()["code"] == "override_cap_reached"
    await life.ok(path, "lock", life.coordinator)
    assert (await life.served.get(f"{path}/exceptions")).status_code == 404  # not public yet
    await life.ok(path, "publish", life.coordinator, DECREE)
    listed = (await life.served.get(f"{path}/exceptions")).json()["overrides"]
    assert [(each["region_code"], each["replaced_region_code"]) for each in listed] == [(swap["region_code"], swap["replaced_region_code"])]
    assert listed[0]["from_rank"] > listed[0]["to_rank"]
    assert "Keberatan" not in json.dumps(listed)
    locations = (await life.served.get("/v1/priority-locations")).json()["items"]
    assert {each["region_code"] for each in locations} == set(after["region_codes"])


async def test_an_override_that_breaks_a_constraint_is_refused_and_without_rules_there_is_none(life: Life) -> None:
    path = await life.reviewed(await life.programme(override_cap=2))
    swap = await life.swap(path)
    ranking = (await life.served.get(f"{path}/result", life.coordinator)).json()["result"]["ranking"]
    run = await life.read(path)
    provinces = run["province_codes"]
    # One of several in its province: put elsewhere, there is a province too many.
    leaving = next(code for code in run["region_codes"] if sum(other[:2] == code[:2] for other in run["region_codes"]) > 1)
    elsewhere = next(row["region_code"] for row in ranking if row["region_code"][:2] not in provinces)
    refused = await life.served.act(path, "override", life.deputy, swap | {"region_code": elsewhere, "replaced_region_code": leaving})
    assert (refused.status_code, refused.json()["code"]) == (422, "override_breaks_constraints")
    plain = await life.reviewed(await life.programme())
    assert (await life.served.act(plain, "override", life.deputy, await life.swap(plain))).json()["code"] == "override_cap_reached"


async def test_the_window_that_a_programme_demands_is_kept(life: Life) -> None:
    path = await life.reviewed(await life.programme(objection_days=14))
    assert (await life.served.act(path, "lock", life.coordinator)).json()["code"] == "objection_window_demanded"
    assert (await life.served.act(path, "open-objections", life.coordinator, {"days": 13})).json()["code"] == "objection_window_too_short"
    opened = await life.ok(path, "open-objections", life.coordinator, {"days": 14})
    assert (date.fromisoformat(opened["closes_on"]) - date.fromisoformat(opened["opens_on"])).days == 13
    assert (await life.served.act(path, "lock", life.coordinator)).json()["code"] == "objection_window_open"
    await life.window_passes(path)
    await life.ok(path, "lock", life.coordinator)


async def test_a_later_run_replaces_the_earlier_one_and_both_lists_stay_readable(life: Life) -> None:
    programme = await life.programme()
    first = await life.published(programme)
    before = await life.read(first)
    out = before["region_codes"][0]
    exclude = {"forced": [{"region_code": out, "force": "exclude", "reason_code": "graduated", "note": "Telah keluar dari kemiskinan."}]}
    second = await life.reviewed(programme, exclude)
    await life.ok(second, "lock", life.coordinator)
    refused = await life.served.act(second, "publish", life.coordinator, DECREE)
    assert (refused.status_code, refused.json()["code"]) == (409, "run_already_published")
    replacing = {"decree_ref": "Kepdep PMK 7/2025", "replaces_run_id": before["id"]}
    early = await life.served.act(second, "publish", life.coordinator, replacing | {"effective_from": "2024-02-29"})
    assert (early.status_code, early.json()["code"]) == (422, "effective_before_earlier_list")
    other = await life.published(await life.programme())
    wrong = await life.served.act(
        second, "publish", life.coordinator, replacing | {"effective_from": "2025-01-01", "replaces_run_id": (await life.read(other))["id"]}
    )
    assert wrong.json()["code"] == "not_in_force"
    after = await life.ok(second, "publish", life.coordinator, replacing | {"effective_from": "2025-01-01"})
    fallen = set(before["region_codes"]) - set(after["region_codes"])
    assert out in fallen

    replaced = await life.read(first)
    assert (replaced["status"], replaced["replaced_by_run_id"]) == ("published", after["id"])
    events = [row for row in await life.served.outbox() if str(row.subject) == before["id"]]
    gone = [json.loads(row.data) for row in events if ".LocationDeprioritised." in row.type]
    assert {each["region_code"] for each in gone} == fallen
    assert {(each["reason_code"], each["replaced_by_run_id"], each["effective_from"]) for each in gone} == {
        ("replaced_by_later_run", after["id"], "2025-01-01")
    }
    now = (await life.served.get("/v1/priority-locations", params={"programme_id": programme})).json()["items"]
    assert {each["region_code"] for each in now} == set(after["region_codes"])
    totals = (await life.served.get("/v1/totals", params={"programme_id": programme})).json()["items"]
    assert {each["region_code"] for each in totals} == set(after["region_codes"])
    earlier = (await life.served.get("/v1/priority-locations", params={"run_id": before["id"]})).json()["items"]
    assert [(each["region_code"], each["ended_on"]) for each in earlier] == [(code, "2025-01-01") for code in before["region_codes"]]
    assert (await life.served.get(f"{first}/result")).status_code == 200
    # A run that was replaced holds nothing that could be taken off once more.
    again = await life.served.act(first, "deprioritise", life.coordinator, REASON | {"region_code": after["region_codes"][0]})
    assert (again.status_code, again.json()["code"]) == (422, "not_in_force")


async def test_after_a_revocation_the_programme_gets_another_run_and_the_old_result_stays_public(life: Life) -> None:
    programme = await life.programme()
    first = await life.published(programme)
    early = await life.served.act(first, "revoke", life.coordinator, REASON | {"effective_from": "2024-02-01"})
    assert (early.status_code, early.json()["code"]) == (422, "end_before_start")
    revoked = await life.ok(first, "revoke", life.coordinator, REASON)
    assert (revoked["status"], len(revoked["deprioritised"])) == ("revoked", 6)
    assert (await life.served.get("/v1/priority-locations", params={"programme_id": programme})).json()["items"] == []
    assert (await life.served.get(f"{first}/result")).status_code == 200
    await life.published(programme, effective_from="2024-05-01")
    assert len((await life.served.get("/v1/priority-locations", params={"programme_id": programme})).json()["items"]) == 6


async def test_what_is_under_way_in_a_location_is_written_down_when_it_leaves(life: Life) -> None:
    programme = await life.programme()
    path = await life.published(programme)
    code = (await life.read(path))["region_codes"][0]
    group, lender = uuid4(), uuid4()
    open_one, granted, withdrawn = uuid4(), uuid4(), uuid4()

    def drafted(application: UUID, amount: int) -> FinancingApplicationDrafted:
        return FinancingApplicationDrafted(
            application_id=application, programme_id=UUID(programme), group_id=group, enterprise_id=uuid4(), region_code=code,
            product_code="kur_super_mikro", product_version=1, requested_amount_idr=amount,
        )  # fmt: skip

    grant = FinancingGranted(
        application_id=granted, programme_id=UUID(programme), group_id=group, enterprise_id=uuid4(), lender_institution_id=lender,
        product_code="kur_super_mikro", granted_amount_idr=8_000_000, tenor_months=24, granted_on=date(2024, 4, 1), region_code=code, province_code=code[:2],
    )  # fmt: skip
    active = GroupActivated(group_id=group, group_type="kelompok", region_code=code, programme_id=UUID(programme), member_count=10)
    log = life.served.runtime.event_log
    await log.append(
        [
            record(active, subject=group, sequence=1),
            record(drafted(open_one, 5_000_000), subject=open_one, sequence=1),
            record(drafted(granted, 9_000_000), subject=granted, sequence=1),
            record(grant, subject=granted, sequence=2),
            record(drafted(withdrawn, 3_000_000), subject=withdrawn, sequence=1),
            record(FinancingWithdrawn(application_id=withdrawn, reason_code="no_longer_needed"), subject=withdrawn, sequence=2),
        ]
    )
    expected = {"active_groups": 1, "open_applications": 1, "requested_idr": 5_000_000, "credits": 1, "granted_idr": 8_000_000}

    async def heard() -> bool:
        answer = await life.served.get(f"{path}/locations/{code}/under-way", life.coordinator)
        return bool(answer.json() == expected | {"region_code": code})

    await life.eventually(heard)
    after = await life.ok(path, "deprioritise", life.coordinator, REASON | {"region_code": code, "reason_code": "target_reached"})
    assert [(each["region_code"], each["under_way"]) for each in after["deprioritised"]] == [(code, expected)]


async def test_only_a_second_person_lets_forced_regions_through(life: Life) -> None:
    path = await life.run(await life.programme())
    await life.ok(path, "constrain", life.analyst, FORCED)
    await life.ok(path, "compute", life.analyst)
    assert "53.04" in (await life.read(path))["region_codes"]
    assert (await life.served.act(path, "submit-review", life.analyst)).json()["code"] == "constraints_unconfirmed"
    assert (await life.served.act(path, "confirm-constraints", life.analyst)).json()["code"] == "four_eyes"
    await life.ok(path, "confirm-constraints", life.deputy)
    assert (await life.served.act(path, "confirm-constraints", life.deputy)).json()["code"] == "nothing_to_confirm"
    await life.ok(path, "submit-review", life.analyst)
