"""Callers: bearer JWTs checked against an OIDC issuer's keys, their roles, and how far these reach."""

import asyncio
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from shared import telemetry

ALGORITHMS = ["RS256", "ES256"]
LEEWAY_SECONDS = 60
MAX_TOKEN_CHARS = 8192
_REFETCH_SECONDS = 60.0
_RETRY_SECONDS = 5.0
log = telemetry.logger(__name__)


class Role(StrEnum):
    """Whom the programme knows; R1 to R12 of the role matrix."""

    COORDINATOR = "coordinator"  # Kemenko PMK
    PROGRAMME_OWNER = "programme_owner"  # KemenKopUKM Eselon I unit
    PARTNER_MINISTRY = "partner_ministry"
    PROVINCE = "province"
    REGENCY = "regency"
    MENTOR = "mentor"  # pendamping
    LENDER = "lender"
    BUYER = "buyer"
    AUDITOR = "auditor"
    PUBLIC = "public"
    SYSTEM_ADMIN = "system_admin"  # technical operation, no business data
    DATA_PROTECTION_OFFICER = "data_protection_officer"


REGIONAL = frozenset({Role.PROVINCE, Role.REGENCY, Role.MENTOR})
"""Roles that see only the regions named in their token."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified token: a subject in one role, of one institution, for the regions under the given Kemendagri codes."""

    subject: str
    role: Role
    institution_id: UUID | None
    regions: tuple[str, ...] = ()

    def covers(self, region_code: str) -> bool:
        """Whether the region lies within the caller's scope: the same code or a part of it at a dot; no regions means everywhere,
        except for regional roles, for whom it means nowhere.
        """
        if not self.regions:
            return self.role not in REGIONAL
        return any(region_code == own or region_code.startswith(f"{own}.") for own in self.regions)

    def acts_for(self, institution_id: UUID | None) -> bool:
        """Whether the caller belongs to that institution."""
        return institution_id is not None and self.institution_id == institution_id


class InvalidToken(Exception):
    """The token is not accepted; the text says which requirement failed, never what the token held."""


class KeysUnavailable(Exception):
    """The issuer's keys are not known yet, so no token can be checked."""


class TokenVerifier:
    """Checks tokens for one audience: algorithm, key, issuer, audience, expiry and subject are all required."""

    def __init__(self, issuer: str, audience: str, jwks: str) -> None:
        self._jwks = jwks
        self._keys: KeySet | None = None
        self._asked = -_REFETCH_SECONDS
        self._asking = asyncio.Lock()
        self._verified: dict[str, tuple[int, Caller]] = {}
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )

    async def verify(self, token: str) -> Caller:
        """The caller, or `InvalidToken`, or `KeysUnavailable`. A verified token is remembered until it expires, so that the signature is checked once."""
        expires, caller = self._verified.get(token, (0, None))
        if caller and expires + LEEWAY_SECONDS > time.time():
            return caller
        if len(token) > MAX_TOKEN_CHARS:
            raise InvalidToken("the token is longer than 8 KB")
        claims = (await self._decode(token)).claims
        try:
            self._claims.validate(claims)
        except JoseError as error:
            raise InvalidToken(f"claim refused: {getattr(error, 'claim', None) or error.error}") from None
        caller = _caller(claims)
        if len(self._verified) >= 10_000:
            self._verified.clear()
        self._verified[token] = (int(claims["exp"]), caller)
        return caller

    async def _decode(self, token: str) -> jwt.Token:
        if self._keys is None:
            await self._fetch(at_most_every=_RETRY_SECONDS)
        if self._keys is None:
            raise KeysUnavailable
        try:
            return jwt.decode(token, self._keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            # A key we do not know may be a new one; asked for at most once a minute, whatever is thrown at us.
            if not await self._fetch(at_most_every=_REFETCH_SECONDS):
                raise InvalidToken("signature, key or algorithm refused") from error
        try:
            return jwt.decode(token, self._keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise InvalidToken("signature, key or algorithm refused") from error

    async def _fetch(self, *, at_most_every: float) -> bool:
        """Ask the issuer for its keys, unless that was done a moment ago; whether new ones came. Until they do the old ones serve."""
        async with self._asking:
            if time.monotonic() - self._asked < at_most_every:
                return False
            self._asked = time.monotonic()
            try:
                self._keys = KeySet.import_key_set(await self._document())
            except (httpx.HTTPError, JoseError, OSError, ValueError, TypeError, KeyError) as error:
                log.warning("the issuer's keys cannot be had", jwks=self._jwks, error=repr(error))
                return False
            return True

    async def _document(self) -> KeySetSerialization:
        if not self._jwks.startswith(("https://", "http://")):
            stored: KeySetSerialization = json.loads(await asyncio.to_thread(Path(self._jwks).read_text))
            return stored
        async with httpx.AsyncClient(timeout=5, follow_redirects=False) as client:
            answer: KeySetSerialization = (await client.get(self._jwks)).raise_for_status().json()
            return answer


def _caller(claims: dict[str, Any]) -> Caller:
    try:
        role = Role(claims["role"])
        institution = UUID(claims["institution_id"]) if claims.get("institution_id") else None
        regions = claims.get("regions", [])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise InvalidToken("claim refused: role or institution_id") from None
    if not isinstance(regions, list) or not all(isinstance(code, str) and code for code in regions):
        raise InvalidToken("claim refused: regions")
    return Caller(str(claims["sub"]), role, institution, tuple(regions))


def names(roles: Iterable[Role]) -> list[str]:
    """Role names in a stable order."""
    return sorted(str(role) for role in roles)
