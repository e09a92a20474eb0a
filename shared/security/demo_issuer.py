"""A token issuer and secrets for embedded mode only, made at the first start and kept in the data folder.

Everything it makes carries the mark that `shared.settings` refuses outside embedded mode.
"""

import json
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import RSAKey

from shared.security.identity import Role
from shared.settings import DEMO, DEMO_ISSUER

AUDIENCES = ("entaskan.coordination", "entaskan.mapping", "entaskan.facilitation", "entaskan.monitoring")
_SECRETS = ("cursor_secret", "nik_key", "nik_index_key")


def demo_settings(folder: Path) -> dict[str, str]:
    """Issuer, key set and secrets for `Settings`, made in `folder` if they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (stored := folder / "secrets.json").exists():
        _write(stored, {name: DEMO + secrets.token_urlsafe(32) for name in _SECRETS})
    if not (private := folder / "issuer.json").exists():
        key = RSAKey.generate_key(2048, {"kid": DEMO + secrets.token_hex(4), "use": "sig", "alg": "RS256"}, private=True)
        _write(private, key.as_dict(private=True))
        _write(folder / "jwks.json", {"keys": [key.as_dict(private=False)]})
    known: dict[str, str] = json.loads(stored.read_text())
    return known | {"issuer": DEMO_ISSUER, "jwks": str(folder / "jwks.json")}


def _write(path: Path, document: object) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(document))
    partial.chmod(0o600)
    partial.replace(path)


def issue_token(
    folder: Path,
    *,
    subject: str,
    role: Role,
    institution_id: UUID | None = None,
    regions: Sequence[str] = (),
    audiences: Sequence[str] = AUDIENCES,
    seconds: int = 12 * 3600,
) -> str:
    """A bearer token of the demo issuer in `folder`; `FileNotFoundError` before the first start."""
    key = RSAKey.import_key(json.loads((folder / "issuer.json").read_text()))
    now = int(time.time())
    claims = {
        "iss": DEMO_ISSUER,
        "aud": list(audiences),
        "sub": subject,
        "role": str(role),
        "institution_id": str(institution_id) if institution_id else None,
        "regions": list(regions),
        "iat": now,
        "exp": now + seconds,
    }
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)
