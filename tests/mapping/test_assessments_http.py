"""Assessments over HTTP: every transition, who may, what is kept, what is superseded, what expires, and which regions may be ranked."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.mapping.app import SERVICE
from services.mapping.assessments.clock import keep_time
from services.mapping.assessments.domain import Assessment, AssessmentKind, AssessmentStatus
from services.mapping.assessments.handlers import expire_due
from services.mapping.assessments.queries import StandingState, standing
from services.mapping.assessments.tables import assessment_uses, written_uses
from services.mapping.reference import load_reference_tables
from shared.clock import today
from shared.security.identity import Role
from tests.kit import Person, Served

REGION = "53.04"
PERIOD = str(today().year - 1)
LATER = date(today().year + 9, 1, 1)
HASH = "9f" * 32
RECORDS = [{"expenditure": each, "weight": 2.5} for each in (100, 110, 150, 160)]
MULTIDIMENSIONAL = {
    "dimensions": [{"dimension_code": code, "weight": "1/3"} for code in ("health", "schooling", "living")],
    "cutoff": "1/3",
    "records": [{"deprived": [1, 0, 1], "group": "desa"}, {"deprived": [0, 0, 0], "group": "kota"}],
}
POVERTY: dict[str, Any] = {"households": {"line": 125, "records": RECORDS}, "multidimensional": MULTIDIMENSIONAL}
ACCESS = {"level_code": "fair", "statement": "Pasar kecamatan 4 km.", "evidence_hashes": [HASH]}
POTENTIAL: dict[str, Any] = {
    "sectors": {
        "measure": "grdp_constant_2010", "unit": "billion_idr", "source_code": "bps-grdp", "reference_area": "national", "year": 2023, "later_year": 2024,
        "region": {"A03": 500, "C": 100, "G": 400}, "region_later": {"A03": 600, "C": 110, "G": 390},
        "reference": {"A03": 100, "C": 500, "G": 400}, "reference_later": {"A03": 105, "C": 520, "G": 420},
    },
    "groups": [{"group_type": "sentra", "sector": "A03", "group_count": 2, "member_count": 41, "evidence_hashes": [HASH]}],
    "market_access": ACCESS, "finance_access": ACCESS, "infrastructure": ACCESS,
}  # fmt: skip
VERBS: dict[str, tuple[str, dict[str, Any] | None]] = {
    "submit": ("submit", {}),
    "request_revision": ("request-revision", {"reason_code": "source_unclear", "comment": "Sebutkan galatnya."}),
    "validate": ("validate", {"comment": "Telah dicocokkan."}),
    "flag_discrepancy": ("flag-discrepancy", None),
    "withdraw": ("withdraw", {"reason_code": "wrong_region"}),
}
BECOMES = {"submit": "submitted", "request_revision": "revision", "validate": "validated", "withdraw": "withdrawn"}
WAYS: dict[AssessmentStatus, list[str]] = {
    AssessmentStatus.DRAFT: [],
    AssessmentStatus.SUBMITTED: ["submit"],
    AssessmentStatus.REVISION: ["submit", "request_revision"],
    AssessmentStatus.VALIDATED: ["submit", "validate"],
    AssessmentStatus.SUPERSEDED: ["submit", "validate", "supersede"],
    AssessmentStatus.EXPIRED: ["submit", "validate", "expire"],
    AssessmentStatus.WITHDRAWN: ["withdraw"],
}


@pytest.fixture
async def served(serving: Callable[..., Any]) -> Served:
    service: Served = await serving(SERVICE)
    await load_reference_tables(service.runtime.database)
    return service


@pytest.fixture
def author(person: Callable[..., Person]) -> Person:
    return person(Role.REGENCY, regions=[REGION])


@pytest.fixture
def checker(person: Callable[..., Person]) -> Person:
    return person(Role.COORDINATOR)


class World:
    """What the tests do again and again."""

    def __init__(self, served: Served, author: Person, checker: Person) -> None:
        self.served, self.author, self.checker, self.period = served, author, checker, PERIOD

    async def draft(self, content: dict[str, Any] | None = None, **given: Any) -> str:
        """The path of a new draft."""
        body = {"kind": "poverty", "region_code": REGION, "period": self.period, "source_code": "bps-p0", "content": POVERTY if content is None else content}
        answer = await self.served.post("/v1/assessments", self.author, body | given)
        assert answer.status_code == 201, answer.text
        return f"/v1/assessments/{answer.json()['id']}"

    async def do(self, path: str, command: str, body: dict[str, Any] | None = None) -> Any:
        """The answer to a command, by who usually gives it."""
        verb, default = VERBS[command]
        by = self.author if command == "submit" else self.checker
        return await self.served.act(path, verb, by, default if body is None else body)

    async def validated(self, content: dict[str, Any] | None = None, **given: Any) -> str:
        """The path of a new one that was validated."""
        path = await self.draft(content, **given)
        for command in ("submit", "validate"):
            answer = await self.do(path, command)
            assert answer.status_code == 200, answer.text
        return path

    async def at(self, status: AssessmentStatus) -> str:
        """The path of one in that state."""
        path = await self.draft()
        for command in WAYS[status]:
            if command == "supersede":
                await self.validated()
            elif command == "expire":
                assert await expire_due(self.served.runtime.database, LATER) >= 1
            else:
                await self.do(path, command)
        assert await self.status(path) == status
        return path

    async def status(self, path: str) -> str:
        return str((await self.served.get(path, self.checker)).json()["status"])

    async def events(self) -> list[tuple[str, dict[str, Any]]]:
        """Of assessments, in order."""
        rows = [(row.type.split(".")[2], json.loads(row.data)) for row in await self.served.outbox()]
        return [(name, data) for name, data in rows if not name.startswith("Region")]


@pytest.fixture
def world(served: Served, author: Person, checker: Person) -> World:
    return World(served, author, checker)


async def test_what_the_table_allows_happens_and_the_rest_is_409(world: World) -> None:
    """For every state a period of its own, so that none of them supersedes another's."""
    for back, status in enumerate(AssessmentStatus):
        world.period = str(int(PERIOD) - back)
        await follow(world, status)


