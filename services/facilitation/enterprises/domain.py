"""An enterprise in the register, from its entry to its graduation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from services.facilitation.enterprises.criteria import criteria_on
from services.facilitation.enterprises.kbli import section_of
from services.facilitation.enterprises.problems import (
    ConsentInFuture,
    ConsentMissing,
    DeciderReverses,
    KbliOutsideSection,
    LegalityEnded,
    MergeTooOld,
    NotMicro,
    RegistrarVerifies,
)
from services.facilitation.located import Located
from shared.aggregate import Living, step
from shared.contracts.facilitation import EnterpriseRegistered
from shared.contracts.facilitation_registry import (
    EnterpriseActivated,
    EnterpriseConsentRenewed,
    EnterpriseConsentWithdrawn,
    EnterpriseEligibilityAssessed,
    EnterpriseExited,
    EnterpriseGraduated,
    EnterpriseHouseholdLinked,
    EnterpriseLadderStepReached,
    EnterpriseLegalityUpgraded,
    EnterpriseMerged,
    EnterpriseMergeReversed,
    EnterprisePaused,
    EnterpriseRelapsed,
    EnterpriseVerified,
)
from shared.money import Rupiah

MICRO = "micro"
STOP_WITHIN = timedelta(days=3)
"""UU 27/2022 Pasal 40: processing ends within 3 x 24 hours after consent was withdrawn."""


class EnterpriseStatus(StrEnum):
    """Where an enterprise stands."""

    REGISTERED = "registered"
    VERIFIED = "verified"
    ACTIVE = "active"
    PAUSED = "paused"
    GRADUATED = "graduated"
    EXITED = "exited"
    MERGED = "merged"


class Sex(StrEnum):
    """As on the identity card."""

    FEMALE = "female"
    MALE = "male"


class LegalityType(StrEnum):
    """A step towards legality."""

    NIB = "nib"
    HALAL = "halal"
    PIRT = "pirt"
    SNI = "sni"
    NPWP = "npwp"


class Channel(StrEnum):
    """How an enterprise came into the register."""

    FORM = "form"
    IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Legality:
    """A document that the enterprise holds; its number is not needed here, except the NIB's."""

    legality_type: LegalityType
    risk_level: str | None
    valid_until: date | None
    recorded_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """The owner's household in a register of the poor (P3KE, DTSEN), as that register gives it; nothing is computed."""

    source_code: str
    source_version: str
    welfare_decile: int | None
    linked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Under which other enterprise this one goes on, and what it was before."""

    merge_id: UUID
    surviving_enterprise_id: UUID
    decided_by: str
    merged_on: date
    reversible_until: date
    status_before: EnterpriseStatus
    group_id: UUID | None
    member_role: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who owns an enterprise: sealed, masked, and hashed under a key; the name as keys of comparison too. `warnings` are for people to look at."""

    name: str
    nik: bytes
    nik_index: bytes
    nik_masked: str
    birth_index: bytes
    keys: list[str]
    sex: Sex | None
    warnings: list[str]


S = EnterpriseStatus
_LIVE = (S.REGISTERED, S.VERIFIED, S.ACTIVE, S.PAUSED)


