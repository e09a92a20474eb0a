"""The system that the examples share."""

from collections.abc import Iterator

import pytest

from services.embedded.postgres import EmbeddedPostgres
from tests.properties.machine import Machine, staged


@pytest.fixture(scope="package")
def machine(cluster: EmbeddedPostgres) -> Iterator[type[Machine]]:
    """The state machine on a system of its own."""
    with staged(cluster) as made:
        yield made