async def follow(world: World, status: AssessmentStatus) -> None:
    """Try every command on assessments in that state."""
    allowed = Assessment.TRANSITIONS[status]
    path = await world.at(status)
    for command in sorted(VERBS.keys() - allowed):
        answer = await world.do(path, command)
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition"), (status, command)
        assert answer.json()["allowed_transitions"] == sorted(allowed)
    assert await world.status(path) == status
    for command in sorted(VERBS.keys() & allowed):
        path = await world.at(status)
        if command == "flag_discrepancy":
            other = await world.draft({"figures": [figure("poverty_rate", "90")], "missing": missing("poverty_rate")}, source_code="p3ke-2024")
            assert (await world.do(other, "submit")).status_code == 200
        answer = await world.do(path, command)
        assert (answer.status_code, answer.json()["status"]) == (200, BECOMES.get(command, status)), (status, command, answer.text)


def figure(code: str, value: str, **given: Any) -> dict[str, Any]:
    default = {"unit": "percent", "source_code": "p3ke-2024", "year": int(PERIOD), "method_code": "registry", "licence_code": "restricted"}
    return default | {"indicator_code": code, "value": value} | given


def missing(*present: str) -> list[dict[str, str]]:
    wanted = ("poverty_rate", "number_of_poor", "poverty_gap", "poverty_severity", "multidimensional")
    return [{"criterion_code": code, "reason_code": "not_surveyed"} for code in wanted if code not in present]


