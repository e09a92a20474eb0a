"""Dashboards and alerts: they ask only for metrics and labels that exist, and what they name is where compose mounts it."""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import httpx
import prometheus_client
import pytest
import yaml  # type: ignore[import-untyped]

from services.embedded.system import SERVICES
from shared import telemetry
from shared.http.host import host

ROOT = Path(__file__).parents[2]
FILES = ROOT / "deploy" / "observability"
DASHBOARDS = sorted((FILES / "grafana" / "dashboards").glob("*.json"))
# What Prometheus itself adds: to everything that it scrapes, and as series of its own.
TARGET = {"job", "instance"}
OF_PROMETHEUS = {"up": TARGET, "ALERTS": TARGET | {"alertname", "alertstate", "severity", "service", "group", "figure"}}
FUNCTIONS = {"sum", "max", "min", "count", "topk", "rate", "increase", "min_over_time", "histogram_quantile", "vector"}
KEYWORDS = {"by", "on", "and", "or", "unless", "offset"}


@cache
def exported() -> dict[str, set[str]]:
    """Each series that `/metrics` can show, with its labels; one sample of each of our metrics is made, then taken back."""
    found = {name: set(labels) for name, labels in OF_PROMETHEUS.items()}
    ours = [metric for metric in vars(telemetry).values() if isinstance(metric, prometheus_client.metrics.MetricWrapperBase)]
    assert len(ours) >= 7
    samples = []
    for metric in ours:
        given = dict.fromkeys(metric._labelnames, "observability")
        metric.labels(**given)
        samples += [line for line in prometheus_client.generate_latest().decode().splitlines() if '="observability"' in line]
        metric.remove(*given.values())
    for line in samples:
        series = re.fullmatch(r"(\w+)\{(.+)\} \S+", line)
        assert series
        found.setdefault(series[1], set()).update(TARGET, re.findall(r'(\w+)="', series[2]))
    return found


def alerts() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load((FILES / "alerts.yml").read_text())["groups"] for rule in group["rules"]]


def dashboards() -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in DASHBOARDS:
        yield path, json.loads(path.read_text())


def expressions() -> list[tuple[str, str]]:
    """Every question that is asked, by what asks it."""
    shown = [
        (f"{board['uid']}: {panel['title']} {target['refId']}", target["expr"])
        for _, board in dashboards()
        for panel in board["panels"]
        for target in panel["targets"]
    ]
    return shown + [(rule["alert"], rule["expr"]) for rule in alerts()]


def mistakes(expression: str) -> list[str]:
    """Names in a PromQL expression that nothing exports. It knows as much of the language as is used here."""
    wrong, rest = [], expression.replace("$__rate_interval", "5m")
    rest = re.sub(r"\[\w+(:\w*)?\]|\boffset \w+", " ", rest)
    metrics: set[str] = set()
    # A selector: its metric and the labels that its matchers name.
    for metric, matchers in re.findall(r"([a-zA-Z_:]\w*)\s*\{([^}]*)\}", rest):
        labels = re.findall(r'(\w+)\s*(?:=~|!~|!=|=)\s*"', matchers)
        wrong += [f"{metric}{{{label}}}" for label in labels if label not in exported().get(metric, set(labels))]
    rest = re.sub(r"\{[^}]*\}", " ", rest)
    grouped = [label.strip() for labels in re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", rest) for label in labels.split(",")]
    rest = re.sub(r"\b(by|on)\s*\([^)]*\)", " ", rest)
    for name, call in re.findall(r"\b([a-zA-Z_]\w*)\b(\s*\()?", rest):
        if call and name not in KEYWORDS:
            wrong += [] if name in FUNCTIONS else [f"{name}()"]
        elif name not in KEYWORDS:
            metrics.add(name)
    wrong += [name for name in metrics if name not in exported()]
    wrong += [f"by ({label})" for label in grouped if any(label not in exported().get(metric, {label}) for metric in metrics)]
    return wrong if metrics else [*wrong, "it asks for no metric"]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("sum by (service) (rate(entaskan_outbox_published_total[5m]))", []),
        ("sum by (service) (rate(entaskan_outbox_published[5m]))", ["entaskan_outbox_published"]),
        ("sum by (group) (entaskan_outbox_unpublished)", ["by (group)"]),
        ('http_server_request_duration_seconds_count{status="500"}', ["http_server_request_duration_seconds_count{status}"]),
        ("sum by (le) (rate(http_server_request_duration_seconds_count[5m]))", ["by (le)"]),
        ("avreage(up)", ["avreage()"]),
        ("vector(0)", ["it asks for no metric"]),
    ],
)
def test_a_wrong_name_is_noticed(expression: str, found: list[str]) -> None:
    assert mistakes(expression) == found


@pytest.mark.parametrize(("where", "expression"), expressions())
def test_only_what_is_exported_is_asked_for(where: str, expression: str) -> None:
    assert mistakes(expression) == [], where


