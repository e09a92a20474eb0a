"""Facilitation, served, with its people."""

from collections.abc import Callable
from typing import Any

import pytest

from services.facilitation.app import SERVICE
from tests.facilitation.market import Market
from tests.facilitation.story import Story
from tests.kit import Person


@pytest.fixture
async def story(serving: Callable[..., Any], person: Callable[..., Person]) -> Story:
    """The service without any priority location."""
    return Story(await serving(SERVICE), person)


@pytest.fixture
async def prioritised(story: Story, eventually: Callable[..., Any]) -> Story:
    """The service that knows 53.04 as a priority location."""
    await story.prioritise()
    await eventually(story.knows)
    return story


@pytest.fixture
async def market(serving: Callable[..., Any], person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch) -> Market:
    """The service on 2 March 2026, with a buyer."""
    return Market(await serving(SERVICE), person, monkeypatch)
