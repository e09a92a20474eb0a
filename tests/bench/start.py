"""How long the embedded system takes from its second start to its first answer."""

import os
import time

from tests.bench.rig import RUNS, Result, World, process
from tests.kafka import free_port


def measure(world: World) -> list[Result]:
    """Seconds; the first start, which makes the databases, does not count."""
    seconds = []
    for n in range(RUNS + 1):
        port = free_port()
        started = time.perf_counter()
        environment = {"PORT": str(port), "ENTASKAN_DATA": str(world.folder / "embedded")}
        with process(["-c", "from services.cli import app; app(['run', '--no-demo'])"], port, environment):
            if n:
                seconds.append(time.perf_counter() - started)
    return [Result("`make run`, second start to serving, in seconds", "–", 5, seconds, at_most=True, details={"cores": os.cpu_count()})]
