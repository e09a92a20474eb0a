"""`python -m tests.faults`: runs faults, prints a line a run and the table, and ends with 1 if an invariant was broken."""

import argparse
import asyncio
import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.faults import report
from tests.faults.run import Fault, Row, discover, run
from tests.faults.world import Spec, World


def _numbers(text: str) -> set[int]:
    """`1,5,8-12`."""
    chosen: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        chosen |= set(range(int(first), int(last or first) + 1))
    return chosen


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Faults on the real system; see docs/handbook/reliability.md")
    parser.add_argument("--only", type=_numbers, help="numbers of faults, such as 1,5,8-12")
    parser.add_argument("--seeds", type=int, help="runs for each fault (default: what each fault asks for)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed; with --seeds 1 it reproduces one run")
    parser.add_argument("--short", action="store_true", help="the few faults of the short set, one seed each")
    parser.add_argument("--merge", action="store_true", help="keep the rows of other faults and seeds in the file")
    parser.add_argument("--out", type=Path, default=report.FILE)
    parser.add_argument("--list", action="store_true", help="say which faults there are")
    return parser.parse_args()


def _by_spec(chosen: Iterable[type[Fault]]) -> Iterator[tuple[Spec, list[type[Fault]]]]:
    for spec, faults in itertools.groupby(sorted(chosen, key=lambda fault: (repr(fault.spec), fault.number)), key=lambda fault: fault.spec):
        yield spec, list(faults)


async def _all(given: argparse.Namespace, chosen: list[type[Fault]]) -> list[Row]:
    rows: list[Row] = []
    for spec, faults in _by_spec(chosen):
        async with World.started(spec) as world:
            for fault in faults:
                print(f"fault {fault.number}: {fault.title} - {fault.how}", flush=True)
                world.runs = world.runs if given.short else 0
                for seed in range(given.seed, given.seed + (given.seeds or (1 if given.short else fault.seeds))):
                    rows.append(await run(fault, seed, world))
                    print(report.line(rows[-1]), flush=True)
                    for violation in rows[-1].violations:
                        print(f"     {violation}", flush=True)
                    report.write(rows, given.out, merge=given.merge)
    return rows


def main() -> int:
    """Run what was asked for."""
    given = _arguments()
    faults = discover()
    if given.list:
        for number, fault in faults.items():
            print(f"{number:>2} {fault.title} - {fault.how}")
        return 0
    chosen = [fault for number, fault in faults.items() if (given.only is None or number in given.only) and (fault.short or not given.short)]
    if not chosen:
        print("no such fault; see --list", file=sys.stderr)
        return 2
    rows = asyncio.run(_all(given, chosen))
    print()
    print(report.table(report.write(rows, given.out, merge=given.merge)))
    broken = [row for row in rows if row.violations]
    for row in broken:
        print(f"broken: fault {row.fault}; reproduce with: python -m tests.faults --only {row.fault} --seed {row.seed} --seeds 1")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