async def test_from_draft_to_a_successor_with_every_event(world: World) -> None:
    path = await world.draft()
    await world.do(path, "submit")
    await world.do(path, "request_revision")
    revised = {
        "poverty": {
            "households": {"line": 125, "records": RECORDS[:3]},
            "missing": missing("poverty_rate", "number_of_poor", "poverty_gap", "poverty_severity"),
        }
    }
    assert (await world.do(path, "submit", revised)).json()["content"]["households"]["record_count"] == 3
    assert (await world.do(path, "validate")).json()["comment"] == "Telah dicocokkan."
    newer = await world.validated()
    first, second = path.rpartition("/")[2], newer.rpartition("/")[2]
    events = await world.events()
    assert [name for name, _ in events] == [
        "AssessmentDrafted", "AssessmentSubmitted", "AssessmentRevisionRequested", "AssessmentSubmitted", "AssessmentValidated",
        "AssessmentDrafted", "AssessmentSubmitted", "AssessmentSuperseded", "AssessmentValidated",
    ]  # fmt: skip
    by_name = dict(events)
    assert by_name["AssessmentSuperseded"] == {"assessment_id": first, "superseded_by_assessment_id": second}
    submitted = [data for name, data in events if name == "AssessmentSubmitted"]
    assert [(data["criteria_count"], data["missing_criteria_codes"]) for data in submitted] == [(5, []), (4, ["multidimensional"]), (5, [])]
    validated = by_name["AssessmentValidated"]
    assert (validated["assessment_id"], validated["data_year"], validated["source_code"]) == (second, int(PERIOD), "bps-p0")
    assert validated["criteria_codes"] == ["multidimensional", "number_of_poor", "poverty_gap", "poverty_rate", "poverty_severity"]
    old = (await world.served.get(path, world.author)).json()
    assert (old["status"], old["superseded_by_id"], old["ended_on"]) == ("superseded", second, today().isoformat())


async def test_records_are_measured_and_not_kept(world: World) -> None:
    path = await world.draft({"households": {"line": 125, "records": [{"expenditure": 123456.25}, {"expenditure": 124.5}]}})
    households = (await world.served.get(path, world.author)).json()["content"]["households"]
    assert households["records_hash"] == sha256(b"[[123456.25,1.0,null],[124.5,1.0,null]]").hexdigest()
    assert (households["record_count"], households["shares"]["headcount"], households["poor"]) == (2, 0.5, 1)
    async with world.served.runtime.engine.connect() as connection:
        everything = await connection.scalar(text("SELECT string_agg(to_jsonb(a)::text, '') FROM assessments a"))
        stored = await connection.scalar(text("SELECT string_agg(encode(answer, 'escape'), '') FROM idempotency_keys"))
    assert "123456.25" not in everything + stored


async def test_the_author_does_not_decide_and_regions_are_kept_apart(world: World, person: Callable[..., Person]) -> None:
    served, path = world.served, await world.draft()
    await world.do(path, "submit")
    same = person(Role.COORDINATOR, name=world.author.name)
    for verb, body in (VERBS["validate"], VERBS["request_revision"]):
        assert (await served.act(path, verb, same, body)).json()["code"] == "four_eyes"
        assert (await served.act(path, verb, person(Role.AUDITOR), body)).status_code == 403
    elsewhere = person(Role.REGENCY, regions=["53.05"])
    assert (await served.get(path, elsewhere)).status_code == 404
    assert (await served.post(f"{path}/submit", elsewhere, {}, if_match='"2"')).status_code == 404
    assert (await served.get("/v1/assessments", elsewhere)).json()["items"] == []
    body = {"kind": "poverty", "region_code": REGION, "period": PERIOD, "source_code": "bps-p0"}
    assert (await served.post("/v1/assessments", elsewhere, body)).status_code == 404
    assert (await served.post("/v1/assessments", person(Role.LENDER), body)).status_code == 403
    assert (await served.get(path)).status_code == 401
    assert (await served.post(f"{path}/validate", world.checker, {})).json()["code"] == "if_match_missing"
    assert (await served.post(f"{path}/validate", world.checker, {}, if_match='"1"')).status_code == 412


NOT_ALLOWED: list[tuple[dict[str, Any], str]] = [
    ({"region_code": "98.01"}, "region_not_assessable"),
    ({"region_code": "53"}, "validation_failed"),
    ({"period": str(today().year + 1)}, "period_in_future"),
    ({"period": "2021-13"}, "validation_failed"),
    ({"kind": "wealth"}, "validation_failed"),
    ({"content": {"households": {"line": 0, "records": RECORDS}}}, "measures.invalid_line"),
    ({"content": POTENTIAL}, "validation_failed"),
    ({"content": {"figures": [figure("poverty_rate", "1"), figure("poverty_rate", "2")]}}, "validation_failed"),
    ({"kind": "local_potential", "content": {"sectors": POTENTIAL["sectors"] | {"region": {"rubber": 1}}}}, "validation_failed"),
    ({"kind": "local_potential", "content": {"market_access": ACCESS | {"evidence_hashes": []}}}, "validation_failed"),
]


