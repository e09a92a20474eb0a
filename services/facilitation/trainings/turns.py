"""Taking turns: whatever changes the seats, lists or results of a training does so as the only one at that moment.

A participant is an aggregate of its own, so the version of none of them guards what all of them share: the number of seats, the order of
the waiting list, the completeness of a list. A command counts the turns taken so far, decides by what it reads after that, and writes the
next turn in its own transaction; if somebody else wrote it first, the database refuses and the command begins again. Within one process
commands on a training queue up, so that this is rare.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from services.facilitation.trainings.domain import Training
from services.facilitation.trainings.errors import TrainingBusy
from services.facilitation.trainings.tables import last_turn, training_turns
from shared.database import Transaction, UnitOfWork
from shared.errors import StaleVersion

A = TypeVar("A")
_ATTEMPTS = 20
_FIRST_SECONDS, _MOST_SECONDS = 0.02, 1.0
_queues: "WeakValueDictionary[UUID, asyncio.Lock]" = WeakValueDictionary()


async def in_turn(transaction: Transaction, training_id: UUID, work: Callable[[UnitOfWork, Training], Awaitable[A]]) -> A:
    """Do `work` with the training as the only one; `TrainingBusy` when others came first every time."""
    async with _queues.setdefault(training_id, asyncio.Lock()):
        for attempt in range(_ATTEMPTS):
            try:
                async with transaction() as uow:
                    turn = await uow.connection.scalar(last_turn(training_id))
                    done = await work(uow, await uow.get(Training, training_id))
                    if uow.changed:
                        uow.also(training_turns.insert().values(training_id=training_id, turn=(turn or 0) + 1))
                return done
            except (TrainingBusy, StaleVersion):
                await asyncio.sleep(random.uniform(0, min(_FIRST_SECONDS * 2**attempt, _MOST_SECONDS)))
    raise TrainingBusy
