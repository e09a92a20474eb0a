"""What the view shows and what the services' own tables add up to, each read by plain SQL of its own."""

from collections.abc import Sequence
from typing import Any

from tests.properties.system import CONSUMERS, PUBLISHERS, System

Figures = dict[tuple[str, str, str], int]
"""By programme ("" where a figure belongs to the region alone), region and name; zeros are left out."""

NOT_MONOTONE = {"members"}

_TABLES = {
    "coordination": [
        """SELECT programme_id, location_code AS region_code, count(*) AS commitments, sum(amount_idr)::bigint AS pledged_idr,
           sum(verified_amount_idr)::bigint AS verified_idr, count(*) FILTER (WHERE status = 'fulfilled') AS fulfilled
           FROM commitments GROUP BY 1, 2""",
    ],
    "mapping": ["SELECT programme_id, region_code, 1 AS locations, rank, province_code::int AS province_code FROM priority_locations"],
    "facilitation": [
        "SELECT programme_id, region_code, count(*) AS active_groups FROM groups WHERE status = 'active' GROUP BY 1, 2",
        """SELECT programme_id, region_code, count(*) AS applications, sum(requested_amount_idr)::bigint AS requested_idr,
           count(granted_amount_idr) AS grants, sum(granted_amount_idr)::bigint AS granted_idr, count(*) FILTER (WHERE status = 'declined') AS declined
           FROM financing_applications WHERE submitted_on IS NOT NULL GROUP BY 1, 2""",
        "SELECT region_code, count(*) AS enterprises FROM enterprises GROUP BY 1",
        "SELECT region_code, count(*) AS groups FROM groups GROUP BY 1",
        """SELECT g.region_code, count(*) AS members FROM memberships m JOIN groups g ON g.id = m.group_id
           WHERE m.left_on IS NULL GROUP BY 1""",
    ],
    "monitoring": [
        "SELECT * FROM view.figures",
        "SELECT * FROM view.region_figures",
        "SELECT programme_id, region_code, 1 AS locations, rank, province_code::int AS province_code FROM view.locations",
    ],
}


async def figures(system: System, *services: str) -> Figures:
    """The sums of some services' tables; of monitoring, the view. How many events there are of a source counts as a figure too."""
    found: Figures = {}
    for service in services:
        for sql in (*_TABLES[service], _EVENTS.get(service, f"SELECT '/entaskan/{service}' AS region_code, count(*) AS events FROM outbox")):
            for row in await system.sides[service].look(sql):
                place = str(row.get("programme_id", "")), row["region_code"]
                found |= {(*place, name): value for name, value in row.items() if value and name not in ("programme_id", "region_code")}
    return found


_EVENTS = {"monitoring": "SELECT source AS region_code, events FROM view.freshness"}


async def the_view_promises_nothing_that_is_not_there(system: System) -> None:
    """Whatever is still on its way, no figure that only grows is ever larger in the view than in the tables."""
    shown, there = await figures(system, "monitoring"), await figures(system, *PUBLISHERS)
    excess = {key: (value, there.get(key, 0)) for key, value in shown.items() if key[2] not in NOT_MONOTONE and value > there.get(key, 0)}
    assert not excess, f"the view shows more than there is: {excess}"


async def the_view_equals_the_sums(system: System) -> None:
    """To the rupiah, for every region and programme; and every event arrived once."""
    await the_view_promises_nothing_that_is_not_there(system)
    shown, there = await figures(system, "monitoring"), await figures(system, *PUBLISHERS)
    wrong = {key: (shown.get(key, 0), there.get(key, 0)) for key in shown.keys() | there.keys() if shown.get(key, 0) != there.get(key, 0)}
    assert not wrong, f"the view shows less than there is: {wrong}"
    for named, sql in (("programmes", "SELECT programme_id FROM view.programmes"), ("regions", "SELECT region_code FROM view.regions")):
        service, own = _REGISTERS[named]
        assert await _column(system, "monitoring", sql) == await _column(system, service, own), named


_REGISTERS = {
    "programmes": ("coordination", "SELECT id FROM programmes WHERE status = 'active'"),
    "regions": ("mapping", "SELECT region_code FROM regions"),
}


async def nothing_is_on_its_way(system: System) -> None:
    """Outboxes are marked, inboxes are at each subject's last event, nothing is parked, and every reaction happened."""
    last: dict[str, dict[str, int]] = {}
    for name in PUBLISHERS:
        rows = await system.sides[name].look("SELECT subject, topic, sequence, published_at, feed_seq FROM outbox ORDER BY feed_seq")
        assert all(row["published_at"] for row in rows), f"{name} kept events in its outbox"
        assert [row["feed_seq"] for row in rows] == list(range(1, len(rows) + 1)), f"the feed of {name} has a gap"
        for row in rows:
            subjects = last.setdefault(row["topic"], {})
            subjects[str(row["subject"])] = max(row["sequence"], subjects.get(str(row["subject"]), 0))
    for name in CONSUMERS:
        schema, topics = ("view.", list(last)) if name == "monitoring" else ("", _HEARS[name])
        rows = await system.sides[name].look(f"SELECT subject, sequence, blocked FROM {schema}inbox")
        assert not [row["subject"] for row in rows if row["blocked"]], f"subjects wait in {name}"
        expected = {subject: sequence for topic in topics for subject, sequence in last.get(topic, {}).items()}
        assert {row["subject"]: row["sequence"] for row in rows} == expected, f"{name} is not at the last event of every subject"
        assert not await system.sides[name].look(f"SELECT id FROM {schema}parked_messages WHERE resolution IS NULL"), f"messages wait in {name}"
    locations = await _column(system, "mapping", "SELECT programme_id || ' ' || region_code FROM priority_locations")
    assert await _column(system, "coordination", "SELECT programme_id || ' ' || region_code FROM locations") == locations
    assert await _column(system, "facilitation", "SELECT programme_id || ' ' || region_code FROM priority_locations") == locations
    assert await _column(system, "mapping", "SELECT programme_id FROM programmes") == await _column(system, *_REGISTERS["programmes"])
    assert await system.left_on_log() == 0, "offsets are behind"


_HEARS = {
    "coordination": ["entaskan.mapping", "entaskan.coordination", "entaskan.monitoring"],
    "facilitation": ["entaskan.mapping", "entaskan.coordination", "entaskan.facilitation.financing"],
    "mapping": ["entaskan.coordination", "entaskan.facilitation.enterprises", "entaskan.facilitation.financing"],
}


async def _column(system: System, service: str, sql: str) -> Sequence[Any]:
    return sorted(row[0] for row in await system.sides[service].look(sql))