async def test_what_cannot_be_drafted_is_said(world: World, person: Callable[..., Person]) -> None:
    owner = person(Role.PROGRAMME_OWNER)
    for given, problem in NOT_ALLOWED:
        body = {"kind": "poverty", "region_code": REGION, "period": PERIOD, "source_code": "bps-p0"} | given
        answer = await world.served.post("/v1/assessments", owner, body)
        assert (answer.status_code, answer.json()["code"]) == (422, problem), (given, answer.text)
    assert await world.events() == []


async def test_what_is_lacking_is_named_at_submission(world: World) -> None:
    path = await world.draft({})
    answer = (await world.do(path, "submit")).json()
    assert (answer["code"], len(answer["missing_criteria"])) == ("criteria_missing", 5)
    answer = (await world.do(path, "submit", {"local_potential": POTENTIAL})).json()
    assert (answer["code"], answer["kind"]) == ("content_of_other_kind", "poverty")
    assert (await world.do(path, "submit", {"poverty": POVERTY, "local_potential": POTENTIAL})).json()["code"] == "validation_failed"
    assert (await world.do(path, "submit", {"poverty": {"missing": missing()}})).status_code == 200


async def test_a_source_that_differs_from_what_bps_publishes_is_flagged(world: World) -> None:
    """The shipped rate of March 2021 is compared without being asked; accepting the difference takes a comment."""
    path = await world.draft(
        {"figures": [figure("poverty_rate", "45", year=2021)], "missing": missing("poverty_rate")}, period="2021-03", source_code="p3ke-2024"
    )
    found = (await world.do(path, "submit")).json()["discrepancies"]
    assert [(each["indicator_code"], each["source_a"], each["source_b"]) for each in found] == [("poverty_rate", "bps-p0-2021", "p3ke-2024")]
    flagged = [data for name, data in await world.events() if name == "SourceDiscrepancyDetected"]
    assert [(data["region_code"], data["relative_difference"]) for data in flagged] == [(REGION, found[0]["relative_difference"])]
    refused = (await world.do(path, "validate", {})).json()
    assert (refused["code"], refused["findings"]) == ("comment_required", ["source_discrepancy"])
    assert (await world.do(path, "flag_discrepancy")).json()["code"] == "no_discrepancy"
    assert (await world.do(path, "validate")).status_code == 200


async def test_twenty_at_once_leave_one_validated(world: World, person: Callable[..., Person]) -> None:
    """Twenty assessments of one region, kind and period, each submitted by its author and validated at the same moment."""
    paths = [await world.draft() for _ in range(20)]
    for path in paths:
        assert (await world.do(path, "submit")).status_code == 200
    answers = await asyncio.gather(*(world.served.act(path, "validate", person(Role.COORDINATOR), {}) for path in paths))
    codes = Counter(answer.status_code for answer in answers)
    assert set(codes) <= {200, 409}, [answer.text for answer in answers]
    statuses = Counter([await world.status(path) for path in paths])
    names = Counter(name for name, _ in await world.events())
    assert statuses["validated"] == 1
    assert statuses["superseded"] == names["AssessmentSuperseded"] == codes[200] - 1
    assert statuses["submitted"] == codes[409]
    assert names["AssessmentValidated"] == codes[200]


async def test_one_validated_twenty_times_at_once_is_so_once(world: World, person: Callable[..., Person]) -> None:
    old, path = await world.validated(), await world.draft()
    await world.do(path, "submit")
    answers = await asyncio.gather(*(world.served.act(path, "validate", person(Role.COORDINATOR), {}) for _ in range(20)))
    codes = Counter(answer.status_code for answer in answers)
    assert codes[200] == 1
    assert set(codes) <= {200, 409, 412}
    names = Counter(name for name, _ in await world.events())
    assert (names["AssessmentValidated"], names["AssessmentSuperseded"]) == (2, 1)
    assert await world.status(old) == "superseded"


