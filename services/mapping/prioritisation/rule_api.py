"""Routes of a programme's selection rules."""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.mapping.prioritisation import rule_handlers
from services.mapping.prioritisation.representations import READERS
from services.mapping.prioritisation.rules import SelectionRules
from services.mapping.prioritisation.tables import selection_rules
from shared.http.access import allow
from shared.http.commands import Creating, Representation
from shared.http.pages import Page, Paging
from shared.http.requests import RequestModel, router
from shared.security.identity import Caller, Role

routes = router("prioritisation")
ListCode = Annotated[str, Field(pattern=r"^[1-9][0-9]\.?[0-9]{2}$", description="text, never a number", examples=["53.04"])]


class SetRules(RequestModel):
    """A programme's selection rules (aturan penetapan)."""

    override_cap: Annotated[int, Field(strict=True, ge=0, le=100, description="overrides a run may have", examples=[2])]
    objection_days: Annotated[int, Field(strict=True, ge=0, le=90, description="days regions may object at least; 0 demands no window", examples=[14])]
    answer_days: Annotated[int, Field(strict=True, ge=1, le=90, description="days within which an objection is decided", examples=[14])]


class RulesOut(Representation[SelectionRules]):
    """One version of a programme's selection rules."""

    id: UUID
    programme_id: UUID
    rules_version: int
    override_cap: int
    objection_days: int
    answer_days: int


@routes.post(
    "/programmes/{programme_id}/selection-rules",
    operation_id="set_selection_rules",
    summary="Tetapkan aturan penetapan / Set the selection rules",
    status_code=201,
    response_model=RulesOut,
)
async def set_rules(programme_id: UUID, body: SetRules, command: Creating, caller: Caller = allow(Role.COORDINATOR)) -> Response:
    """The next version; runs created from now on take it over, earlier ones keep theirs."""
    return await command.create(
        lambda transaction: rule_handlers.set_rules(transaction, programme_id, **dict(body), by=caller.subject), RulesOut, SelectionRules
    )


@routes.get(
    "/programmes/{programme_id}/selection-rules",
    operation_id="list_selection_rules",
    summary="Aturan penetapan suatu program / Selection rules of a programme",
    dependencies=[allow(*READERS)],
)
async def list_rules(request: Request, programme_id: UUID, page: Paging) -> Page[RulesOut]:
    """All versions, the newest last; a programme without any allows no override and demands no window."""
    c = selection_rules.c
    return await page.listing(request, selection_rules.select().where(c.programme_id == programme_id), RulesOut, by=[c.rules_version])
