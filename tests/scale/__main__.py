"""`python -m tests.scale --locations 48 --groups 1000 --enterprises 20000`: the story, the sums, and a search for personal data afterwards."""

import argparse
import asyncio
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer

from shared.security.identity import Role
from tests.faults.world import TOPICS, Spec, World
from tests.scale.people import Refused
from tests.scale.story import Teller

AT_ONCE = 6
ENDS = ("LocationPrioritised", "EnterpriseRegistered", "GroupActivated", "VisitVerified", "TrainingPassed", "FinancingGranted", "FinancingSettled", "OrderPaid")
_SUMS = {
    "enterprises": ("SELECT count(*) FROM enterprises", "SELECT sum(enterprises) FROM view.region_figures"),
    "active groups": ("SELECT count(*) FROM groups WHERE status = 'active'", "SELECT sum(active_groups) FROM view.figures"),
    "granted rupiah": (
        "SELECT sum(granted_amount_idr) FROM financing_applications WHERE status = 'granted'",
        "SELECT sum(granted_idr) FROM view.figures",
    ),
}


async def main() -> int:
    """Tell it, and say what came out; 1 when something does not hold."""
    arguments = argparse.ArgumentParser(prog="python -m tests.scale")
    for name, default in (("locations", 48), ("groups", 1000), ("enterprises", 20_000), ("seed", 7)):
        arguments.add_argument(f"--{name}", type=int, default=default)
    arguments.add_argument("--out", type=Path)
    asked = arguments.parse_args()
    async with World.started(Spec(areas=max(24, asked.locations), provinces=8)) as world:
        await world.reset()
        report = await told(world, asked.locations, asked.groups, asked.enterprises, asked.seed)
    print(json.dumps(report, indent=1))
    if asked.out:
        asked.out.write_text(json.dumps(report))
    return 0 if report["holds"] else 1


async def told(world: World, locations: int, groups: int, enterprises: int, seed: int) -> dict[str, Any]:
    """The whole of it in this world; what was counted, how long it took, what was found that should not be there."""
    regions = world.story.locations[:locations]
    begun = time.monotonic()
    async with httpx.AsyncClient(timeout=120, trust_env=False, limits=httpx.Limits(max_connections=2 * AT_ONCE)) as http:
        teller = Teller(world, http, seed)
        await _once_known(teller.begin)
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(number: int, region_code: str) -> None:
            async with turns:
                each = lambda total: total // len(regions) + (number < total % len(regions))  # noqa: E731 - the first ones take what is left over
                await teller.locate(region_code, each(enterprises), each(groups))

        await asyncio.gather(*(one(number, region_code) for number, region_code in enumerate(regions)))
        told_in = time.monotonic() - begun
        await world.settled(600)
        settled_in = time.monotonic() - begun
        refusals = await _provoked(teller)
        metrics = [await _text(http, f"http://127.0.0.1:{process.port}/metrics") for process in world.services.values()]
        monitoring = [await _text(http, f"{world.services['monitoring'].url}/v1/locations")]
        exports = [(await teller.owner.send("GET", "enterprises/export.csv", params={"region_code": region})).text for region in regions]
    records = [record async for record in _records(world)]
    logs = [path.read_text(errors="replace") for path in sorted(world.folder.rglob("*")) if path.is_file() and path.suffix in (".log", ".jsonl", ".txt")]
    texts = {"events": records, "logs": logs, "errors": refusals, "metrics": metrics, "monitoring": monitoring}
    masked = [text for text in exports if re.search(r"(?<!\d)\d{16}(?!\d)", text)]  # names are for those who export, NIKs are not
    found = {where: sorted(set(_personal(teller, each)))[:5] for where, each in texts.items()}
    differences = {}
    for name, (own, viewed) in _SUMS.items():
        differences[name] = int((await world.rows("facilitation", own))[0][0] or 0) - int((await world.rows("monitoring", viewed))[0][0] or 0)
    types = Counter(kind for record in records for kind in re.findall(r'"ce_type": "entaskan\.[a-z]+\.([A-Za-z]+)\.v', record))
    requests = sum(caller.requests for caller in teller.callers)
    return {
        "locations": len(regions),
        "groups": groups,
        "enterprises": enterprises,
        "requests": requests,
        "seconds": round(told_in, 1),
        "seconds_until_settled": round(settled_in, 1),
        "requests_per_second": round(requests / told_in, 1),
        "events": len(records),
        "of_which": {name: types[name] for name in ENDS},
        "differences": differences,
        "searched": {where: sum(map(len, each)) for where, each in texts.items()},
        "personal_data_found": found,
        "exports_with_a_nik": len(masked),
        "holds": not masked and not any(differences.values()) and not any(found.values()) and all(types[name] for name in ENDS),
    }


async def _text(http: httpx.AsyncClient, address: str) -> str:
    return (await http.get(address)).raise_for_status().text


async def _once_known(attempt: Any) -> None:
    """Facilitation learns of the provider by an event."""
    for _ in range(100):
        try:
            return await attempt()
        except Refused:
            await asyncio.sleep(0.2)
    await attempt()
    return None


async def _provoked(teller: Teller) -> list[str]:
    """Errors about real people: a NIK that is there already, one that is malformed, a search by somebody who may not."""
    person, region = teller.people[0], teller.people[0].cells[4]
    regency = teller.caller("scale-curious", Role.REGENCY, regions=(region,))
    body = {"name": "Usaha", "owner_name": person.owner, "owner_nik": person.nik, "region_code": region, "kbli_section": "C", "capital_idr": 1}
    body |= {"annual_sales_idr": 1, "consent_purpose": "programme_facilitation", "consent_on": "2025-06-01"}
    stranger = teller.caller("scale-stranger", Role.COORDINATOR)
    for who, path, sent in (
        (regency, "enterprises", body),
        (regency, "enterprises", body | {"owner_nik": person.nik + "9"}),
        (regency, "enterprises", body | {"owner_nik": person.nik, "owner_name": [person.owner]}),
        (stranger, "enterprises/search", {"owner_nik": person.nik}),
    ):
        try:
            await who.create(path, sent)
        except Refused:
            continue
        raise AssertionError(f"{path} accepted what it should refuse")
    return [text for caller in (*teller.callers,) for text in caller.refusals]


def _personal(teller: Teller, texts: list[str]) -> Iterator[str]:
    niks, tokens = {person.nik for person in teller.people}, {person.owner.rsplit(" ", 1)[1] for person in teller.people}
    for text in texts:
        yield from (number for number in re.findall(r"\d{16}", text) if number in niks)
        yield from (token for token in re.findall(r"Qz[0-9a-f]{10}", text) if token in tokens)


async def _records(world: World) -> Any:
    """Every record on every topic as text, headers and all."""
    consumer = AIOKafkaConsumer(*TOPICS, bootstrap_servers=world.bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        while batches := await consumer.getmany(timeout_ms=5000):
            for batch in batches.values():
                for record in batch:
                    headers = {name: value.decode(errors="replace") for name, value in record.headers}
                    yield json.dumps(headers) + (record.value or b"").decode(errors="replace") + (record.key or b"").decode(errors="replace")
    finally:
        await consumer.stop()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
