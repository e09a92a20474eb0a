"""The view always equals the sums of the services' own tables, whatever happens on the way.

    ENTASKAN_EXAMPLES=1000 pytest tests/properties/test_view_equals_sums.py --hypothesis-show-statistics

tries as many examples as said, other ones each time; without the variable it is the same few ones. A failure prints its steps,
and a line to put above the test that repeats it.
"""

import os

from hypothesis import HealthCheck, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.machine import Machine

EXAMPLES = os.environ.get("ENTASKAN_EXAMPLES")


def test_the_view_equals_the_sums_of_the_services_own_tables(machine: type[Machine]) -> None:
    chosen = settings(
        max_examples=int(EXAMPLES or 40),
        stateful_step_count=30,
        derandomize=EXAMPLES is None,
        database=None,
        deadline=None,
        print_blob=True,
        verbosity=Verbosity.normal,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)