def test_every_metric_of_ours_is_shown_and_every_gauge_is_watched() -> None:
    asked = " ".join(expression for _, expression in expressions())
    watched = " ".join(rule["expr"] for rule in alerts())
    names = exported().keys() - OF_PROMETHEUS.keys()
    families = {re.sub(r"_(bucket|sum|count|created)$", "", name) for name in names}
    assert [name for name in sorted(families) if name not in asked] == []
    for name in ("oldest_age_seconds", "consumer_lag", "parked_messages", "reconcile_difference", "log_rewound_total", "up{"):
        assert name in watched


async def test_services_answer_at_the_path_that_is_scraped() -> None:
    telemetry.PARKED.labels("observability").set(0)
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(host({})), base_url="http://coordination:8000") as client:
            answer = await client.get("/metrics")
    finally:
        telemetry.PARKED.remove("observability")
    assert answer.status_code == 200
    assert 'entaskan_parked_messages{group="observability"} 0.0' in answer.text


def test_every_service_is_scraped_where_compose_has_it() -> None:
    config = yaml.safe_load((FILES / "prometheus.yml").read_text())
    (job,) = config["scrape_configs"]
    assert job["static_configs"] == [{"targets": [f"{service.name}:8000" for service in SERVICES]}]
    assert job.get("metrics_path", "/metrics") == "/metrics"
    assert job["job_name"] == "entaskan", "alerts name it"
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    for service in SERVICES:
        assert set(services[service.name]["networks"]) & set(services["prometheus"]["networks"])


def test_each_file_is_mounted_where_it_is_looked_for() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    mounted = {}
    for name in ("prometheus", "grafana"):
        for source, target, mode in (volume.split(":") for volume in services[name]["volumes"] if volume.startswith("./")):
            assert mode == "ro"
            mounted[target] = ROOT / source
    (config,) = [option.partition("=")[2] for option in services["prometheus"]["command"] if option.startswith("--config.file=")]
    assert mounted[config] == FILES / "prometheus.yml"
    for rules in yaml.safe_load(mounted[config].read_text())["rule_files"]:
        assert mounted[str(PurePosixPath(config).parent / rules)] == FILES / rules
    (provider,) = yaml.safe_load((mounted["/etc/grafana/provisioning/dashboards"] / "entaskan.yml").read_text())["providers"]
    assert mounted[provider["options"]["path"]] == DASHBOARDS[0].parent
    (source,) = yaml.safe_load((mounted["/etc/grafana/provisioning/datasources"] / "prometheus.yml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
    assert set(services["grafana"]["networks"]) & set(services["prometheus"]["networks"])


def test_dashboards_are_told_apart_and_use_the_one_source() -> None:
    (source,) = yaml.safe_load((FILES / "grafana" / "provisioning" / "datasources" / "prometheus.yml").read_text())["datasources"]
    reference = {"type": source["type"], "uid": source["uid"]}
    boards = [board for _, board in dashboards()]
    assert len(boards) == len({board["uid"] for board in boards}) == len({board["title"] for board in boards}) >= 2
    for board in boards:
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
        for panel in board["panels"]:
            assert " / " in panel["title"], "Indonesian / English"
            assert panel["datasource"] == reference
            assert all(target["datasource"] == reference for target in panel["targets"])
        for variable in board["templating"]["list"]:
            assert variable["datasource"] == reference
            metric, label = re.findall(r"label_values\((\w+), (\w+)\)", variable["query"]["query"])[0]
            assert label in exported()[metric]
        declared = {variable["name"] for variable in board["templating"]["list"]} | {"__rate_interval"}
        assert set(re.findall(r"\$(\w+)", json.dumps([panel["targets"] for panel in board["panels"]]))) <= declared


def test_panels_do_not_lie_over_each_other() -> None:
    for path, board in dashboards():
        taken: set[tuple[int, int]] = set()
        for panel in board["panels"]:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            assert at["x"] + at["w"] <= 24
            assert not cells & taken, (path.name, panel["title"])
            taken |= cells


def test_every_alert_says_what_to_do_in_both_languages_and_has_a_case_that_fires() -> None:
    names = [rule["alert"] for rule in alerts()]
    assert len(set(names)) == len(names)
    for rule in alerts():
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert " / " in rule["annotations"]["summary"]
        assert " / " in rule["annotations"]["description"]
    fires = [
        *(case["alertname"] for test in _cases() for case in test.get("alert_rule_test", []) if case.get("exp_alerts")),
        *(
            name
            for test in _cases()
            for case in test.get("promql_expr_test", [])
            for sample in case.get("exp_samples", [])
            for name in _named(sample["labels"])
        ),
    ]
    assert set(fires) == set(names)


def _cases() -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = yaml.safe_load((FILES / "alerts_test.yml").read_text())["tests"]
    return cases


def _named(labels: str) -> list[str]:
    return re.findall(r'alertname="(\w+)", alertstate="firing"', labels)


async def test_prometheus_own_tool_accepts_configuration_and_rules() -> None:
    promtool = shutil.which("promtool")
    assert promtool, "promtool is missing; make tools installs it"
    for arguments in (["check", "config", FILES / "prometheus.yml"], ["test", "rules", FILES / "alerts_test.yml"]):
        done = await asyncio.to_thread(subprocess.run, [promtool, *arguments], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