async def test_other_periods_and_kinds_stay(world: World) -> None:
    one = await world.validated()
    other = await world.validated(period=str(int(PERIOD) - 1))
    potential = await world.validated(POTENTIAL, kind="local_potential")
    assert [await world.status(path) for path in (one, other, potential)] == ["validated"] * 3


async def test_the_clock_expires_each_once(world: World, eventually: Callable[..., Any]) -> None:
    path = await world.validated()
    database = world.served.runtime.database
    assert await expire_due(database, today()) == 0
    assert sorted(await asyncio.gather(*(expire_due(database, LATER) for _ in range(4)))) == [0, 0, 0, 1]
    assert await world.status(path) == "expired"
    expired = [data for name, data in await world.events() if name == "AssessmentExpired"]
    assert [(data["assessment_kind"], data["months_old"]) for data in expired] == [("poverty", 12 * (LATER.year - int(PERIOD) - 1))]
    old = await world.validated(period="2015")
    stopping = asyncio.Event()
    clock = asyncio.create_task(keep_time(database, stopping))

    async def gone() -> bool:
        return await world.status(old) == "expired"

    await eventually(gone)
    stopping.set()
    await clock


async def test_one_that_a_published_run_uses_is_not_withdrawn(world: World) -> None:
    used, free = UUID((await world.validated()).rpartition("/")[2]), UUID((await world.validated(period="2015")).rpartition("/")[2])
    published, draft = uuid4(), uuid4()
    async with world.served.runtime.engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))  # a run without its programme and model
        for run, status in ((published, "published"), (draft, "computed")):
            await connection.execute(
                text(
                    "INSERT INTO prioritisation_runs (id, version, programme_id, model_id, model_code, model_version, population_period, "
                    "area_quota, province_quota, policy, constraints, author, status, excluded_region_codes, waived_region_codes, selected, overrides, "
                    "deprioritised) VALUES (:run, 1, :run, :run, 'm', 1, '2017', 1, 1, '{}', '{}', 'a', :status, '[]', '[]', '[]', '[]', '[]')"
                ),
                {"run": run, "status": status},
            )
        await connection.execute(*written_uses(published, [used]))
        await connection.execute(*written_uses(draft, [used, free]))
        await connection.execute(*written_uses(draft, [used, free]))
        assert len((await connection.execute(assessment_uses.select())).all()) == 3
    refused = await world.do(f"/v1/assessments/{used}", "withdraw")
    assert (refused.status_code, refused.json()["code"]) == (409, "used_by_published_run")
    assert (await world.do(f"/v1/assessments/{free}", "withdraw")).json()["reason_code"] == "wrong_region"


async def test_a_region_may_be_ranked_with_both_dimensions_fresh(world: World) -> None:
    await world.validated()
    fresh, old = date(int(PERIOD) + 1, 1, 31), date(int(PERIOD) + 3, 6, 30)
    expected: list[tuple[date, str, str, bool, bool]] = []
    expected.append((fresh, "current", "missing", False, False))
    await seen(world, expected)
    await world.validated(POTENTIAL, kind="local_potential")
    expected = [(fresh, "current", "current", True, True), (old, "stale", "current", False, True)]
    await seen(world, expected)
    await expire_due(world.served.runtime.database, old)
    await seen(world, expected)
    async with world.served.runtime.engine.connect() as connection:
        other = await standing(connection, ["53.05", REGION], fresh, PERIOD)
        assert list(other) == ["53.05", REGION]
        assert set(other["53.05"].states.values()) == {StandingState.MISSING}
        assert set((await standing(connection, [REGION], fresh, "2015"))[REGION].states.values()) == {StandingState.MISSING}