@dataclass(eq=False, kw_only=True)
class Enterprise(Located, Living):
    """A micro enterprise (usaha mikro) and its owner.

    The owner's NIK is kept sealed, with a keyed hash for equality and a mask for showing. Names and NIK stay in this service.
    """

    name: str
    owner_name: str
    owner_nik: bytes
    owner_nik_index: bytes
    owner_nik_masked: str
    kbli_section: str
    scale_code: str
    capital_idr: Rupiah
    annual_sales_idr: Rupiah
    nib: str | None
    consent_purpose: str
    consent_on: date
    registered_on: date
    status: EnterpriseStatus = S.REGISTERED
    kbli_code: str | None = None
    owner_sex: Sex | None = None
    owner_birth_index: bytes | None = None
    owner_keys: list[str] = field(default_factory=list)
    name_keys: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    registered_by: str = ""
    verified_by: str | None = None
    legality: list[Legality] = field(default_factory=list)
    household: Household | None = None
    activated_on: date | None = None
    ladder_step: str = S.REGISTERED
    ladder_since: date | None = None
    reason_code: str | None = None
    consent_withdrawn_on: date | None = None
    merge: Merge | None = None
    graduated_on: date | None = None

    LIFE: ClassVar = {
        "verify": step(S.REGISTERED, to=S.VERIFIED),
        "activate": step(S.VERIFIED, S.PAUSED, to=S.ACTIVE),
        "upgrade_legality": step(S.REGISTERED, S.VERIFIED, S.ACTIVE),
        "link_household": step(*_LIVE),
        "assess_eligibility": step(S.VERIFIED, S.ACTIVE, S.PAUSED),
        "pause": step(S.ACTIVE, to=S.PAUSED),
        "climb": step(S.ACTIVE),
        "graduate": step(S.ACTIVE, to=S.GRADUATED),
        "relapse": step(S.GRADUATED, to=S.ACTIVE),
        "exit": step(*_LIVE, to=S.EXITED),
        "merge": step(*_LIVE, S.GRADUATED, to=S.MERGED),
        "unmerge": step(S.MERGED),
        "withdraw_consent": step(*_LIVE, S.GRADUATED, to=S.PAUSED),
        "renew_consent": step(S.PAUSED),
    }

    @classmethod
    def register(
        cls,
        *,
        id: UUID,
        name: str,
        name_keys: list[str],
        owner: Owner,
        region_code: str,
        kbli_section: str,
        kbli_code: str | None,
        capital_idr: Rupiah,
        annual_sales_idr: Rupiah,
        nib: str | None,
        consent_purpose: str,
        consent_on: date,
        by: str,
        channel: Channel,
        duplicate_candidates: int,
        on: date,
    ) -> Self:
        """Enter it in the register, if it is micro on that day and its owner agreed."""
        criteria = criteria_on(on)
        if not criteria.is_micro(capital_idr=capital_idr, annual_sales_idr=annual_sales_idr):
            raise NotMicro(capital_max_idr=criteria.micro_capital_max_idr, annual_sales_max_idr=criteria.micro_annual_sales_max_idr, source=criteria.source)
        if consent_on > on:
            raise ConsentInFuture
        if kbli_code and (section := section_of(kbli_code)) != kbli_section:
            raise KbliOutsideSection(kbli_code=kbli_code, section=section or "-")
        enterprise = cls(
            id=id,
            name=name,
            owner_name=owner.name,
            owner_nik=owner.nik,
            owner_nik_index=owner.nik_index,
            owner_nik_masked=owner.nik_masked,
            owner_birth_index=owner.birth_index,
            owner_keys=owner.keys,
            owner_sex=owner.sex,
            warnings=owner.warnings,
            name_keys=name_keys,
            region_code=region_code,
            kbli_section=kbli_section,
            kbli_code=kbli_code,
            scale_code=MICRO,
            capital_idr=capital_idr,
            annual_sales_idr=annual_sales_idr,
            nib=nib,
            legality=[Legality(legality_type=LegalityType.NIB, risk_level=None, valid_until=None, recorded_on=on)] if nib else [],
            consent_purpose=consent_purpose,
            consent_on=consent_on,
            registered_on=on,
            registered_by=by,
            ladder_since=on,
        )
        enterprise.record(
            EnterpriseRegistered(
                enterprise_id=id,
                region_code=region_code,
                kbli_section=kbli_section,
                scale_code=MICRO,
                registration_channel=channel,
                duplicate_candidate_count=duplicate_candidates,
            )
        )
        return enterprise

    def verify(self, by: str, method: str) -> None:
        """Found to be there, by somebody other than who registered it."""
        self.move("verify")
        if by == self.registered_by:
            raise RegistrarVerifies
        self.verified_by = by
        self.record(EnterpriseVerified(enterprise_id=self.id, verification_method=method, has_nib=self.nib is not None))

    def activate(self, *, group_id: UUID, location_priority_id: UUID | None, waiver_id: UUID | None, on: date) -> None:
        """Open it to facilitation, as a member of an active group, in a priority location or under a waiver."""
        self.move("activate")
        if self.consent_withdrawn_on:
            raise ConsentMissing
        self.reason_code = None
        self.activated_on = self.activated_on or on
        self.record(
            EnterpriseActivated(
                enterprise_id=self.id,
                group_id=group_id,
                region_code=self.region_code,
                location_priority_id=location_priority_id,
                waiver_id=waiver_id,
            )
        )

    def upgrade_legality(self, *, legality_type: LegalityType, nib: str | None, risk_level: str | None, valid_until: date | None, on: date) -> None:
        """Record a document; of one kind the last one counts."""
        self.move("upgrade_legality")
        if valid_until and valid_until < on:
            raise LegalityEnded(valid_until=str(valid_until))
        kept = [each for each in self.legality if each.legality_type != legality_type]
        self.legality = [*kept, Legality(legality_type=legality_type, risk_level=risk_level, valid_until=valid_until, recorded_on=on)]
        if nib:
            self.nib = nib
        self.record(EnterpriseLegalityUpgraded(enterprise_id=self.id, legality_type=legality_type, risk_level=risk_level, valid_until=valid_until))

    def link_household(self, *, source_code: str, source_version: str, welfare_decile: int | None, on: date) -> None:
        """Say where the owner's household stands in a register of the poor."""
        self.move("link_household")
        self.household = Household(source_code=source_code, source_version=source_version, welfare_decile=welfare_decile, linked_on=on)
        self.record(EnterpriseHouseholdLinked(enterprise_id=self.id, source_code=source_code, source_version=source_version, welfare_decile=welfare_decile))

    def assess_eligibility(self, *, service_code: str, outcome: str, reason_codes: Sequence[str], rule_version: int, inputs_hash: str) -> None:
        """Whether a service is open to it; where it stands does not change, so a pause stays one."""
        self.move("assess_eligibility")
        self.record(
            EnterpriseEligibilityAssessed(
                enterprise_id=self.id,
                service_code=service_code,
                outcome=outcome,
                reason_codes=list(reason_codes),
                rule_version=rule_version,
                inputs_hash=inputs_hash,
            )
        )

    def pause(self, reason_code: str) -> None:
        """Let facilitation rest until it is activated again."""
        self.move("pause")
        self.reason_code = reason_code
        self.record(EnterprisePaused(enterprise_id=self.id, reason_code=reason_code))

    def climb(self, to_step: str, criteria_version: int, on: date) -> None:
        """Reach the next step of the ladder."""
        self.move("climb")
        days = (on - (self.ladder_since or self.registered_on)).days
        from_step, self.ladder_step, self.ladder_since = self.ladder_step, to_step, on
        self.record(
            EnterpriseLadderStepReached(enterprise_id=self.id, from_step=from_step, to_step=to_step, days_in_step=days, criteria_version=criteria_version)
        )

    def graduate(self, *, group_id: UUID | None, criteria_version: int, on: date) -> None:
        """Let it go: it stands by itself."""
        self.move("graduate")
        begun = self.activated_on or self.registered_on
        self.graduated_on = on
        self.record(
            EnterpriseGraduated(
                enterprise_id=self.id,
                group_id=group_id,
                region_code=self.region_code,
                criteria_version=criteria_version,
                months_in_programme=(on.year - begun.year) * 12 + on.month - begun.month,
            )
        )

    def relapse(self, reason_code: str) -> None:
        """Take a graduated one back."""
        self.move("relapse")
        self.graduated_on = None
        self.record(EnterpriseRelapsed(enterprise_id=self.id, reason_code=reason_code))

    def exit(self, reason_code: str) -> None:
        """Let it go for another reason."""
        self.move("exit")
        self.reason_code = reason_code
        self.record(EnterpriseExited(enterprise_id=self.id, reason_code=reason_code))

    def merge_into(self, merge: Merge) -> None:
        """Go on under another id."""
        self.move("merge")
        self.merge = merge
        self.record(
            EnterpriseMerged(
                enterprise_id=self.id,
                surviving_enterprise_id=merge.surviving_enterprise_id,
                merge_id=merge.merge_id,
                reversible_until=merge.reversible_until,
            )
        )

    def unmerge(self, by: str, on: date) -> Merge:
        """Go on under its own id again, as what it was before; how it had been merged."""
        self.move("unmerge")
        assert self.merge, "a merged enterprise has its merge"
        undone = self.merge
        if by == undone.decided_by:
            raise DeciderReverses
        if on > undone.reversible_until:
            raise MergeTooOld(reversible_until=str(undone.reversible_until))
        self.status, self.merge = undone.status_before, None
        self.record(EnterpriseMergeReversed(enterprise_id=self.id, surviving_enterprise_id=undone.surviving_enterprise_id, merge_id=undone.merge_id))
        return undone

    def withdraw_consent(self, on: date) -> None:
        """The owner does not agree any longer: facilitation rests."""
        self.move("withdraw_consent")
        self.consent_withdrawn_on = on
        self.record(EnterpriseConsentWithdrawn(enterprise_id=self.id, purpose_code=self.consent_purpose, effective_on=on, stop_by=on + STOP_WITHIN))

    def renew_consent(self, purpose_code: str, consent_on: date, on: date) -> None:
        """The owner agrees again; it is activated apart."""
        self.move("renew_consent")
        if consent_on > on:
            raise ConsentInFuture
        self.consent_purpose, self.consent_on, self.consent_withdrawn_on = purpose_code, consent_on, None
        self.record(EnterpriseConsentRenewed(enterprise_id=self.id, purpose_code=purpose_code, effective_on=consent_on))
