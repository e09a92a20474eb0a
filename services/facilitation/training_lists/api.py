"""Routes of lists, and of the end of a training."""

from hashlib import sha256
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field, model_validator

from services.facilitation.scope import within
from services.facilitation.training_lists import handlers
from services.facilitation.training_lists.domain import ListKind, ListRow, RefusedRow, TrainingList
from services.facilitation.training_lists.files import read
from services.facilitation.training_lists.tables import training_lists
from services.facilitation.trainings.api import TrainingOut
from services.facilitation.trainings.domain import Training
from services.facilitation.trainings.organisers import ORGANISERS
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Changing, Command, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import RequestModel, RupiahOrNone, router
from shared.security.identity import Caller, Role

routes = router("training")
READERS = (*ORGANISERS, Role.MENTOR, Role.COORDINATOR, Role.AUDITOR)
SessionNo = Annotated[int, Field(ge=1, le=60, description="which session; for attendance only", examples=[1])]
_EXAMPLE = "enrolment_id,hadir\n0195d3a0-0000-7000-8000-00000000000a,hadir\n0195d3a0-0000-7000-8000-00000000000b,tidak\n"
_CSV: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "CSV in UTF-8 with the headings enrolment_id and hadir (attendance) or nilai (scores); comma, semicolon or tab",
        "content": {"text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}


class Attended(RequestModel):
    """Whether a participant was there."""

    enrolment_id: UUID
    present: Annotated[bool, Field(strict=True)]


class Scored(RequestModel):
    """What a participant reached in a test."""

    enrolment_id: UUID
    score: Annotated[int, Field(strict=True, ge=0, le=100, examples=[85])]


class HandInList(RequestModel):
    """A list, whole or in part: `attendance` with `session_no`, or the `scores` of a test."""

    list_kind: ListKind
    session_no: SessionNo | None = None
    attendance: Annotated[list[Attended], Field(max_length=handlers.MAX_ROWS, default_factory=list)]
    scores: Annotated[list[Scored], Field(max_length=handlers.MAX_ROWS, default_factory=list)]

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if bool(self.attendance) == bool(self.scores) or bool(self.attendance) != (self.list_kind is ListKind.ATTENDANCE):
            raise ValueError("give attendance for attendance, and scores for a test")
        if (self.session_no is None) == bool(self.attendance):
            raise ValueError("attendance has a session_no, a test has none")
        return self

    def rows(self) -> list[ListRow]:
        """As a file would hold them."""
        said = [(each.enrolment_id, "hadir" if each.present else "tidak") for each in self.attendance] or [
            (each.enrolment_id, str(each.score)) for each in self.scores
        ]
        return [ListRow(row=number, enrolment_id=str(id), value=value) for number, (id, value) in enumerate(said, 1)]


class CompleteTraining(RequestModel):
    """What the training cost."""

    cost_idr: RupiahOrNone


class TrainingListOut(Representation[TrainingList]):
    """A list (daftar hadir, daftar nilai): what counted, what was refused and why, and of whom nothing is known yet."""

    id: UUID
    training_id: UUID
    list_kind: ListKind
    session_no: int | None
    content_hash: str = Field(description="SHA-256 of the file, or of the request's body")
    accepted_count: int
    refused: list[RefusedRow]
    missing: list[UUID]


@routes.post(
    "/trainings/{training_id}/lists", operation_id="hand_in_list", summary="Kirim daftar hadir atau nilai / Hand in a list", status_code=201,
    response_model=TrainingListOut,
)  # fmt: skip
async def hand_in(training_id: UUID, request: Request, body: HandInList, command: Creating, caller: Caller = allow(*ORGANISERS)) -> Response:
    """Rows that cannot be taken over are answered one by one; the others count. A session is held once its attendance is complete."""
    return await _received(command, training_id, caller, body.list_kind, body.session_no, body.rows(), await request.body())


@routes.post(
    "/trainings/{training_id}/list-files", operation_id="send_list_file", summary="Kirim daftar sebagai CSV / Send a list as CSV", status_code=201,
    response_model=TrainingListOut, openapi_extra=_CSV,
)  # fmt: skip
async def send_file(
    training_id: UUID,
    request: Request,
    command: Creating,
    list_kind: Annotated[ListKind, Query()],
    session_no: Annotated[SessionNo | None, Query()] = None,
    caller: Caller = allow(*ORGANISERS),
) -> Response:
    """The same as a file from a spreadsheet; row numbers are those that the spreadsheet shows."""
    body = await request.body()
    answer = await _received(command, training_id, caller, list_kind, session_no if list_kind is ListKind.ATTENDANCE else None, read(body, list_kind), body)
    if location := answer.headers.get("Location"):
        answer.headers["Location"] = location.replace("/list-files/", "/lists/")
    return answer


async def _received(command: Command, training_id: UUID, caller: Caller, kind: ListKind, session_no: int | None, rows: list[ListRow], body: bytes) -> Response:
    content_hash, on = sha256(body).hexdigest(), today()
    return await command.create(
        lambda transaction: handlers.receive_list(
            transaction, training_id, caller, kind=kind, session_no=session_no, rows=rows, content_hash=content_hash, on=on
        ),
        TrainingListOut,
        TrainingList,
    )


@routes.get("/trainings/{training_id}/lists", operation_id="list_training_lists", summary="Daftar yang dikirim / Lists that were handed in")
async def list_lists(request: Request, page: Paging, training_id: UUID, caller: Caller = allow(*READERS)) -> Page[TrainingListOut]:
    """In the order in which they came."""
    c = training_lists.c
    return await page.listing(request, training_lists.select().where(c.training_id == training_id, within(c.region_code, caller)), TrainingListOut, by=[c.id])


@routes.get("/trainings/{training_id}/lists/{list_id}", operation_id="get_training_list", summary="Baca daftar / Read a list", response_model=TrainingListOut)
async def get_list(request: Request, training_id: UUID, list_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """As it was answered."""
    return await resource(
        request, TrainingList, list_id, TrainingListOut, visible=lambda found: found.training_id == training_id and caller.covers(found.region_code)
    )


@routes.post("/trainings/{training_id}/complete", operation_id="complete_training", summary="Selesaikan pelatihan / Complete", response_model=TrainingOut)
async def complete(training_id: UUID, body: CompleteTraining, command: Changing, caller: Caller = allow(*ORGANISERS)) -> Response:
    """Everybody who came passes or fails by attendance and final test; who passed has a certificate, and is asked again later."""
    return await command.change(
        training_id,
        lambda transaction: handlers.complete_training(transaction, training_id, caller, cost_idr=body.cost_idr, on=today()),
        TrainingOut,
        Training,
    )
