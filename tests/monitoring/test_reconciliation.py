"""Reconciliation against services that say what the test wants."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.monitoring.overview.reconciliation import FIGURES_OF
from shared import telemetry
from shared.eventlog.postgres import PostgresLog
from tests.kit import Served
from tests.monitoring.conftest import events_applied
from tests.monitoring.story import Story, records

STORY = Story(size=4, busy=3, quiet=0)
Totals = dict[str, list[dict[str, Any]]]


def true_totals() -> Totals:
    """What the services would say: added up the plain way."""
    regions = sorted({region for region, _ in STORY.expected})
    answers: Totals = {
        service: [{"region_code": region} | {figure: STORY.expected.get((region, figure), 0) for figure in FIGURES_OF[service]} for region in regions]
        for service in ("coordination", "facilitation")
    }
    answers["mapping"] = [{"region_code": place["region_code"], "province_code": place["province_code"], "rank": n + 1} for n, place in enumerate(STORY.places)]
    return answers


class Services:
    """The other services, as a transport."""

    def __init__(self) -> None:
        self.totals = true_totals()
        self.instead: dict[str, Callable[[], httpx.Response]] = {}
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        service = request.url.path.split("/")[1]
        self.asked.append(request.url.path)
        if request.url.path.endswith("/readyz"):
            return httpx.Response(200, json={"checks": {"outbox": {"detail": "0 unpublished, oldest 0.0 s"}}})
        assert request.url.params["programme_id"] == str(STORY.programme)
        return self.instead[service]() if service in self.instead else httpx.Response(200, json={"items": self.totals[service]})


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
async def served(monitoring: Served, log: PostgresLog, eventually: Callable[..., Any], services: Services) -> Served:
    feed = records(STORY.shuffled(1))
    await log.append(feed)

    async def applied() -> bool:
        return await events_applied(monitoring.runtime.engine) == len(feed)

    await eventually(applied)
    monitoring.app.state.http_transport = httpx.MockTransport(services)
    return monitoring


PATH = f"/v1/reconciliation?programme_id={STORY.programme}"


async def test_equal_to_the_rupiah(served: Served) -> None:
    body = (await served.get(PATH)).json()
    assert body["differences"] == []
    assert body["all_zero"] is True
    granted = next(total for total in body["totals"] if total["figure"] == "granted_idr")
    assert granted["monitored"] == granted["reported"] > 0
    assert body["outboxes"]["coordination"] == "0 unpublished, oldest 0.0 s"
    assert body["as_of"] is not None
    assert "eventually consistent" in body["note"]


async def test_one_rupiah_is_found_and_named(served: Served, services: Services) -> None:
    region = services.totals["facilitation"][0]["region_code"]
    services.totals["facilitation"][0]["granted_idr"] += 1
    body = (await served.get(PATH)).json()
    (found,) = body["differences"]
    assert (found["service"], found["figure"], found["region_code"], found["difference"]) == ("facilitation", "granted_idr", region, -1)
    assert found["monitored"] + 1 == found["reported"]
    assert body["all_zero"] is False
    page = (await served.get("/dashboard")).text
    assert "Ada selisih (1)" in page
    assert "granted_idr" in page


async def test_regions_that_only_one_side_knows(served: Served, services: Services) -> None:
    gone = services.totals["mapping"].pop()
    services.totals["coordination"].append({"region_code": "11.01", "commitments": 2, "pledged_idr": 0, "verified_idr": 0, "fulfilled": 0})
    found = {(d["figure"], d["region_code"]): d["difference"] for d in (await served.get(PATH)).json()["differences"]}
    assert found == {
        ("commitments", "11.01"): -2,
        ("locations", gone["region_code"]): 1,
        ("rank", gone["region_code"]): gone["rank"],
        ("province_code", gone["region_code"]): int(gone["province_code"]),
    }


def _raise(error: Exception) -> Any:
    def respond() -> httpx.Response:
        raise error

    return respond


@pytest.mark.parametrize(
    "instead",
    [
        _raise(httpx.ConnectError("refused")),
        _raise(httpx.ReadTimeout("slow")),
        lambda: httpx.Response(500),
        lambda: httpx.Response(302, headers={"Location": "http://169.254.169.254/"}),
        lambda: httpx.Response(200, text="<html>"),
        lambda: httpx.Response(200, json={"items": [{"region_code": "53.04"}]}),
        lambda: httpx.Response(200, json={"items": [{"region_code": "53.04", "commitments": "many"}]}),
        lambda: httpx.Response(200, content=b'{"items": [' + b" " * 3_000_000 + b"]}"),
    ],
)
async def test_a_service_that_gives_no_totals_is_named(served: Served, services: Services, instead: Callable[[], httpx.Response]) -> None:
    services.instead["coordination"] = instead
    answer = await served.get(PATH)
    assert answer.status_code == 503
    assert (answer.json()["code"], answer.json()["service"]) == ("service_unreachable", "coordination")
    assert "Belum dapat dibandingkan" in (await served.get("/dashboard")).text


async def test_the_page_says_that_all_is_equal(served: Served) -> None:
    assert "Cocok sampai rupiah" in (await served.get("/dashboard")).text


async def test_many_readers_cause_one_comparison(served: Served, services: Services) -> None:
    answers = await asyncio.gather(*(served.get(PATH) for _ in range(20)), *(served.get("/dashboard") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len([path for path in services.asked if path.endswith("/totals")]) == 3


async def test_the_metric_that_alerts_watch(served: Served, services: Services) -> None:
    services.totals["facilitation"][0]["granted_idr"] += 7
    await served.app.state.reconciler.measure()
    assert telemetry.RECONCILE_DIFFERENCE.labels("granted_idr")._value.get() == 7
    assert telemetry.RECONCILE_DIFFERENCE.labels("pledged_idr")._value.get() == 0
