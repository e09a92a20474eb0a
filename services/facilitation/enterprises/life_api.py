"""Routes of an enterprise's life: verified, activated, paused, left; its documents, its household, its consent."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Response
from pydantic import Field, model_validator

from services.facilitation.enterprises import handlers
from services.facilitation.enterprises.api import REGISTRARS, EnterpriseOut, Nib
from services.facilitation.enterprises.domain import Enterprise, LegalityType
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Changing
from shared.http.requests import Code, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("enterprises")
OFFICERS = (Role.REGENCY, Role.PROVINCE, Role.PROGRAMME_OWNER)


class VerifyEnterprise(RequestModel):
    """How it was found to be there."""

    method: Literal["field_visit", "registry_check"]


class UpgradeLegality(RequestModel):
    """A document that the enterprise holds; of the NIB its number, of the others only that it is there and until when."""

    legality_type: LegalityType
    nib: Nib | None = None
    risk_level: Annotated[Literal["low", "medium_low", "medium_high", "high"] | None, Field(description="PP 28/2025, as OSS gives it")] = None
    valid_until: Annotated[date | None, Field(examples=["2028-06-30"])] = None

    @model_validator(mode="after")
    def number_of_nib(self) -> "UpgradeLegality":
        """A NIB is its number."""
        if (self.legality_type is LegalityType.NIB) != (self.nib is not None):
            raise ValueError("nib is given for the type nib, and only for it")
        return self


class LinkHousehold(RequestModel):
    """Where the owner's household stands in a register of the poor; the decile as the register gives it."""

    source_code: Annotated[Code, Field(examples=["dtsen"])]
    source_version: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$", examples=["2025-03"])]
    welfare_decile: Annotated[int | None, Field(strict=True, ge=1, le=10)] = None


class WhyEnterprise(RequestModel):
    """Why."""

    reason_code: Annotated[Code, Field(examples=["seasonal_rest"])]


class RenewConsent(RequestModel):
    """To what the owner agreed, and when."""

    consent_purpose: Annotated[Code, Field(examples=["programme_facilitation"])]
    consent_on: date


@routes.post(
    "/enterprises/{enterprise_id}/verify", operation_id="verify_enterprise", summary="Verifikasi usaha / Verify an enterprise", response_model=EnterpriseOut
)
async def verify(enterprise_id: UUID, body: VerifyEnterprise, command: Changing, caller: Caller = allow(*REGISTRARS)) -> Response:
    """By a visit or in a register, by another person than who registered it."""
    return await command.change(
        enterprise_id, lambda transaction: handlers.verify_enterprise(transaction, enterprise_id, caller, method=body.method), EnterpriseOut, Enterprise
    )


@routes.post(
    "/enterprises/{enterprise_id}/activate", operation_id="activate_enterprise", summary="Aktifkan usaha / Activate an enterprise", response_model=EnterpriseOut
)
async def activate(enterprise_id: UUID, command: Changing, caller: Caller = allow(*OFFICERS)) -> Response:
    """A verified or paused one: member of an active group, in a priority location of the group's programme or under a waiver."""
    return await command.change(
        enterprise_id, lambda transaction: handlers.activate_enterprise(transaction, enterprise_id, caller, on=today()), EnterpriseOut, Enterprise
    )


@routes.post(
    "/enterprises/{enterprise_id}/legality",
    operation_id="upgrade_enterprise_legality",
    summary="Catat legalitas / Record a document of legality",
    response_model=EnterpriseOut,
)
async def legality(enterprise_id: UUID, body: UpgradeLegality, command: Changing, caller: Caller = allow(*REGISTRARS)) -> Response:
    """NIB, halal, P-IRT, SNI or NPWP; of one kind the last one counts."""
    return await command.change(
        enterprise_id,
        lambda transaction: handlers.upgrade_legality(transaction, enterprise_id, caller, **dict(body), on=today()),
        EnterpriseOut,
        Enterprise,
    )


@routes.post(
    "/enterprises/{enterprise_id}/household",
    operation_id="link_enterprise_household",
    summary="Kaitkan keluarga / Link the owner's household",
    response_model=EnterpriseOut,
)
async def household(enterprise_id: UUID, body: LinkHousehold, command: Changing, caller: Caller = allow(*REGISTRARS)) -> Response:
    """To a register of the poor (P3KE, DTSEN), with its version; nothing is computed here."""
    return await command.change(
        enterprise_id,
        lambda transaction: handlers.link_household(transaction, enterprise_id, caller, **dict(body), on=today()),
        EnterpriseOut,
        Enterprise,
    )


@routes.post("/enterprises/{enterprise_id}/pause", operation_id="pause_enterprise", summary="Jeda usaha / Pause an enterprise", response_model=EnterpriseOut)
async def pause(enterprise_id: UUID, body: WhyEnterprise, command: Changing, caller: Caller = allow(*OFFICERS)) -> Response:
    """Until it is activated again; no assessment ends a pause."""
    return await command.change(
        enterprise_id, lambda transaction: handlers.pause_enterprise(transaction, enterprise_id, caller, body.reason_code), EnterpriseOut, Enterprise
    )


@routes.post(
    "/enterprises/{enterprise_id}/relapse", operation_id="relapse_enterprise", summary="Fasilitasi kembali / Take back a graduate", response_model=EnterpriseOut
)
async def relapse(enterprise_id: UUID, body: WhyEnterprise, command: Changing, caller: Caller = allow(*OFFICERS)) -> Response:
    """A graduated one that needs facilitation again."""
    return await command.change(
        enterprise_id, lambda transaction: handlers.relapse_enterprise(transaction, enterprise_id, caller, body.reason_code), EnterpriseOut, Enterprise
    )


@routes.post("/enterprises/{enterprise_id}/exit", operation_id="exit_enterprise", summary="Usaha keluar / An enterprise leaves", response_model=EnterpriseOut)
async def exit_(enterprise_id: UUID, body: WhyEnterprise, command: Changing, caller: Caller = allow(*OFFICERS)) -> Response:
    """For good: no credit is under way, and its membership ends today."""
    return await command.change(
        enterprise_id, lambda transaction: handlers.exit_enterprise(transaction, enterprise_id, caller, body.reason_code, today()), EnterpriseOut, Enterprise
    )


@routes.post(
    "/enterprises/{enterprise_id}/withdraw-consent",
    operation_id="withdraw_enterprise_consent",
    summary="Catat penarikan persetujuan / The owner withdraws consent",
    response_model=EnterpriseOut,
)
async def withdraw_consent(
    enterprise_id: UUID, command: Changing, caller: Caller = allow(*REGISTRARS, Role.PROGRAMME_OWNER, Role.DATA_PROTECTION_OFFICER)
) -> Response:
    """Facilitation rests at once; whoever holds projections stops within 3 x 24 hours (UU 27/2022)."""
    return await command.change(
        enterprise_id, lambda transaction: handlers.withdraw_consent(transaction, enterprise_id, caller, today()), EnterpriseOut, Enterprise
    )


@routes.post(
    "/enterprises/{enterprise_id}/renew-consent",
    operation_id="renew_enterprise_consent",
    summary="Catat persetujuan baru / The owner agrees again",
    response_model=EnterpriseOut,
)
async def renew_consent(enterprise_id: UUID, body: RenewConsent, command: Changing, caller: Caller = allow(*REGISTRARS)) -> Response:
    """The enterprise stays paused until it is activated."""
    return await command.change(
        enterprise_id,
        lambda transaction: handlers.renew_consent(transaction, enterprise_id, caller, **dict(body), on=today()),
        EnterpriseOut,
        Enterprise,
    )
