"""Routes of eligibility."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field, computed_field

from services.facilitation.eligibility import handlers
from services.facilitation.eligibility.domain import Outcome, ServiceCode
from services.facilitation.eligibility.tables import eligibility_results
from services.facilitation.enterprises.api import READERS, REGISTRARS, EnterpriseOut
from services.facilitation.enterprises.domain import Enterprise
from services.facilitation.enterprises.tables import enterprises
from services.facilitation.scope import within
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Changing
from shared.http.pages import Page, Paging
from shared.http.requests import RequestModel, router
from shared.security.identity import Caller, Role

routes = router("eligibility")
NEXT_STEPS = {
    "micro_scale": (
        "Melebihi batas usaha mikro; arahkan ke program usaha kecil.",
        "Over the limits of micro; point it to programmes for small enterprises.",
    ),
    "consent_given": ("Catat persetujuan baru dengan renew-consent.", "Record a new consent with renew-consent."),
    "active_membership": ("Gabungkan usaha ke sebuah kelompok.", "Have it join a group."),
    "group_active": ("Verifikasi lalu aktifkan kelompoknya.", "Have its group verified and activated."),
    "location_prioritised": ("Bukan lokasi prioritas; minta dispensasi bila perlu.", "No priority location; ask for a waiver if need be."),
    "nib_recorded": ("Urus NIB di OSS lalu catat dengan legality.", "Obtain a NIB at OSS and record it with legality."),
    "product_certified": ("Urus sertifikat halal, P-IRT atau SNI lalu catat.", "Obtain a halal, P-IRT or SNI certificate and record it."),
}


class AssessEligibility(RequestModel):
    """For which service of which programme."""

    service_code: ServiceCode
    programme_id: UUID


class EligibilityOut(BaseModel):
    """An assessment (penilaian kelayakan): `not_eligible` is who it is and where, `not_compliant` a duty not done yet."""

    id: UUID
    service_code: ServiceCode
    outcome: Outcome
    reason_codes: list[str] = Field(examples=[["nib_recorded"]])
    rule_version: int
    inputs_hash: str = Field(description="SHA-256 of the facts it rests on")
    assessed_on: date

    @computed_field  # type: ignore[prop-decorator]
    @property
    def next_steps(self) -> list[tuple[str, str]]:
        """For each reason what to do, in Indonesian and in English."""
        return [NEXT_STEPS[code] for code in self.reason_codes]


@routes.post(
    "/enterprises/{enterprise_id}/assess-eligibility",
    operation_id="assess_enterprise_eligibility",
    summary="Nilai kelayakan / Assess eligibility",
    response_model=EnterpriseOut,
)
async def assess(enterprise_id: UUID, body: AssessEligibility, command: Changing, caller: Caller = allow(*REGISTRARS, Role.PROGRAMME_OWNER)) -> Response:
    """By the rules of today; the enterprise's status stays what it is, a pause included. The answer is under `/eligibility`."""
    return await command.change(
        enterprise_id,
        lambda transaction: handlers.assess_eligibility(transaction, enterprise_id, caller, **dict(body), on=today()),
        EnterpriseOut,
        Enterprise,
    )


@routes.get(
    "/enterprises/{enterprise_id}/eligibility",
    operation_id="list_enterprise_eligibility",
    summary="Hasil kelayakan / Assessments of eligibility",
    response_model=Page[EligibilityOut],
)
async def results(request: Request, page: Paging, enterprise_id: UUID, service_code: ServiceCode | None = None, caller: Caller = allow(*READERS)) -> Any:
    """Every assessment ever made, in order; none for an enterprise outside the caller's regions."""
    r = eligibility_results.c
    statement = eligibility_results.select().join(enterprises).where(r.enterprise_id == enterprise_id, within(enterprises.c.region_code, caller))
    if service_code:
        statement = statement.where(r.service_code == service_code)
    return await page.listing(request, statement, EligibilityOut, by=[r.id])
