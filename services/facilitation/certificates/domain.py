"""A certificate as it looks from outside: never whose it is."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class CertificateState(StrEnum):
    """What a certificate is worth on a day."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """From when to when a certificate holds; dates are included, except the one on which it was revoked."""

    issued_on: date
    valid_until: date | None
    revoked_on: date | None

    def on(self, day: date) -> CertificateState:
        """What it is worth that day."""
        if self.revoked_on and self.revoked_on <= day:
            return CertificateState.REVOKED
        return CertificateState.EXPIRED if self.valid_until and self.valid_until < day else CertificateState.VALID


_MISTAKEN = str.maketrans("OIL", "011")


def normalised(code: str) -> str:
    """The code as it is kept: letters that are mistaken for digits are those digits, hyphens where they belong."""
    plain = code.upper().translate(_MISTAKEN).replace("-", "").replace(" ", "")
    return "-".join(plain[start : start + 5] for start in range(0, len(plain), 5))
