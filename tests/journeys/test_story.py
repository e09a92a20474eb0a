"""The whole process from pledge to grant, once on each event log, seen from outside."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import confluent_kafka
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from playwright.sync_api import Browser, sync_playwright

from services.embedded.postgres import EmbeddedPostgres
from shared.contracts import EVENT_TYPES
from tests.journeys.conftest import Running, running

WIRE_TYPE = "entaskan.mapping.LocationPrioritised.v1"
BROWSER = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def test_48_locations_in_8_provinces_are_announced(system: Running) -> None:
    locations = system.get("/mapping/v1/priority-locations", limit=200)["items"]
    assert len(locations) == 48
    assert len({location["province_code"] for location in locations}) == 8
    assert all(location["region_code"].startswith(location["province_code"] + ".") for location in locations)


def test_the_view_agrees_with_the_services_to_the_rupiah(system: Running) -> None:
    report = system.get("/monitoring/v1/reconciliation", programme_id=system.programme_id)
    assert report["all_zero"] is True
    assert report["differences"] == []
    totals = {total["figure"]: total["monitored"] for total in report["totals"]}
    assert totals["locations"] == 48
    assert totals["grants"] > 0
    assert totals["granted_idr"] > 0


def test_the_published_result_is_recomputed_by_an_independent_program(system: Running, tmp_path: Path) -> None:
    run_id = system.get("/mapping/v1/priority-locations", limit=1)["items"][0]["run_id"]
    exported = tmp_path / "result.json"
    exported.write_text(json.dumps(system.get(f"/mapping/v1/prioritisation-runs/{run_id}/result")))
    script = Path(__file__).parent.parent / "mapping" / "independent_recompute.py"
    done = subprocess.run([sys.executable, "-I", str(script), str(exported)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "selection equal: 48/48" in done.stdout


def test_every_service_is_ready_and_nothing_is_parked_or_waiting(system: Running) -> None:
    for service in ("coordination", "mapping", "facilitation", "monitoring"):
        report = system.get(f"/{service}/readyz")
        assert report["ready"] is True
        assert all(check["ok"] for check in report["checks"].values()), report


def test_no_personal_data_is_in_the_log_file(system: Running) -> None:
    lines = (system.folder / "log.jsonl").read_text()
    assert "Pemilik Peragaan" not in lines
    assert "990101" not in lines
    assert json.loads(lines.splitlines()[0])


@pytest.fixture(scope="module")
def browser() -> Any:
    with sync_playwright() as playwright:
        chromium: Browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)
        yield chromium
        chromium.close()


def test_the_dashboard_shows_the_grants_in_a_browser(system: Running, browser: Browser) -> None:
    page = browser.new_page(locale="id-ID")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{system.url}/monitoring/dashboard")
    page.screenshot(path=system.folder / "dashboard.png", full_page=True)
    totals = system.get(f"/monitoring/v1/programmes/{system.programme_id}")["totals"]
    shown = page.inner_text("body")
    assert f"Rp{totals['granted_idr']:,}".replace(",", ".") in shown
    assert page.locator("svg circle").count() >= 48
    assert page.locator("html").get_attribute("lang") == "id"
    assert complaints == []
    page.close()


def test_the_documentation_works_offline(system: Running, browser: Browser) -> None:
    page = browser.new_page(locale="id-ID")
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url) if not request.url.startswith((system.url, "data:")) else None)
    page.goto(f"{system.url}/facilitation/docs")
    page.wait_for_selector(".opblock", timeout=20_000)
    assert outside == []
    page.close()


def test_outside_consumers_read_the_same_events_from_kafka(system: Running) -> None:
    if system.kafka is None:
        return
    by_kcat = _read_by_kcat(system.kafka)
    by_confluent = _read_by_confluent(system.kafka)
    assert len(by_kcat) == len(by_confluent) == 48
    assert {event["region_code"] for event in by_kcat} == {event["region_code"] for event in by_confluent}


def _read_by_kcat(bootstrap: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        ["kcat", "-C", "-q", "-e", "-b", bootstrap, "-t", EVENT_TYPES[WIRE_TYPE].topic, "-o", "beginning", "-J"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    events = []
    for line in done.stdout.splitlines():
        message = json.loads(line)
        headers = dict(zip(message["headers"][::2], message["headers"][1::2], strict=True))
        if headers["ce_type"] == WIRE_TYPE:
            events.append(json.loads(message["payload"]))
    return events


def _read_by_confluent(bootstrap: str) -> list[dict[str, Any]]:
    settings = {"bootstrap.servers": bootstrap, "group.id": f"ext.test.{uuid4()}", "auto.offset.reset": "earliest", "enable.partition.eof": True}
    consumer = confluent_kafka.Consumer(settings)
    consumer.subscribe([EVENT_TYPES[WIRE_TYPE].topic])
    events: list[dict[str, Any]] = []
    ended: set[int | None] = set()
    sequences = Counter[str | None]()
    while len(ended) < 6:
        message = consumer.poll(20)
        assert message is not None, "no answer from Kafka"
        if error := message.error():
            assert error.code() == confluent_kafka.KafkaError._PARTITION_EOF, error
            ended.add(message.partition())
            continue
        headers: dict[str, bytes] = dict(message.headers() or [])  # type: ignore[arg-type]
        event = from_binary_event(KafkaMessage(headers, message.key(), message.value() or b""))
        subject = event.get_subject()
        sequences[subject] += 1
        assert event.get_extension("sequence") == str(sequences[subject])
        if event.get_type() == WIRE_TYPE:
            data = event.get_data()
            assert event.get_source() == "/entaskan/mapping"
            assert isinstance(data, dict)
            events.append(data)
    consumer.close()
    return events


def test_an_interrupted_system_starts_again_with_its_data(tmp_path: Path) -> None:
    with running(tmp_path / "again", "postgres", None, signal.SIGTERM) as first:
        wait = first.folder / "demo-played.json"
        wait.write_text(json.dumps({"programme": {"programme_id": "-"}}))  # the story itself is told above
        regions = first.get("/mapping/v1/regions", limit=1)
    assert ended(first.folder), "its PostgreSQL runs on"
    with running(tmp_path / "again", "postgres", None) as second:
        assert servers_of(second.folder)
        assert second.get("/mapping/v1/regions", limit=1) == regions
    assert ended(second.folder)


def ended(folder: Path) -> bool:
    """Whether its PostgreSQL is gone; `pg_ctl` waits for the lock file only, which goes a moment before the process."""
    deadline = time.monotonic() + 10
    while servers_of(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not servers_of(folder)


def servers_of(folder: Path) -> list[str]:
    """The command lines of the PostgreSQL that has its data for this folder."""
    home, _ = EmbeddedPostgres(folder / "postgres")._places()
    commands = [path.read_bytes().replace(b"\0", b" ").decode() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    return [command for command in commands if "postgres -D" in command and str(home) in command]
