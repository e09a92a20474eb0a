"""What is known of an institution that may hold trainings."""

from enum import StrEnum

from shared.contracts.coordination import InstitutionMerged, InstitutionReinstated, InstitutionRetired, InstitutionSuspended, InstitutionVerified
from shared.errors import Refused


class ProviderStatus(StrEnum):
    """Where an institution stands in coordination's register."""

    VERIFIED = "verified"
    SUSPENDED = "suspended"
    MERGED = "merged"
    RETIRED = "retired"


InstitutionChange = InstitutionVerified | InstitutionSuspended | InstitutionReinstated | InstitutionMerged | InstitutionRetired
STATUS_AFTER: dict[type[InstitutionChange], ProviderStatus] = {
    InstitutionVerified: ProviderStatus.VERIFIED,
    InstitutionSuspended: ProviderStatus.SUSPENDED,
    InstitutionReinstated: ProviderStatus.VERIFIED,
    InstitutionMerged: ProviderStatus.MERGED,
    InstitutionRetired: ProviderStatus.RETIRED,
}
"""What each event of coordination leads to."""


class ProviderNotVerified(Refused):
    """Trainings are held by institutions that somebody else verified."""

    code = "provider_not_verified"
    message = ("Lembaga penyelenggara belum atau tidak lagi terverifikasi.", "The provider is not verified, or not any more.")
    action = (
        "Minta verifikasi melalui POST /coordination/v1/institutions/{{id}}/verify, lalu lihat GET /facilitation/v1/training-providers.",
        "Have it verified with POST /coordination/v1/institutions/{{id}}/verify, then see GET /facilitation/v1/training-providers.",
    )
