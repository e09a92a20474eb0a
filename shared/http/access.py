"""Who may call which route. Every route says so; the app factory refuses to build one that does not."""

from typing import Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from shared.errors import Forbidden, NotFound, Problem
from shared.security.identity import Caller, InvalidToken, KeysUnavailable, Role, TokenVerifier, names


class TokenMissing(Problem):
    """No bearer token was sent."""

    status = 401
    code = "token_missing"
    message = ("Token tidak ada.", "There is no token.")
    action = ("Kirim header Authorization: Bearer <token>.", "Send an Authorization: Bearer <token> header.")


class TokenRefused(Problem):
    """The bearer token is not accepted."""

    status = 401
    code = "token_refused"
    message = ("Token ditolak: {why}.", "The token was refused: {why}.")
    action = ("Minta token baru kepada penerbit identitas.", "Ask the identity provider for a new token.")


class IssuerUnavailable(Problem):
    """The issuer's keys cannot be had, so nobody can be recognised."""

    status = 503
    code = "issuer_unavailable"
    message = ("Penerbit identitas sementara tidak dapat dihubungi.", "The identity provider cannot be reached for the moment.")
    action = ("Ulangi sebentar lagi.", "Try again in a moment.")


class Allow(HTTPBearer):
    """A route's dependency: a verified caller in one of the roles, or, for `PUBLIC`, anybody. OpenAPI shows it as a bearer token."""

    def __init__(self, *roles: Role) -> None:
        super().__init__(auto_error=False, bearerFormat="JWT", scheme_name="bearer", description="`entaskan token --role …` prints one in embedded mode.")
        self.roles = frozenset(roles)

    async def __call__(self, request: Request) -> Caller | None:  # type: ignore[override]
        """The caller; 401 without an acceptable token, 403 in the wrong role."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token and Role.PUBLIC in self.roles:
            return None
        if scheme.lower() != "bearer" or not token:
            raise TokenMissing
        verifier: TokenVerifier = request.app.state.verifier
        try:
            caller = await verifier.verify(token.strip())
        except InvalidToken as error:
            raise TokenRefused(why=str(error)) from error
        except KeysUnavailable as error:
            raise IssuerUnavailable from error
        if caller.role not in self.roles and Role.PUBLIC not in self.roles:
            raise Forbidden(allowed_roles=names(self.roles))
        request.state.caller = caller
        return caller


def allow(*roles: Role) -> Any:
    """A route open to these roles: the default value of its parameter `caller`."""
    return Depends(Allow(*roles))


PUBLIC = Depends(Allow(Role.PUBLIC))
"""`dependencies=[PUBLIC]`: anybody may read; a token, if sent, must still be valid."""


def require_region(caller: Caller, region_code: str) -> None:
    """404 for what lies outside the caller's regions: existence is not told."""
    if not caller.covers(region_code):
        raise NotFound


def actor(caller: Caller) -> str:
    """How the caller is named in events and records: the token's subject, a pseudonym by agreement with issuers."""
    return caller.subject
