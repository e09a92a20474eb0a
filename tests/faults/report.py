"""The table of runs, and where it is kept."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from tests.faults.run import Row

FILE = Path(".data") / "faults.json"
COLUMNS = ("lost", "doubled", "reordered", "resent")


def line(row: Row) -> str:
    """A run while it goes by."""
    figures = f"{row.acked} acked, {row.events} events, lost {row.lost}, doubled {row.doubled}, reordered {row.reordered}, resent {row.resent}"
    verdict = "ok  " if not row.violations else "FAIL"
    further = "".join(f", {name} {value:g}" for name, value in row.measured.items())
    return f"{verdict} fault {row.fault:>2} seed {row.seed:<4} {figures}, recovered in {row.recovery_seconds:.1f} s{further} [{row.seconds:.0f} s] {row.note}"


def write(rows: Iterable[Row], path: Path, *, merge: bool) -> list[dict[str, Any]]:
    """Keep the rows; with `merge`, beside those of other faults and seeds that are there already. All that is there now."""
    kept = {(row["fault"], row["seed"]): row for row in (json.loads(path.read_text()) if merge and path.exists() else [])}
    kept |= {(row.fault, row.seed): asdict(row) for row in rows}
    path.parent.mkdir(parents=True, exist_ok=True)
    ordered = [kept[key] for key in sorted(kept)]
    path.write_text(json.dumps(ordered, indent=1) + "\n")
    return ordered


def table(rows: Iterable[dict[str, Any]]) -> str:
    """One line a fault, in Markdown."""
    by_fault: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_fault[row["fault"]].append(row)
    lines = [
        "| fault | what | seeds | runs | acked | failed | lost | doubled | reordered | resent | recovery median / max (s) |",
        "| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for number, found in sorted(by_fault.items()):
        seeds = sorted(row["seed"] for row in found)
        span = f"{seeds[0]}-{seeds[-1]}" if len(seeds) > 1 else str(seeds[0])
        times = [row["recovery_seconds"] for row in found]
        cells = [number, found[0]["title"], span, len(found), sum(row["acked"] for row in found), sum(bool(row["violations"]) for row in found)]
        cells += [sum(row[column] for row in found) for column in COLUMNS]
        lines.append("| " + " | ".join(map(str, cells)) + f" | {median(times):.1f} / {max(times):.1f} |")
    return "\n".join(lines)
