"""`make bench`, or `python -m tests.bench relay rebuild`: prints the table of ratios and writes `.data/bench.json`. On loopback only."""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench import certificate, commands, embedded_log, imports, latency, prioritisation, rebuild, relay, start
from tests.bench.rig import ROOT, Result, World, machine

BENCHMARKS: dict[str, Callable[[World], list[Result]]] = {
    "commands": commands.measure,
    "relay": relay.measure,
    "rebuild": rebuild.measure,
    "latency": latency.measure,
    "log": embedded_log.measure,
    "start": start.measure,
    "prioritisation": prioritisation.measure,
    "certificate": certificate.measure,
    "imports": imports.measure,
}


def main() -> None:
    """Measure, print, write."""
    chosen = sys.argv[1:] or list(BENCHMARKS)
    if unknown := set(chosen) - BENCHMARKS.keys():
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    told = {"machine": machine(), "results": {}}
    written = ROOT / ".data" / "bench.json"
    written.parent.mkdir(exist_ok=True)
    print("| what | against | target | median [min – max] | holds |", "| --- | --- | --- | --- | --- |", sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as folder, World(Path(folder)) as world:
        for name in chosen:
            results = BENCHMARKS[name](world)
            told["results"][name] = [result.as_json() for result in results]
            written.write_text(json.dumps(told, indent=2))
            print(*(result.as_line() for result in results), sep="\n", flush=True)


if __name__ == "__main__":
    main()
