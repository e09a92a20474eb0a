"""Financing from outside: from draft to grant, and what stands in the way."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from shared.clock import today
from shared.security.identity import Role
from tests.facilitation.story import REGION, Story, grant, nik


async def test_an_application_lives_from_draft_to_grant(prioritised: Story) -> None:
    story = prioritised
    group_id, (enterprise, *_) = await story.active_group()
    application = await story.forwarded(enterprise)
    done = await story.act(application, "grant", story.lender, grant())
    assert done.status_code == 200, done.text
    answer = done.json()
    assert (answer["status"], answer["granted_amount_idr"], answer["group_id"]) == ("granted", 8_000_000, group_id)
    assert [row.type.split(".")[2] for row in await story.served.outbox() if str(row.subject) == application] == [
        "FinancingApplicationDrafted",
        "FinancingApplied",
        "FinancingReviewStarted",
        "FinancingFacilitationApproved",
        "FinancingForwarded",
        "FinancingGranted",
    ]


async def test_drafting_says_which_part_of_the_indirect_rule_is_lacking(story: Story, eventually: Callable[..., Any]) -> None:
    enterprise = await story.enterprise()
    outside = await story.draft(enterprise)
    assert (outside.status_code, outside.json()["code"]) == (422, "not_prioritised_location")
    await story.prioritise()
    await eventually(story.knows)
    alone = await story.draft(enterprise)
    assert (alone.status_code, alone.json()["code"]) == (422, "no_active_membership")
    group_id = await story.group()
    for member in (enterprise, await story.enterprise(2), await story.enterprise(3)):
        await story.join(group_id, member, "head" if member == enterprise else "member")
    early = await story.draft(enterprise)
    assert (early.status_code, early.json()["code"]) == (422, "group_not_active")
    await story.verify(group_id)
    await story.activate(group_id)
    assert (await story.draft(enterprise)).status_code == 201
    other_programme = await story.draft(enterprise, programme_id=str(uuid4()), product_code="umi")
    assert other_programme.json()["code"] == "not_prioritised_location"


async def test_submitting_asks_again(prioritised: Story) -> None:
    story = prioritised
    group_id, (enterprise, *_) = await story.active_group()
    application = (await story.draft(enterprise)).json()["id"]
    await story.served.act(f"/v1/groups/{group_id}", f"members/{enterprise}/leave", story.mentor, {"reason_code": "moved_away"})
    answer = await story.act(application, "submit", story.mentor)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_active_membership")


async def test_two_grants_at_once_are_one_grant(prioritised: Story) -> None:
    story = prioritised
    _, (enterprise, *_) = await story.active_group()
    application = await story.forwarded(enterprise)
    path = f"/v1/financing-applications/{application}"
    etag = (await story.served.get(path, story.lender)).headers["etag"]
    bodies = [grant(f"AKAD-{n}") for n in range(8)]
    answers = await asyncio.gather(*(story.served.post(f"{path}/grant", story.lender, body, if_match=etag) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert [row.type for row in await story.served.outbox()].count("entaskan.facilitation.FinancingGranted.v1") == 1


async def test_a_second_grant_lists_what_is_allowed_instead(prioritised: Story) -> None:
    story = prioritised
    _, (enterprise, *_) = await story.active_group()
    application = await story.forwarded(enterprise)
    early = await story.act(application, "withdraw", story.mentor, {"reason_code": "no_longer_needed"})
    assert (early.status_code, early.json()["allowed_transitions"]) == (409, ["decline", "expire", "grant"])
    first = await story.act(application, "grant", story.lender, grant(), key="g-1")
    again = await story.act(application, "grant", story.lender, grant("AKAD-2"))
    assert (first.status_code, again.status_code, again.json()["code"], again.json()["allowed_transitions"]) == (200, 409, "illegal_transition", [])
    replay = await story.act(application, "grant", story.lender, grant(), key="g-1")
    assert (replay.status_code, replay.content, replay.headers["idempotency-replayed"]) == (200, first.content, "true")


async def test_a_lenders_reference_names_one_contract(prioritised: Story) -> None:
    story = prioritised
    _, (one, two, _) = await story.active_group()
    first, second = await story.forwarded(one), await story.forwarded(two)
    assert (await story.act(first, "grant", story.lender, grant("SAMA"))).status_code == 200
    answer = await story.act(second, "grant", story.lender, grant("SAMA"))
    assert (answer.status_code, answer.json()["code"]) == (409, "lender_reference_taken")
    assert (await story.act(second, "grant", story.lender, grant("LAIN"))).status_code == 200


async def test_one_application_at_a_time_for_a_product(prioritised: Story) -> None:
    story = prioritised
    _, (enterprise, *_) = await story.active_group()
    both = await asyncio.gather(story.draft(enterprise), story.draft(enterprise))
    assert sorted(answer.status_code for answer in both) == [201, 409]
    [refused] = [answer for answer in both if answer.status_code == 409]
    assert refused.json()["code"] == "open_application_exists"
    [drafted] = [answer.json()["id"] for answer in both if answer.status_code == 201]
    assert (await story.draft(enterprise, product_code="umi")).status_code == 201
    await story.act(drafted, "withdraw", story.mentor, {"reason_code": "no_longer_needed"})
    assert (await story.draft(enterprise)).status_code == 201


REFUSED_DRAFTS: list[tuple[dict[str, Any], str]] = [
    ({"requested_amount_idr": 10_000_001}, "amount_outside_product"),
    ({"product_code": "kur_mikro"}, "amount_outside_product"),
    ({"product_code": "kur_akbar"}, "product_not_open"),
    ({"requested_amount_idr": 0}, "validation_failed"),
    ({"requested_amount_idr": 1.5}, "validation_failed"),
    ({"status": "granted"}, "validation_failed"),
]


async def test_a_draft_is_refused_by_name(prioritised: Story) -> None:
    _, (enterprise, *_) = await prioritised.active_group()
    for given, code in REFUSED_DRAFTS:
        answer = await prioritised.draft(enterprise, **given)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    unknown = await prioritised.draft(str(uuid4()))
    assert unknown.status_code == 404


async def test_only_the_lender_it_was_forwarded_to_sees_and_decides(prioritised: Story) -> None:
    story = prioritised
    _, (enterprise, other, _) = await story.active_group()
    application = await story.forwarded(enterprise)
    await story.draft(other)
    stranger = story.person(Role.LENDER, institution_id=uuid4())
    homeless = story.person(Role.LENDER)
    path = f"/v1/financing-applications/{application}"
    for lender in (stranger, homeless):
        assert (await story.served.get(path, lender)).status_code == 404
        assert (await story.served.get("/v1/financing-applications", lender)).json()["items"] == []
        assert (await story.served.post(f"{path}/grant", lender, grant(), if_match='"5"')).status_code == 404
    assert [item["id"] for item in (await story.served.get("/v1/financing-applications", story.lender)).json()["items"]] == [application]
    assert (await story.act(application, "grant", story.owner, grant())).status_code == 403
    assert (await story.act(application, "approve", story.lender)).status_code == 403


async def test_grants_are_bounded(prioritised: Story) -> None:
    story = prioritised
    _, (enterprise, *_) = await story.active_group()
    application = await story.forwarded(enterprise)
    tomorrow = str(today() + timedelta(days=1))
    for given, code in (
        ({"amount_idr": 9_000_001}, "amount_above_requested"),
        ({"amount_idr": 0}, "validation_failed"),
        ({"tenor_months": 61}, "tenor_too_long"),
        ({"granted_on": tomorrow}, "grant_date_impossible"),
        ({"lender_reference": "a b"}, "validation_failed"),
    ):
        answer = await story.act(application, "grant", story.lender, grant(**given))
        assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_stale_or_missing_if_match_is_refused(prioritised: Story) -> None:
    story = prioritised
    _, (enterprise, *_) = await story.active_group()
    path = f"/v1/financing-applications/{await story.forwarded(enterprise)}"
    assert (await story.served.post(f"{path}/grant", story.lender, grant(), if_match='"1"')).status_code == 412
    assert (await story.served.post(f"{path}/grant", story.lender, grant())).status_code == 428


async def test_the_programmes_owner_may_not_be_who_drafted(prioritised: Story) -> None:
    story = prioritised
    _, (enterprise, *_) = await story.active_group()
    application = (await story.draft(enterprise)).json()["id"]
    await story.act(application, "submit", story.mentor)
    await story.act(application, "start-review", story.owner)
    same = story.person(Role.PROGRAMME_OWNER, name=story.mentor.name)
    answer = await story.act(application, "approve", same, {"comment": "Layak."})
    assert (answer.status_code, answer.json()["code"]) == (409, "four_eyes")
    rejected = await story.act(application, "reject", story.owner, {"reason_codes": ["incomplete"], "comment": "Belum lengkap."})
    assert (rejected.json()["status"], rejected.json()["reason_codes"]) == ("rejected", ["incomplete"])


async def test_totals_are_the_sums_of_the_tables(prioritised: Story) -> None:
    story = prioritised
    assert (await story.served.get("/v1/totals", params={"programme_id": story.programme_id})).json() == {"items": []}
    _, (one, two, three) = await story.active_group()
    granted, declined = await story.forwarded(one), await story.forwarded(two)
    await story.act(granted, "grant", story.lender, grant())
    await story.act(declined, "decline", story.lender, {"reason_codes": ["insufficient_cash_flow"]})
    await story.draft(three)
    elsewhere = story.person(Role.MENTOR, regions=["53.10"])
    story.mentor = elsewhere
    await story.enterprise(4, region_code="53.10")
    first = {
        "region_code": REGION,
        "enterprises": 3,
        "groups": 1,
        "active_groups": 1,
        "applications": 2,
        "requested_idr": 18_000_000,
        "grants": 1,
        "granted_idr": 8_000_000,
        "declined": 1,
    }
    second = dict.fromkeys(first, 0) | {"region_code": "53.10", "enterprises": 1}
    assert (await story.served.get("/v1/totals", params={"programme_id": story.programme_id})).json() == {"items": [first, second]}
    nothing = first | {"applications": 0, "requested_idr": 0, "grants": 0, "granted_idr": 0, "declined": 0}
    assert (await story.served.get("/v1/totals", params={"programme_id": str(uuid4())})).json() == {"items": [nothing, second]}


async def test_products_are_public_and_as_of_a_day(story: Story) -> None:
    now = {item["code"]: item for item in (await story.served.get("/v1/financing-products")).json()["items"]}
    then = {item["code"]: item for item in (await story.served.get("/v1/financing-products", params={"on": "2022-06-01"})).json()["items"]}
    assert (now["kur_super_mikro"]["version"], then["kur_super_mikro"]["version"]) == (2, 1)
    assert now["kur_super_mikro"]["ceiling_idr"] == 10_000_000


async def test_a_location_announced_twice_is_known_once(prioritised: Story, eventually: Callable[..., Any]) -> None:
    story = prioritised
    await story.prioritise()
    await story.prioritise("53.05")
    await eventually(lambda: story.knows("53.05"))
    answer = await story.served.get("/v1/priority-locations", story.mentor, params={"programme_id": story.programme_id})
    assert [item["region_code"] for item in answer.json()["items"]] == [REGION, "53.05"]


async def test_every_operation_has_an_id_and_a_bilingual_summary(story: Story) -> None:
    paths = (await story.served.get("/openapi.json")).json()["paths"]
    ours = [operation for path, methods in paths.items() if path.startswith("/v1/") and "parked" not in path for operation in methods.values()]
    assert len(ours) >= 22
    assert all(operation["operationId"] and " / " in operation["summary"] and operation["description"] for operation in ours)
    assert nik() in (await story.served.get("/openapi.json")).text  # the example is this made-up one
