"""Who is believed, how far a role reaches, and which settings are refused."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from services.coordination.app import SERVICE
from shared.security import identity
from shared.security.identity import Caller, InvalidToken, KeysUnavailable, Role, TokenVerifier
from shared.settings import DEMO, DEMO_ISSUER, Settings, SettingsError, load_settings
from tests.kafka import free_port
from tests.kit import Person, Served

ISSUER, AUDIENCE = "https://id.example", "entaskan.coordination"
KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "other", "use": "sig", "alg": "RS256"}, private=True)
CURVE = ECKey.generate_key("P-256", {"kid": "curve", "use": "sig", "alg": "ES256"}, private=True)


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims, some of them changed; None leaves one out."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": [AUDIENCE], "sub": "pseudonym-1", "role": "lender", "iat": now, "exp": now + 86_400}
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(content: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    return jwt.encode({"alg": key.alg, "kid": key.kid} | header, content, key, algorithms=["RS256", "ES256"])


def by_hand(header: Any, content: Any, sign: Callable[[bytes], bytes] = lambda _: b"") -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, content)]
    signature = base64.urlsafe_b64encode(sign(b".".join(parts))).rstrip(b"=")
    return b".".join([*parts, signature]).decode()


@pytest.fixture
def verifier(tmp_path: Path) -> TokenVerifier:
    """Of an issuer with an RSA and an elliptic-curve key."""
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [KEY.as_dict(private=False), CURVE.as_dict(private=False)]}))
    return TokenVerifier(ISSUER, AUDIENCE, str(jwks))


async def test_a_good_token_names_its_caller(verifier: TokenVerifier) -> None:
    institution = uuid4()
    token = signed(claims(institution_id=str(institution), regions=["53", "52.01"], aud=AUDIENCE))
    assert await verifier.verify(token) == Caller("pseudonym-1", Role.LENDER, institution, ("53", "52.01"))
    assert (await verifier.verify(signed(claims(), CURVE))).role is Role.LENDER
    assert (await verifier.verify(signed(claims(exp=int(time.time()) - 30)))).subject == "pseudonym-1", "clocks may differ by a minute"


NOW = int(time.time())
PUBLIC_PEM = KEY.as_pem(private=False)
REFUSED = {
    "alg none": by_hand({"alg": "none", "kid": "first"}, claims()),
    "alg None without signature": by_hand({"alg": "None"}, claims()),
    "HS256 with the public key": by_hand({"alg": "HS256", "kid": "first"}, claims(), lambda signing: hmac.digest(PUBLIC_PEM, signing, hashlib.sha256)),
    "signed by another key": signed(claims(), OTHER),
    "signed by another key in our key's name": signed(claims(), OTHER, kid="first"),
    "signed by a key it brings along": signed(claims(), OTHER, jwk=OTHER.as_dict(private=False)),
    "signed by a key it points to": signed(claims(), OTHER, jku="https://evil.example/jwks.json", x5u="https://evil.example/x"),
    "kid that is a path": signed(claims(), OTHER, kid="../../../../dev/null"),
    "kid that is SQL": signed(claims(), OTHER, kid="' OR 1=1 --"),
    "another issuer": signed(claims(iss="https://evil.example")),
    "another service": signed(claims(aud=["entaskan.mapping"])),
    "audience as a prefix": signed(claims(aud=["entaskan.coordination.x"])),
    "expired": signed(claims(exp=NOW - 120)),
    "not yet valid": signed(claims(nbf=NOW + 43_200)),
    "issued in the future": signed(claims(iat=NOW + 43_200)),
    **{f"without {name}": signed(claims(**{name: None})) for name in ("iss", "aud", "sub", "exp", "iat", "role")},
    "expiry without end": jwt.encode({"alg": "RS256", "kid": "first"}, claims(exp=float("inf")), KEY),
    "expiry in words": signed(claims(exp="never")),
    "empty subject": signed(claims(sub="")),
    "subject that is no text": signed(claims(sub=1)),
    "unknown role": signed(claims(role="root")),
    "list of roles": signed(claims(role=["lender"])),
    "institution that is no id": signed(claims(institution_id="x")),
    "institution that is an object": signed(claims(institution_id={"a": 1})),
    "regions as text": signed(claims(regions="53")),
    "a region without a code": signed(claims(regions=[""])),
    "longer than 8 KB": signed(claims(padding="x" * 8192)),
    "claims that are a list": by_hand({"alg": "RS256", "kid": "first"}, []),
    "header that is a list": by_hand([], claims()),
    "header that is null": by_hand(None, claims()),
    "alg that is a number": by_hand({"alg": 1, "kid": "first"}, claims()),
    "kid that is an object": by_hand({"alg": "RS256", "kid": {"a": 1}}, claims()),
    "critical extension": by_hand({"alg": "RS256", "kid": "first", "crit": ["x"], "x": 1}, claims()),
    "nested without end": f"{base64.urlsafe_b64encode(b'[' * 5000).decode()}.e30.e30",
    "no dots": "nonsense",
    "dots only": "....",
    "not ASCII": "é.é.é",
    "a surrogate": "\ud800.a.b",
    "empty": "",
}


@pytest.mark.parametrize("kind", REFUSED)
async def test_a_token_with_any_flaw_is_refused_without_being_quoted(verifier: TokenVerifier, kind: str) -> None:
    for _ in range(2):
        with pytest.raises(InvalidToken) as refused:
            await verifier.verify(REFUSED[kind])
        assert len(str(refused.value)) < 100


async def test_a_token_tampered_with_after_it_was_accepted_is_refused(verifier: TokenVerifier) -> None:
    token = signed(claims())
    await verifier.verify(token)
    header, _, signature = token.split(".")
    richer = by_hand({}, claims(role="system_admin")).split(".")[1]
    with pytest.raises(InvalidToken):
        await verifier.verify(f"{header}.{richer}.{signature}")


async def test_an_accepted_token_ends_when_it_expires(verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch) -> None:
    token = signed(claims(exp=int(time.time()) + 600))
    await verifier.verify(token)
    later = time.time() + 700
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(InvalidToken):
        await verifier.verify(token)


class Issuer:
    """An issuer's key endpoint that counts its callers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        self.keys = [KEY]
        self.answer: Callable[[], httpx.Response] | None = None
        self.clock = 1000.0
        monkeypatch.setattr(httpx, "AsyncClient", partial(httpx.AsyncClient, transport=httpx.MockTransport(self._serve)))
        monkeypatch.setattr(identity, "time", SimpleNamespace(monotonic=lambda: self.clock, time=time.time))

    def _serve(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        return self.answer() if self.answer else httpx.Response(200, json={"keys": [key.as_dict(private=False) for key in self.keys]})


@pytest.fixture
def issuer_at(monkeypatch: pytest.MonkeyPatch) -> Issuer:
    return Issuer(monkeypatch)


@pytest.fixture
def remote() -> TokenVerifier:
    return TokenVerifier(ISSUER, AUDIENCE, "https://id.example/jwks.json")


async def test_a_flood_of_unknown_keys_asks_the_issuer_once_a_minute(issuer_at: Issuer, remote: TokenVerifier) -> None:
    assert await remote.verify(signed(claims()))
    for n in range(50):
        with pytest.raises(InvalidToken):
            await remote.verify(signed(claims(), OTHER, kid=f"unknown-{n}"))
    assert issuer_at.asked == 1
    issuer_at.clock += 61
    for n in range(50):
        with pytest.raises(InvalidToken):
            await remote.verify(signed(claims(), OTHER, kid=f"unknown-{n}"))
    assert issuer_at.asked == 2


async def test_a_new_key_of_the_issuer_is_learnt_within_a_minute(issuer_at: Issuer, remote: TokenVerifier) -> None:
    assert await remote.verify(signed(claims()))
    issuer_at.keys, issuer_at.clock = [KEY, OTHER], issuer_at.clock + 61
    assert await remote.verify(signed(claims(), OTHER))
    assert await remote.verify(signed(claims(sub="again")))


BROKEN: dict[str, Callable[[], httpx.Response]] = {
    "away": lambda: (_ for _ in ()).throw(httpx.ConnectError("away")),
    "error": lambda: httpx.Response(500),
    "elsewhere": lambda: httpx.Response(302, headers={"location": "https://evil.example/"}),
    "no JSON": lambda: httpx.Response(200, text="<html>"),
    "another document": lambda: httpx.Response(200, json=["keys"]),
    "keys that are none": lambda: httpx.Response(200, json={"keys": [{"kty": "RSA"}]}),
}


@pytest.mark.parametrize("fault", BROKEN)
async def test_an_issuer_that_cannot_be_asked_is_not_asked_by_every_request(issuer_at: Issuer, remote: TokenVerifier, fault: str) -> None:
    issuer_at.answer = BROKEN[fault]
    for _ in range(20):
        with pytest.raises(KeysUnavailable):
            await remote.verify(signed(claims()))
    assert issuer_at.asked == 1
    issuer_at.answer, issuer_at.clock = None, issuer_at.clock + 10
    assert await remote.verify(signed(claims()))


@pytest.mark.parametrize("fault", BROKEN)
async def test_known_keys_go_on_serving_while_the_issuer_is_away(issuer_at: Issuer, remote: TokenVerifier, fault: str) -> None:
    assert await remote.verify(signed(claims()))
    issuer_at.answer, issuer_at.clock = BROKEN[fault], issuer_at.clock + 61
    with pytest.raises(InvalidToken):
        await remote.verify(signed(claims(), OTHER))
    assert await remote.verify(signed(claims(sub="another")))


async def test_without_the_issuers_keys_a_request_is_answered_503(serving: Callable[..., Any], person: Callable[..., Person]) -> None:
    served: Served = await serving(SERVICE)
    served.app.state.verifier = TokenVerifier(ISSUER, AUDIENCE, f"http://127.0.0.1:{free_port()}/jwks.json")
    answer = await served.get("/v1/institutions", person(Role.AUDITOR))
    assert (answer.status_code, answer.json()["code"]) == (503, "issuer_unavailable")
    assert int(answer.headers["retry-after"]) > 0


def caller(role: Role, *regions: str) -> Caller:
    return Caller("someone", role, None, regions)


@pytest.mark.parametrize(
    ("own", "asked", "covered"),
    [
        ("53", "53", True),
        ("53", "53.04", True),
        ("53.04", "53.04", True),
        ("53.04", "53.04.01", True),
        ("53.0", "53.04", False),
        ("5", "53", False),
        ("53", "5", False),
        ("53.04", "53", False),
        ("53.04", "53.05", False),
        ("53.04", "53.040", False),
        ("53", "530", False),
        ("5.3", "53.04", False),
    ],
)
def test_a_region_covers_itself_and_what_lies_below_it_at_a_dot(own: str, asked: str, covered: bool) -> None:
    assert caller(Role.REGENCY, own).covers(asked) is covered
    assert caller(Role.LENDER, "99", own).covers(asked) is covered


def test_without_regions_a_regional_role_sees_nothing_and_another_everything() -> None:
    assert {role for role in Role if caller(role).covers("53.04")} == set(Role) - {Role.PROVINCE, Role.REGENCY, Role.MENTOR}


def test_nobody_acts_for_no_institution() -> None:
    institution = uuid4()
    assert Caller("x", Role.LENDER, institution).acts_for(institution)
    assert not Caller("x", Role.LENDER, institution).acts_for(uuid4())
    assert not Caller("x", Role.LENDER, None).acts_for(None)


SETTINGS = {
    "DATABASE_URL": "postgresql+asyncpg://service:hunter2@db/coordination",
    "EVENT_LOG": "kafka://broker:9092",
    "ISSUER": ISSUER,
    "JWKS": "https://id.example/jwks.json",
    "CURSOR_SECRET": "c" * 32,
    "NIK_KEY": "k" * 32,
    "NIK_INDEX_KEY": "i" * 32,
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`environment(ISSUER=…)`: good settings, some of them changed; None leaves one out."""

    def put(**changes: str | None) -> None:
        for name, value in (SETTINGS | changes).items():
            if value is None:
                monkeypatch.delenv(f"ENTASKAN_{name}", raising=False)
            else:
                monkeypatch.setenv(f"ENTASKAN_{name}", value)

    return put


def test_all_mistakes_are_listed_at_once_and_no_value_is_shown(environment: Callable[..., None]) -> None:
    demo = f"{DEMO}{'s' * 40}"
    environment(MODE=None, DATABASE_URL=None, CURSOR_SECRET="hunter2-short", ISSUER=DEMO_ISSUER, NIK_KEY=demo, NIK_INDEX_KEY=demo, MAX_BODY_BYTES="hunter2")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    told = str(refused.value)
    for name in ("DATABASE_URL", "CURSOR_SECRET", "ISSUER", "NIK_KEY", "NIK_INDEX_KEY", "MAX_BODY_BYTES"):
        assert f"ENTASKAN_{name}: " in told
    assert not [value for value in ("hunter2", demo, DEMO_ISSUER) if value in told]


@pytest.mark.parametrize("name", ["CURSOR_SECRET", "NIK_KEY", "NIK_INDEX_KEY", "ISSUER"])
def test_each_demo_value_is_refused_outside_embedded_mode(environment: Callable[..., None], name: str) -> None:
    value = DEMO_ISSUER if name == "ISSUER" else f"{DEMO}{'s' * 40}"
    environment(**{name: value})
    with pytest.raises(SettingsError, match=f"ENTASKAN_{name}: "):
        load_settings()
    environment(**{name: value}, MODE="embedded")
    assert load_settings().mode == "embedded"


def test_the_two_keys_for_niks_must_differ(environment: Callable[..., None]) -> None:
    environment(NIK_INDEX_KEY=SETTINGS["NIK_KEY"])
    with pytest.raises(SettingsError, match="must differ"):
        load_settings()


def test_secrets_are_read_from_files_and_shown_nowhere(environment: Callable[..., None], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from-a-file-" + "x" * 32 + "\n")
    environment(CURSOR_SECRET=None, CURSOR_SECRET_FILE=str(secret))
    settings = load_settings()
    assert settings.cursor_secret == "from-a-file-" + "x" * 32
    shown = repr(settings) + str(settings)
    assert not [value for value in (settings.cursor_secret, settings.nik_key, settings.nik_index_key, "hunter2") if value in shown]


def test_a_missing_secret_file_is_one_of_the_mistakes(environment: Callable[..., None], tmp_path: Path) -> None:
    environment(CURSOR_SECRET=None, CURSOR_SECRET_FILE=str(tmp_path / "absent"), NIK_KEY="short")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "ENTASKAN_CURSOR_SECRET_FILE: " in str(refused.value)
    assert "ENTASKAN_NIK_KEY: " in str(refused.value)


def test_what_is_given_wins_over_the_environment(environment: Callable[..., None]) -> None:
    environment()
    assert load_settings(public_url="http://given").public_url == "http://given"
    assert isinstance(load_settings(), Settings)
