"""The view always equals the sums of the services' own tables, whatever happens on the way.

    ENTASKAN_EXAMPLES=1000 pytest -s tests/properties/test_view_equals_sums.py

tries as many examples as said, other ones each time, and tells what happened in them; without the variable it is the same few ones.
A failure prints its steps.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.machine import Machine

EXAMPLES = os.environ.get("ENTASKAN_EXAMPLES")


def test_the_view_equals_the_sums_of_the_services_own_tables(machine: type[Machine]) -> None:
    chosen = settings(
        max_examples=int(EXAMPLES or 60),
        stateful_step_count=30,
        derandomize=EXAMPLES is None,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    machine.seen.clear()
    run_state_machine_as_test(machine, settings=chosen)
    for what, times in sorted(machine.seen.items()):
        print(f"{times:6} {what}")
