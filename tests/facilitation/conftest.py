"""Facilitation, served, with its people."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.facilitation.app import SERVICE
from shared.contracts.coordination import InstitutionVerified
from tests.facilitation.banking import Bank, opened
from tests.facilitation.market import Market
from tests.facilitation.story import Story
from tests.facilitation.training_world import TrainingWorld
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
async def bank(serving: Callable[..., Any], person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch, eventually: Callable[..., Any]) -> Bank:
    """The service on 31 January 2024, with an active group of three and a lender."""
    return await opened(serving, person, monkeypatch, eventually, date(2024, 1, 31))


@pytest.fixture
async def teaching(prioritised: Story, monkeypatch: pytest.MonkeyPatch, eventually: Callable[..., Any]) -> TrainingWorld:
    """53.04 is a priority location, the provider is verified, and it is 1 July 2026."""
    world = TrainingWorld(prioritised, monkeypatch)
    await world.announce(InstitutionVerified(institution_id=world.provider, verified_by_institution_id=None))
    await eventually(world.knows_provider)
    return world


@pytest.fixture
async def market(serving: Callable[..., Any], person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch) -> Market:
    """The service on 2 March 2026, with a buyer."""
    return Market(await serving(SERVICE), person, monkeypatch)
