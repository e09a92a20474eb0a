"""The ministry's review: stages in order, referrals that resume, deadlines, groups, and what product rules say beforehand."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.facilitation.financing.clock import pass_day
from shared.security.identity import Role
from tests.facilitation.banking import CONSENT, Bank
from tests.facilitation.story import LENDER, REGION, grant

COMMENT = {"comment": "Arus kas cukup; Ibu Lodia dikenal baik."}
GROUP_FLOW: list[tuple[str, str, Any]] = [("submit", "mentor", None), ("start-review", "regency", None)]


async def _group_application(bank: Bank) -> str:
    parts = [{"enterprise_id": member, "amount_idr": 3_000_000, **CONSENT} for member in bank.members]
    answer = await bank.draft(bank.members[0], applicant_type="group", requested_amount_idr=9_000_000, allocations=parts)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _under_review(bank: Bank) -> str:
    """A group's application before its first stage, the regency's office."""
    application = await _group_application(bank)
    for verb, who, body in GROUP_FLOW:
        answer = await bank.act(application, verb, getattr(bank, who), body)
        assert answer.status_code == 200, answer.text
    return application


async def test_stages_decide_in_order_each_by_its_role_and_nobody_twice(bank: Bank) -> None:
    application = await _under_review(bank)
    early = await bank.act(application, "approve", bank.owner, COMMENT)
    assert (early.status_code, early.json()["code"], early.json()["allowed_roles"]) == (403, "not_your_stage", ["regency"])
    for body in (None, {}, {"comment": ""}):
        silent = await bank.act(application, "approve", bank.regency, body)
        assert (silent.status_code, silent.json()["code"]) == (422, "validation_failed"), "a comment is mandatory"
    elsewhere = bank.person(Role.REGENCY, regions=["53.10"])
    hidden = await bank.served.post(f"/v1/financing-applications/{application}/approve", elsewhere, COMMENT, if_match='"3"')
    assert hidden.status_code == 404
    first = await bank.act(application, "approve", bank.regency, COMMENT)
    assert (first.json()["status"], first.json()["stage_no"]) == ("under_review", 1)
    again = await bank.act(application, "approve", bank.regency, COMMENT)
    assert (again.status_code, again.json()["code"]) == (409, "officer_decided_before")
    same = bank.person(Role.PROGRAMME_OWNER, name=bank.regency.name)
    assert (await bank.act(application, "approve", same, COMMENT)).json()["code"] == "officer_decided_before"
    last = await bank.act(application, "approve", bank.owner, COMMENT | {"conditions_codes": ["mentoring_continues"]})
    assert (last.json()["status"], last.json()["conditions_codes"]) == ("approved", ["mentoring_continues"])
    assert (await bank.events(application))[-2:] == ["FinancingStageApproved", "FinancingFacilitationApproved"]
    decisions = (await bank.served.get(f"/v1/financing-applications/{application}/decisions", bank.owner)).json()["items"]
    assert [(each["stage"], each["verdict"], each["decided_by"]) for each in decisions] == [
        ("regency_office", "approved", bank.regency.name),
        ("ministry", "approved", bank.owner.name),
    ]
    assert decisions[0]["comment"] == COMMENT["comment"]
    assert "Lodia" not in "".join(row.data for row in await bank.served.outbox()), "comments stay here"


async def test_two_officers_of_a_stage_at_once_decide_once(bank: Bank) -> None:
    application = await _under_review(bank)
    path = f"/v1/financing-applications/{application}"
    etag = (await bank.served.get(path, bank.owner)).headers["etag"]
    officers = [bank.person(Role.REGENCY, regions=[REGION]) for _ in range(10)]
    answers = await asyncio.gather(*(bank.served.post(f"{path}/approve", officer, COMMENT, if_match=etag) for officer in officers))
    assert [answer.status_code for answer in answers].count(200) == 1
    decisions = (await bank.served.get(f"{path}/decisions", bank.owner)).json()["items"]
    assert len(decisions) == 1


async def test_a_referral_resumes_at_the_same_stage(bank: Bank) -> None:
    application = await _under_review(bank)
    await bank.act(application, "approve", bank.regency, COMMENT)
    past = await bank.act(application, "refer-back", bank.owner, COMMENT | {"missing_item_codes": ["npwp"], "respond_by": "2024-01-31"})
    assert (past.status_code, past.json()["code"]) == (422, "respond_by_impossible")
    referred = await bank.act(application, "refer-back", bank.owner, COMMENT | {"missing_item_codes": ["npwp", "photo"]})
    assert (referred.json()["status"], referred.json()["answer_by"]) == ("referred", "2024-03-01")
    attached = await bank.act(application, "documents", bank.mentor, {"documents": {"npwp": "ef" * 32}})
    assert (attached.status_code, attached.json()["missing_item_codes"], attached.json()["documents"]) == (200, ["photo"], {"npwp": "ef" * 32})
    wrong = await bank.act(application, "start-review", bank.regency)
    assert wrong.json()["code"] == "not_your_stage"
    resumed = await bank.act(application, "start-review", bank.owner)
    assert (resumed.json()["status"], resumed.json()["stage_no"], resumed.json()["answer_by"]) == ("under_review", 1, None)
    assert (await bank.act(application, "approve", bank.owner, COMMENT)).json()["status"] == "approved", "whoever referred it may decide it"
    assert [name for name in await bank.events(application) if "Refer" in name or "Review" in name] == [
        "FinancingReviewStarted",
        "FinancingReferredBack",
        "FinancingReviewStarted",
    ]


async def test_a_recommendation_can_be_taken_back_before_it_is_forwarded(bank: Bank) -> None:
    application = await _under_review(bank)
    await bank.act(application, "approve", bank.regency, COMMENT)
    await bank.act(application, "approve", bank.owner, COMMENT)
    undone = await bank.act(application, "undo-approval", bank.owner, COMMENT | {"reason_code": "new_information"})
    assert (undone.json()["status"], undone.json()["stage_no"]) == ("under_review", 1)
    await bank.act(application, "approve", bank.owner, COMMENT)
    await bank.act(application, "forward", bank.owner, {"lender_institution_id": str(LENDER)})
    late = await bank.act(application, "undo-approval", bank.owner, COMMENT | {"reason_code": "new_information"})
    assert (late.status_code, late.json()["code"]) == (409, "illegal_transition")


async def test_what_nobody_answers_expires_and_frees_its_applicant(bank: Bank) -> None:
    database = bank.served.runtime.database
    forwarded = await bank.forwarded(bank.members[0])
    referred = (await bank.draft(bank.members[1])).json()["id"]
    for verb, who, body in (
        ("submit", bank.mentor, None),
        ("start-review", bank.owner, None),
        ("refer-back", bank.owner, COMMENT | {"missing_item_codes": ["npwp"], "respond_by": "2024-02-10"}),
    ):
        assert (await bank.act(referred, verb, who, body)).status_code == 200
    assert await pass_day(database, date(2024, 2, 10)) == 0
    assert await pass_day(database, date(2024, 2, 11)) == 1
    assert await pass_day(database, date(2024, 3, 1)) == 0
    assert await pass_day(database, date(2024, 3, 2)) == 1
    assert await pass_day(database, date(2024, 3, 2)) == 0
    for application, state in ((forwarded, "forwarded"), (referred, "referred")):
        [event] = [row.data for row in await bank.served.outbox() if str(row.subject) == application and row.type.endswith("FinancingExpired.v1")]
        assert f'"state_at_expiry":"{state}"' in event
    late = await bank.act(forwarded, "grant", bank.lender, grant(granted_on="2024-01-31"))
    assert (late.status_code, late.json()["allowed_transitions"]) == (409, [])
    for member in bank.members[:2]:
        assert (await bank.draft(member)).status_code == 201


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"requested_amount_idr": 9_000_001}, "allocations_differ"),
        ({"allocations": []}, "allocations_differ"),
        ({"allocations": [{"amount_idr": 9_000_000, "enterprise_id": 0, **CONSENT, "consent_on": "2024-02-01"}]}, "member_consent_in_future"),
        ({"allocations": [{"amount_idr": 4_500_000, "enterprise_id": 0, **CONSENT}] * 2}, "allocations_differ"),
        ({"allocations": [{"amount_idr": 9_000_000, "enterprise_id": 3, **CONSENT}]}, "no_active_membership"),
        ({"allocations": [{"amount_idr": 9_000_000, "enterprise_id": 0, "consent_on": "2024-01-02"}]}, "validation_failed"),
        ({"applicant_type": "enterprise"}, "allocations_differ"),
        ({"applicant_type": "cooperative", "allocations": []}, "applicant_not_served"),
        (
            {"requested_amount_idr": 33_000_000, "allocations": [{"amount_idr": 11_000_000, "enterprise_id": n, **CONSENT} for n in (0, 1, 2)]},
            "amount_outside_product",
        ),
    ],
)
async def test_a_groups_parts_are_checked_as_a_whole(bank: Bank, change: dict[str, Any], code: str) -> None:
    outsider = await bank.enterprise(9)
    everybody = [*bank.members, outsider]
    parts = [{"enterprise_id": n, "amount_idr": 3_000_000, **CONSENT} for n in (0, 1, 2)]
    body = {"applicant_type": "group", "requested_amount_idr": 9_000_000, "allocations": parts} | change
    body["allocations"] = [each | {"enterprise_id": everybody[each["enterprise_id"]]} for each in body["allocations"]]
    answer = await bank.draft(bank.members[0], **body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    async with bank.served.runtime.database.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM financing_borrowers")) == 0


async def test_a_member_sees_group_financing_and_cannot_ask_twice(bank: Bank) -> None:
    application = await _group_application(bank)
    mine = (await bank.served.get("/v1/financing-applications", bank.mentor, params={"enterprise_id": bank.members[2]})).json()["items"]
    assert [(each["id"], each["applicant_type"], len(each["allocations"])) for each in mine] == [(application, "group", 3)]
    alone = await bank.draft(bank.members[2])
    assert (alone.status_code, alone.json()["code"]) == (409, "open_application_exists")
    await bank.served.act(f"/v1/groups/{bank.group_id}", f"members/{bank.members[1]}/leave", bank.mentor, {"reason_code": "moved_away"})
    left = await bank.act(application, "submit", bank.mentor)
    assert (left.status_code, left.json()["code"]) == (422, "no_active_membership")
    await bank.act(application, "withdraw", bank.mentor, {"reason_code": "no_longer_needed"})
    assert (await bank.draft(bank.members[2])).status_code == 201


async def test_a_group_that_is_granted_less_has_its_parts_named_anew(bank: Bank) -> None:
    application = await _under_review(bank)
    for verb, who, body in (
        ("approve", bank.regency, COMMENT),
        ("approve", bank.owner, COMMENT),
        ("forward", bank.owner, {"lender_institution_id": str(LENDER)}),
    ):
        await bank.act(application, verb, who, body)
    contract = grant(amount_idr=5_000_000, granted_on="2024-01-31")
    vague = await bank.act(application, "grant", bank.lender, contract)
    assert (vague.status_code, vague.json()["code"]) == (422, "allocations_differ")
    parts = [{"enterprise_id": bank.members[0], "amount_idr": 3_000_000, **CONSENT}, {"enterprise_id": bank.members[1], "amount_idr": 2_000_000, **CONSENT}]
    too_much = [parts[0] | {"amount_idr": 4_000_000}, parts[1] | {"amount_idr": 1_000_000}]
    assert (await bank.act(application, "grant", bank.lender, contract | {"allocations": too_much})).json()["code"] == "allocations_differ"
    granted = await bank.act(application, "grant", bank.lender, contract | {"allocations": parts})
    assert granted.status_code == 200, granted.text
    assert [each["amount_idr"] for each in (await bank.read(granted.json()["financing_id"]))["shares"]] == [3_000_000, 2_000_000]


async def test_the_pre_check_says_what_to_do_and_writes_nothing(bank: Bank) -> None:
    async def check(enterprise: str, product: str, amount: int, **given: Any) -> dict[str, Any]:
        body = {"programme_id": bank.programme_id, "enterprise_id": enterprise, "product_code": product, "requested_amount_idr": amount} | given
        answer = await bank.served.post("/v1/financing-pre-checks", bank.mentor, body)
        assert answer.status_code == 200, answer.text
        checked: dict[str, Any] = answer.json()
        return checked

    one, two, _ = bank.members
    before = len(await bank.served.outbox())
    fine = await check(one, "kur_super_mikro", 9_000_000, tenor_months=36)
    assert (fine["outcome"], fine["reasons"], fine["rule_version"], fine["instalment_idr"]) == ("eligible", [], "kur_super_mikro.v2", 261_731)
    young = await check(one, "kur_mikro", 60_000_000, business_started_on="2023-08-01", tenor_months=37)
    assert (young["outcome"], [each["code"] for each in young["reasons"]]) == (
        "not_eligible",
        ["tenor_too_long", "business_too_young", "documents_missing"],
    )
    assert all(each["action"] and each["action_en"] and each["action"] != each["action_en"] for each in young["reasons"])
    unknown = await check(one, "kur_mikro", 60_000_000, document_codes=["npwp"])
    assert (unknown["outcome"], [each["code"] for each in unknown["reasons"]]) == ("incomplete", ["business_age_unknown"])
    assert (await check(one, "kur_mikro", 60_000_000, document_codes=["npwp"], business_started_on="2023-07-31"))["outcome"] == "eligible"
    assert len(await bank.served.outbox()) == before
    await bank.loan(two)
    second = await check(two, "umi", 5_000_000, document_codes=["business_letter"])
    assert (second["outcome"], [each["code"] for each in second["reasons"]]) == ("not_eligible", ["open_government_credit"])
    outside = await check(await bank.enterprise(7), "kur_super_mikro", 11_000_000)
    assert [each["code"] for each in outside["reasons"]] == ["no_active_membership", "amount_outside_product"]


async def test_a_draft_is_prescreened_and_completed_before_it_is_submitted(bank: Bank) -> None:
    application = (await bank.draft(bank.members[0], product_code="umi", requested_amount_idr=5_000_000)).json()["id"]
    early = await bank.act(application, "submit", bank.mentor)
    assert (early.status_code, early.json()["code"], early.json()["document_codes"]) == (422, "documents_missing", ["business_letter"])
    screened = await bank.act(application, "prescreen", bank.mentor)
    assert (screened.json()["status"], screened.json()["prescreen_outcome"]) == ("draft", "incomplete")
    assert (await bank.act(application, "documents", bank.mentor, {"documents": {}})).status_code == 422
    await bank.act(application, "documents", bank.mentor, {"documents": {"business_letter": "ab" * 32}})
    assert (await bank.act(application, "prescreen", bank.mentor)).json()["prescreen_outcome"] == "eligible"
    assert (await bank.act(application, "submit", bank.mentor)).json()["status"] == "submitted"
    data = [row.data for row in await bank.served.outbox() if row.type.endswith("FinancingPrescreened.v1")]
    assert '"reason_codes":["documents_missing"],"rule_version":"umi.v1"' in data[0]


async def test_stages_are_public_and_dated(bank: Bank) -> None:
    [policy] = (await bank.served.get("/v1/financing-review-policies")).json()["items"]
    assert (policy["source"] != "", policy["answer_within_days"], policy["valid_from"]) == (True, 30, "2021-01-01")
    assert [[stage["code"] for stage in rule["stages"]] for rule in policy["rules"]][:2] == [["ministry"], ["regency_office", "ministry"]]
    due = (await bank.served.get(f"/v1/financing-applications/{await bank.forwarded(bank.members[0])}", bank.owner)).json()["answer_by"]
    assert due == str(bank.calendar.today + timedelta(days=30))


async def test_refusals_are_coded_and_point_to_what_mentoring_can_do(bank: Bank) -> None:
    reasons = {each["code"]: each["mentoring_goal_code"] for each in (await bank.served.get("/v1/financing-refusal-reasons")).json()["items"]}
    assert (reasons["insufficient_cash_flow"], reasons["lender_quota_used"]) == ("cash_flow", None)
    application = await bank.forwarded(bank.members[0])
    prose = await bank.act(application, "decline", bank.lender, {"reason_codes": ["Arus kas kurang"]})
    assert (prose.status_code, prose.json()["code"]) == (422, "validation_failed")
    declined = await bank.act(application, "decline", bank.lender, {"reason_codes": ["insufficient_cash_flow"]})
    assert (declined.json()["status"], declined.json()["reason_codes"]) == ("declined", ["insufficient_cash_flow"])
    assert (await bank.draft(bank.members[0])).status_code == 201, "it may ask again"
