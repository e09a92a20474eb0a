"""A world in January 2026: three ministries, a programme in force, two locations."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.coordination.world import World, build
from tests.kit import Person


@pytest.fixture
async def empty(serving: Callable[..., Any], person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch, eventually: Callable[..., Any]) -> World:
    """Coordination without anything in it, on 5 January 2026."""
    return await build(serving, person, monkeypatch, eventually, date(2026, 1, 5))


@pytest.fixture
async def world(empty: World) -> World:
    """A programme led by `kemenkop`, with `kemnaker` and `kemendag` taking part, open in 53.04 and 53.05."""
    await empty.add_institution("kemenko", "coordinating_ministry")
    await empty.add_institution("kemenkop")
    await empty.add_institution("kemnaker")
    await empty.add_institution("kemendag")
    await empty.start_programme("kemenkop")
    await empty.join("kemnaker")
    await empty.join("kemendag")
    await empty.prioritise(["53.04", "53.05"])
    return empty