async def seen(world: World, expected: list[tuple[date, str, str, bool, bool]]) -> None:
    async with world.served.runtime.engine.connect() as connection:
        for on, poverty, potential, rankable, waivable in expected:
            found = (await standing(connection, [REGION], on, PERIOD))[REGION]
            assert found.states == {AssessmentKind.POVERTY: poverty, AssessmentKind.LOCAL_POTENTIAL: potential}
            assert (found.rankable, found.waivable) == (rankable, waivable)
            assert set(found.assessment_ids) == {kind for kind, state in found.states.items() if state != "missing"}


async def test_a_profile_shows_both_dimensions_and_who_is_in_charge(world: World) -> None:
    empty = (await world.served.get(f"/v1/regions/{REGION}/profile")).json()
    assert (empty["poverty"], empty["local_potential"], empty["dominant_sectors"]) == (None, None, [])
    many = [record | {"group": group} for group in ("desa", "kota") for record in RECORDS * 8]
    await world.validated(POVERTY | {"households": {"line": 125, "records": many}})
    await world.validated(POTENTIAL, kind="local_potential")
    profile = (await world.served.get(f"/v1/regions/{REGION}/profile")).json()
    assert profile["name"]
    assert (profile["poverty"]["households"]["shares"]["headcount"], profile["poverty"]["state"]) == (0.5, "current")
    assert [group["record_count"] for group in profile["poverty"]["households"]["groups"]] == [32, 32]
    assert profile["poverty"]["multidimensional"] is None, "two records tell who they are of"
    assert profile["local_potential"]["groups"][0]["member_count"] == 41
    assert [each["sector"] for each in profile["dominant_sectors"]] == ["A03"]
    leading = profile["dominant_sectors"][0]
    by_hand = (600 / 1100) / (105 / 1045)
    assert float(leading["location_quotient"]) == pytest.approx(by_hand, abs=1e-6)
    assert leading["klassen"] == "prime"
    assert [(each["ministry_code"], each["legal_basis"] != "") for each in leading["ministries"]] == [("kkp", True), ("kemnaker", True), ("bkpm", True)]
    indicators = {each["indicator_code"]: each for each in profile["indicators"]}
    assert (indicators["poverty_rate"]["period"], indicators["poverty_rate"]["source_code"]) == ("2021-03", "bps-p0-2021")
    shown = json.dumps(profile)
    assert "Pasar kecamatan" not in shown
    assert world.author.name not in shown
    assert (await world.served.get("/v1/regions/98.01/profile")).status_code == 404


async def test_lists_are_filtered_and_paged(world: World) -> None:
    paths = [await world.draft(period=str(int(PERIOD) - back)) for back in range(3)]
    paths.append(await world.validated(POTENTIAL, kind="local_potential"))

    async def listed(**params: str) -> list[str]:
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            answer = (await world.served.get("/v1/assessments", world.checker, params={"limit": "2"} | params | cursor)).json()
            found += [f"/v1/assessments/{item['id']}" for item in answer["items"]]
            if not answer["next_cursor"]:
                return found
            cursor = {"cursor": answer["next_cursor"]}

    assert await listed() == await listed(region_code="53") == await listed(region_code=REGION) == paths
    assert await listed(kind="poverty") == paths[:3]
    assert await listed(status="validated") == await listed(on=today().isoformat()) == paths[3:]
    assert await listed(period=str(int(PERIOD) - 2)) == paths[2:3]
    assert await listed(region_code="53.05") == await listed(on="2020-01-01") == []
    item = (await world.served.get("/v1/assessments", world.checker)).json()["items"][0]
    assert "content" not in item


async def test_a_profile_tells_no_household(world: World) -> None:
    """A small subgroup would follow from the whole and the other subgroups, so all of them are left out."""
    records = [record | {"group": "desa"} for record in RECORDS * 8] + [{"expenditure": 77, "group": "kota"}]
    path = await world.validated(POVERTY | {"households": {"line": 125, "records": records}})
    profile = (await world.served.get(f"/v1/regions/{REGION}/profile")).json()
    assert (profile["poverty"]["households"]["record_count"], profile["poverty"]["households"]["groups"]) == (33, [])
    assert len((await world.served.get(path, world.checker)).json()["content"]["households"]["groups"]) == 2
    await world.validated()
    assert (await world.served.get(f"/v1/regions/{REGION}/profile")).json()["poverty"]["households"] is None
