"""The seats of a training and who waits for one. Read and changed within a turn (see trainings/turns.py)."""

from dataclasses import dataclass, field
from uuid import UUID

from services.facilitation.enrolments.domain import Enrolment, EnrolmentStatus
from services.facilitation.enrolments.tables import of_training, places_of
from services.facilitation.trainings.domain import Training
from shared.database import UnitOfWork


@dataclass(kw_only=True)
class Seats:
    """Seats 1 to `quota`, those taken, and ids of who waits, first come first."""

    quota: int
    taken: set[int] = field(default_factory=set)
    waiting: list[UUID] = field(default_factory=list)
    last_position: int = 0

    def place(self, enrolment: Enrolment) -> None:
        """Give it the lowest free seat, or a place at the end of the waiting list."""
        seat_no = None if self.waiting else self.free_seat()
        if seat_no:
            self.taken.add(seat_no)
            enrolment.enrol(seat_no)
        else:
            self.last_position += 1
            self.waiting.append(enrolment.id)
            enrolment.waitlist(self.last_position)

    def free_seat(self) -> int | None:
        """The lowest seat that nobody has."""
        return next((seat_no for seat_no in range(1, self.quota + 1) if seat_no not in self.taken), None)


async def seats_of(uow: UnitOfWork, training: Training) -> Seats:
    """As they are now."""
    seats = Seats(quota=training.quota)
    for id, seat_no, position in await uow.connection.execute(places_of(training.id)):
        if seat_no:
            seats.taken.add(seat_no)
        elif position:
            seats.waiting.append(id)
            seats.last_position = position
    return seats


async def promote(uow: UnitOfWork, seats: Seats) -> None:
    """Give free seats to who waits, in order."""
    while seats.waiting and (seat_no := seats.free_seat()):
        first = await uow.get(Enrolment, seats.waiting.pop(0))
        seats.taken.add(seat_no)
        first.enrol(seat_no)


async def roster(uow: UnitOfWork, training_id: UUID, *statuses: EnrolmentStatus) -> list[Enrolment]:
    """The enrolments in some states, read at once; what they record is saved with the unit of work."""
    found = [Enrolment(**row._mapping) for row in await uow.connection.execute(of_training(training_id, statuses))]
    for enrolment in found:
        uow.add(enrolment)
    return found
